using ScalingLab.Training.Benchmarks;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Tests.Stacks;

public sealed class ResidentTokensTests
{
    /// <summary>The file is copied a million tokens at a time.</summary>
    [Fact]
    public void Windows_of_a_long_file_are_its_own_tokens_wherever_they_lie()
    {
        const int chunk = 1 << 20, context = 7;
        using var corpus = new SyntheticCorpus(1000, chunk + 100);
        using DisposeScope scope = NewDisposeScope();
        using var tokens = new ResidentTokens(corpus.Corpus.Train, context);
        long[] starts = [0, chunk - 3, chunk, chunk + 100 - context - 1];
        long[] found = tokens.Windows(tensor(starts, [starts.Length])).data<long>().ToArray();
        var expected = new long[context + 1];
        for (int i = 0; i < starts.Length; i++)
        {
            corpus.Corpus.Train.CopyTokens(starts[i], expected);
            Assert.Equal(expected, found[(i * (context + 1))..((i + 1) * (context + 1))]);
        }
    }
}
