using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Model;

public sealed class IncrementalGptTests
{
    private const int Vocabulary = 19, Context = 16;

    public static TheoryData<Norm, Activation, Positions, bool, bool, KernelChoice> Switches => GptTests.Switches;

    [Theory]
    [MemberData(nameof(Switches))]
    public void Logits_are_those_of_the_whole_text_however_it_is_cut(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied, KernelChoice kernels)
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(norm, activation, positions, qkNorm, tied, ScalarType.Float32, kernels);
        long[] ids = Ids();
        float[] whole = model.Logits(tensor(ids, [1, Context])).data<float>().ToArray();
        using var reader = new IncrementalGpt(model);
        foreach (int[] cut in new int[][] { [Context], [.. Enumerable.Repeat(1, Context)], [1, 3, 7, 1, 4] })
        {
            reader.Clear();
            List<float> pieces = [];
            foreach (int length in cut)
                pieces.AddRange(reader.Read(ids.AsSpan(reader.Length, length)).contiguous().data<float>().ToArray());
            Assert.Equal(Context, reader.Length);
            Assert.True(whole.Zip(pieces).Max(p => Math.Abs(p.First - p.Second)) < 1e-5, $"cut {string.Join(" ", cut)}"); // float32 sums of 12 terms: 1e-6
        }
    }

    [Fact]
    public void In_double_precision_the_difference_is_rounding_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, true, false, ScalarType.Float64);
        long[] ids = Ids();
        double[] whole = model.Logits(tensor(ids, [1, Context])).data<double>().ToArray();
        using var reader = new IncrementalGpt(model);
        double[] pieces = [.. reader.Read(ids.AsSpan(0, 5)).data<double>().ToArray(), .. reader.Read(ids.AsSpan(5)).data<double>().ToArray()];
        Assert.True(whole.Zip(pieces).Max(p => Math.Abs(p.First - p.Second)) < 1e-13);
    }

    [Fact]
    public void More_than_the_context_is_refused_and_changes_nothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Make(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true, ScalarType.Float32);
        using var reader = new IncrementalGpt(model);
        reader.Read(Ids().AsSpan(0, 10)).Dispose();
        Assert.Throws<ArgumentException>(() => reader.Read(new long[7]));
        Assert.Throws<ArgumentException>(() => reader.Read([]));
        Assert.Equal(10, reader.Length);
        reader.Read(new long[6]).Dispose();
    }

    internal static Gpt Make(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied, ScalarType type, KernelChoice kernels = KernelChoice.Fused)
    {
        var shape = new ModelShape { Layers = 2, Width = 12, Heads = 3, ContextTokens = Context, Norm = norm, Activation = activation, Positions = positions, QkNorm = qkNorm, TiedHead = tied };
        var model = new Gpt(shape, Vocabulary, initStandardDeviation: 0.5, type: type, kernels: kernels); // large, so that a wrong mask or angle shows
        model.Parameters.Initialise(3);
        return model;
    }

    private static long[] Ids() => [.. Enumerable.Range(0, Context).Select(i => CounterRandom.NextBelow(9, 9, i, Vocabulary))];
}
