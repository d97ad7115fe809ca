using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Optim;

namespace ScalingLab.Training.Tests.Model;

/// <summary>What a GPU's step is made of, on the CPU: libtorch's attention and AdamW in one operator against the plain composition.</summary>
public sealed class LibtorchOperatorTests
{
    private static readonly ModelShape Shape = new() { Layers = 2, Width = 24, Heads = 2, ContextTokens = ShortWalk.Context, Norm = Norm.RmsNorm, Positions = Positions.Rope, QkNorm = true };

    [LaterLibtorchTheory("2.4.0")]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_hundred_losses_agree_to_a_hundred_thousandth(bool attention, bool adamW)
    {
        double[] reference = ShortWalk.Losses(Shape, KernelChoice.Reference);
        using var model = new Gpt(Shape, ShortWalk.Vocabulary, operators: new StepOperators { ScaledDotProductAttention = attention, FusedAdamW = adamW });
        using var optimizer = new AdamW(model.Parameters, new AdamConfig(), model.Operators);
        double[] found = ShortWalk.Losses(model, optimizer);
        for (int i = 0; i < found.Length; i++)
            Assert.True(Math.Abs(found[i] - reference[i]) <= 1e-5 * reference[i], $"step {i + 1}: {reference[i]:R} and {found[i]:R}");
        Assert.NotEqual(reference, found);
    }

    [LaterLibtorchTheory("2.4.0")]
    [InlineData(ProductType.Fp32)]
    [InlineData(ProductType.Bf16)]
    public void The_flops_of_one_step_are_those_of_the_analytic_count_forward_and_backward(ProductType dtype)
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new Gpt(Shape, ShortWalk.Vocabulary, dtype: dtype, operators: new StepOperators { ScaledDotProductAttention = true });
        (Tensor inputs, Tensor targets) = ShortWalk.Data(1);
        MeasuredFlops? measured = ProviderCapabilities.MeasureFlops(() => model.Loss(inputs, targets).backward());
        double forward = FlopCounts.MatrixProducts(Shape, ShortWalk.Vocabulary) / 3 * ShortWalk.Batch * ShortWalk.Context;
        Assert.Equal(new MeasuredFlops(forward, 2 * forward), measured);
    }

    [Fact]
    public void The_cpu_runs_our_own_operators_and_the_plain_ones_where_those_do_not_fit()
    {
        Assert.Equal(ProviderCapabilities.HasFusedKernels, StepOperators.For(KernelChoice.Fused, ProductType.Fp32, CPU).Own);
        Assert.Equal(StepOperators.Plain, StepOperators.For(KernelChoice.Reference, ProductType.Fp32, CPU));
        Assert.Equal(StepOperators.Plain, StepOperators.For(KernelChoice.Fused, ProductType.Bf16, CPU));
        Assert.Equal(StepOperators.Plain, StepOperators.For(KernelChoice.Reference, ProductType.Bf16, new Device("cuda:0")));
        StepOperators gpu = StepOperators.For(KernelChoice.Fused, ProductType.Bf16, new Device("cuda:1")); // not device(...), which in TorchSharp needs the GPU
        Assert.Equal((false, ProviderCapabilities.HasScaledDotProductAttention, ProviderCapabilities.HasFusedAdamW), (gpu.Own, gpu.ScaledDotProductAttention, gpu.FusedAdamW));
        Assert.Equal(ProviderCapabilities.HasFusedAdamWOfTensors, gpu.FusedAdamWOfTensors);
        Assert.False(StepOperators.Plain.FusedAdamWOfTensors);
    }

    /// <summary>The meta device has shapes and no memory: an operator that meets one tensor of it and one of the CPU throws.</summary>
    [LaterLibtorchTheory("2.0.0")]
    [InlineData(ProductType.Fp32)]
    [InlineData(ProductType.Bf16)]
    public void No_tensor_of_a_step_is_forgotten_on_the_cpu(ProductType dtype)
    {
        using DisposeScope scope = NewDisposeScope();
        Device meta = device("meta");
        using var model = new Gpt(Shape, ShortWalk.Vocabulary, device: meta, dtype: dtype, operators: StepOperators.Plain);
        using var optimizer = new AdamW(model.Parameters, new AdamConfig(), model.Operators);
        (_, Tensor targets) = ShortWalk.Data(1);
        Tensor embedded = zeros([ShortWalk.Batch, ShortWalk.Context, Shape.Width], device: meta).requires_grad_(); // lookups have no kernel there
        model.Parameters.ZeroGradients();
        Tensor loss = nn.functional.cross_entropy(model.Products.Full(model.LogitsOf(embedded, ShortWalk.Batch, ShortWalk.Context)), targets.On(meta));
        loss.backward();
        optimizer.Step(1, 1e-3);
        Assert.ThrowsAny<Exception>(() => loss.ToDouble()); // it is of that device indeed
        Assert.ThrowsAny<Exception>(() => model.LogitsOf(zeros([ShortWalk.Batch, ShortWalk.Context, Shape.Width]), ShortWalk.Batch, ShortWalk.Context)); // and would not take another's
    }
}

/// <summary>Skipped below a version of libtorch, and with a provider that lacks what these tests call.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LaterLibtorchTheoryAttribute : TheoryAttribute
{
    public LaterLibtorchTheoryAttribute(string version)
    {
        string found = ProviderCapabilities.LibTorchVersion;
        if (Version.Parse(found.Split('+', 'a', '-')[0]) < Version.Parse(version))
            Skip = $"needs libtorch {version}, this is {found}";
        else if (!ProviderCapabilities.MeasuresFlops || !ProviderCapabilities.HasFusedAdamW)
            Skip = $"{ProviderCapabilities.Name} reaches neither RecordFunction nor the fused AdamW";
    }
}
