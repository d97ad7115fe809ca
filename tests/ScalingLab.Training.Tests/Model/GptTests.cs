using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Model;

public sealed class GptTests
{
    private const int Vocabulary = 19;

    private static readonly (Norm, Activation, Positions, bool, bool)[] Shapes =
    [
        (Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true),
        (Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, true, false),
        (Norm.LayerNorm, Activation.Relu2, Positions.None, true, true),
        (Norm.RmsNorm, Activation.Gelu, Positions.Rope, false, true),
    ];

    public static TheoryData<Norm, Activation, Positions, bool, bool, KernelChoice> Switches
    {
        get
        {
            var cases = new TheoryData<Norm, Activation, Positions, bool, bool, KernelChoice>();
            foreach (KernelChoice kernels in Enum.GetValues<KernelChoice>())
            {
                foreach ((Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied) in Shapes)
                    cases.Add(norm, activation, positions, qkNorm, tied, kernels);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Gradients_equal_central_differences_in_double_precision(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied, KernelChoice kernels)
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(norm, activation, positions, qkNorm, tied, kernels: kernels);
        (Tensor inputs, Tensor targets) = Batch(2, 7);
        model.Loss(inputs, targets).backward();
        const double h = 1e-5; // error h² ~ 1e-10 against rounding 1e-16 / h ~ 1e-11
        foreach ((string name, Tensor parameter) in model.Parameters.Named)
        {
            double[] gradient = parameter.grad!.contiguous().data<double>().ToArray();
            for (int i = 0; i < gradient.Length; i += Math.Max(1, gradient.Length / 7))
            {
                double difference = (LossWith(i, +h) - LossWith(i, -h)) / (2 * h);
                Assert.True(Math.Abs(difference - gradient[i]) < 1e-8 + (1e-6 * Math.Abs(gradient[i])), $"{name}[{i}]: {gradient[i]:R} against {difference:R}");
            }

            double LossWith(int index, double change)
            {
                using DisposeScope inner = NewDisposeScope();
                using IDisposable _ = no_grad();
                parameter.detach().view(-1).narrow(0, index, 1).add_(change);
                double loss = model.Loss(inputs, targets).ToDouble();
                parameter.detach().view(-1).narrow(0, index, 1).add_(-change);
                return loss;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Parameters_of_the_model_are_those_counted_by_group(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied, KernelChoice kernels)
    {
        using Gpt model = Make(norm, activation, positions, qkNorm, tied, kernels: kernels);
        ParameterCounts counts = ParameterCounts.Of(model.Shape, Vocabulary);
        Assert.Equal(counts.Total, model.Parameters.Count);
        Assert.Equal(counts.Norms, Sum("norm"));
        Assert.Equal(counts.Attention, Sum("attention."));
        Assert.Equal(counts.Mlp, Sum("mlp."));
        Assert.Equal(counts.TokenEmbedding, Sum("token_embedding"));
        Assert.Equal(counts.PositionEmbedding, Sum("position_embedding"));
        Assert.Equal(counts.Head, Sum("head.weight"));

        long Sum(string part) => model.Parameters.Specs
            .Where(s => part == "norm" ? s.Name.Contains("norm.", StringComparison.Ordinal) : s.Name.Contains(part, StringComparison.Ordinal) && !s.Name.Contains("norm.", StringComparison.Ordinal))
            .Sum(s => s.Count);
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Measured_flops_of_a_step_equal_the_analytic_count_forward_and_backward(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied, KernelChoice kernels)
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(norm, activation, positions, qkNorm, tied, kernels: kernels);
        (Tensor inputs, Tensor targets) = Batch(3, model.Shape.ContextTokens);
        if (!ProviderCapabilities.MeasuresFlops)
            return;
        MeasuredFlops measured = ProviderCapabilities.MeasureFlops(() => model.Loss(inputs, targets).backward())!;
        double step = FlopCounts.MatrixProducts(model.Shape, Vocabulary) * 3 * model.Shape.ContextTokens;
        Assert.Equal(step / 3, measured.Forward);
        Assert.Equal(2 * step / 3, measured.Backward);
    }

    [Theory]
    [InlineData(Positions.Learned, KernelChoice.Fused)]
    [InlineData(Positions.Rope, KernelChoice.Fused)]
    [InlineData(Positions.Rope, KernelChoice.Reference)]
    public void No_token_sees_its_future(Positions positions, KernelChoice kernels)
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(Norm.LayerNorm, Activation.Gelu, positions, false, true, kernels: kernels);
        long[] ids = [1, 2, 3, 4, 5, 6];
        double[] before = model.Logits(tensor(ids, [1, 6])).data<double>().ToArray();
        ids[4] = 11;
        double[] after = model.Logits(tensor(ids, [1, 6])).data<double>().ToArray();
        Assert.Equal(before[..(4 * Vocabulary)], after[..(4 * Vocabulary)]);
        Assert.NotEqual(before[(4 * Vocabulary)..], after[(4 * Vocabulary)..]);
    }

    [Fact]
    public void Rotary_attention_depends_on_distance_and_not_on_place()
    {
        using DisposeScope scope = NewDisposeScope();
        using var rotary = new RotaryPositions(16, 8, ScalarType.Float64, CPU);
        Tensor q = tensor([.. Enumerable.Range(0, 8).Select(i => CounterRandom.Normal(1, 0, i))], [1, 1, 1, 8]);
        Tensor k = tensor([.. Enumerable.Range(0, 8).Select(i => CounterRandom.Normal(1, 1, i))], [1, 1, 1, 8]);
        Tensor repeated = ones([1, 16, 1, 1], dtype: ScalarType.Float64);
        Tensor qs = rotary.Rotate(q * repeated, 16), ks = rotary.Rotate(k * repeated, 16);
        double Product(int i, int j) => (qs.select(1, i) * ks.select(1, j)).sum().ToDouble();
        Assert.Equal(Product(5, 2), Product(12, 9), 1e-12);
        Assert.NotEqual(Product(5, 2), Product(5, 3), 1e-3);
    }

    [Fact]
    public void An_untrained_model_knows_nothing_but_the_size_of_the_vocabulary()
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true);
        (Tensor inputs, Tensor targets) = Batch(8, 16);
        Assert.Equal(Math.Log(Vocabulary), model.Loss(inputs, targets).ToDouble(), 0.3);
    }

    [Fact]
    public void Initial_weights_are_a_pure_function_of_the_seed()
    {
        using Gpt first = Make(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true);
        using Gpt again = Make(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true);
        using Gpt other = Make(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true, seed: 4);
        Assert.Equal(first.Parameters.Values.data<double>().ToArray(), again.Parameters.Values.data<double>().ToArray());
        Assert.NotEqual(first.Parameters.Values.data<double>().ToArray(), other.Parameters.Values.data<double>().ToArray());
    }

    private static Gpt Make(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied, int seed = 3, KernelChoice kernels = KernelChoice.Fused)
    {
        var shape = new ModelShape
        {
            Layers = 2,
            Width = 12,
            Heads = 3,
            ContextTokens = 16,
            Norm = norm,
            Activation = activation,
            Positions = positions,
            QkNorm = qkNorm,
            TiedHead = tied,
        };
        var model = new Gpt(shape, Vocabulary, type: ScalarType.Float64, kernels: kernels);
        model.Parameters.Initialise(seed);
        return model;
    }

    private static (Tensor Inputs, Tensor Targets) Batch(int rows, int tokens)
    {
        long[] ids = [.. Enumerable.Range(0, (rows * tokens) + 1).Select(i => CounterRandom.NextBelow(9, 9, i, Vocabulary))];
        return (tensor(ids[..^1], [rows, tokens]), tensor(ids[1..], [rows * tokens]));
    }
}
