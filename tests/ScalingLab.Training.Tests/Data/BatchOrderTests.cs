using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class BatchOrderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TokenFile tokens;

    /// <summary>1000 tokens: 999 letters, no two places of which read alike for long, and end-of-document.</summary>
    public BatchOrderTests()
    {
        var random = new Random(1);
        string path = Path.Combine(folder.Path, "t.bin");
        using (var writer = new TokenFileWriter(path, new ByteTokenizer(), new string('0', 64)))
        {
            writer.Add(Enumerable.Range(0, 999).Select(_ => (byte)random.Next('a', 'z')).ToArray());
            writer.Publish();
        }
        tokens = TokenFile.Open(path);
    }

    public void Dispose()
    {
        tokens.Dispose();
        folder.Dispose();
    }

    private static (long[] Inputs, long[] Targets) Batch(BatchOrder order, long step)
    {
        var inputs = new long[order.Sequences * order.ContextTokens];
        var targets = new long[inputs.Length];
        order.FillBatch(step, inputs, targets);
        return (inputs, targets);
    }

    [Theory, InlineData(1), InlineData(7), InlineData(16), InlineData(499), InlineData(500), InlineData(501), InlineData(999)]
    public void Each_epoch_has_every_window_once_and_no_input_twice(int context)
    {
        var order = new BatchOrder(tokens, context, sequences: 3, seed: 4);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            long[] starts = [.. Enumerable.Range(0, (int)order.WindowsPerEpoch).Select(i => order.StartOf(epoch * order.WindowsPerEpoch + i)).Order()];
            Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.Equal(context, pair.Second - pair.First));
            Assert.InRange(starts[0], 0, context - 1);
            Assert.InRange(starts[^1] + context + 1, 0, tokens.Count);
        }
        Assert.InRange(order.TokensPerEpoch, Math.Min(context, tokens.Count - 2 * context), tokens.Count - 1);
    }

    [Fact]
    public void Targets_are_the_tokens_after_the_inputs()
    {
        var order = new BatchOrder(tokens, contextTokens: 16, sequences: 5, seed: 4);
        (long[] inputs, long[] targets) = Batch(order, step: 40);
        var starts = new long[5];
        order.FillStarts(40, starts);
        var expected = new long[17];
        for (int row = 0; row < 5; row++)
        {
            tokens.CopyTokens(starts[row], expected);
            Assert.Equal(expected[..16], inputs[(row * 16)..(row * 16 + 16)]);
            Assert.Equal(expected[1..], targets[(row * 16)..(row * 16 + 16)]);
            Assert.Equal(order.StartOf(40 * 5 + row), starts[row]);
        }
    }

    [Fact]
    public void A_batch_depends_on_seed_and_step_alone()
    {
        (long[] Inputs, long[] Targets) later = Batch(new BatchOrder(tokens, 16, 4, seed: 9), step: 123);
        var order = new BatchOrder(tokens, 16, 4, seed: 9);
        for (int step = 0; step < 123; step++) Batch(order, step);
        Assert.Equal(later.Inputs, Batch(order, 123).Inputs);
        Assert.NotEqual(later.Inputs, Batch(new BatchOrder(tokens, 16, 4, seed: 10), 123).Inputs);
        Assert.NotEqual(later.Inputs, Batch(order, 124).Inputs);
    }

    [Fact]
    public void The_order_of_sequences_does_not_depend_on_the_batch()
    {
        long[] narrow = [.. Batch(new BatchOrder(tokens, 16, 2, 9), 2).Inputs, .. Batch(new BatchOrder(tokens, 16, 2, 9), 3).Inputs];
        Assert.Equal(narrow, Batch(new BatchOrder(tokens, 16, 4, 9), 1).Inputs);
    }

    [Fact]
    public void Batches_wider_than_the_stack_buffer_are_whole()
    {
        var wide = new BatchOrder(tokens, 2, sequences: 300, seed: 1);
        (long[] inputs, _) = Batch(wide, 1);
        var narrow = new BatchOrder(tokens, 2, sequences: 1, seed: 1);
        Assert.Equal(Enumerable.Range(300, 300).SelectMany(step => Batch(narrow, step).Inputs), inputs);
    }

    [Fact]
    public void Epochs_differ_in_order_and_cut()
    {
        var order = new BatchOrder(tokens, 16, 1, seed: 4);
        long[][] epochs = [.. Enumerable.Range(0, 6).Select(e => Enumerable.Range(0, (int)order.WindowsPerEpoch).Select(i => order.StartOf(e * order.WindowsPerEpoch + i)).ToArray())];
        Assert.Equal(6, epochs.Select(e => string.Join(',', e)).Distinct().Count());
        Assert.True(epochs.Select(e => e.Min()).Distinct().Count() > 1);
    }

    [Fact]
    public void The_first_starts_are_pinned()
    {
        var starts = new long[5];
        new BatchOrder(tokens, 16, 5, seed: 1).FillStarts(0, starts);
        Assert.Equal([928, 496, 368, 128, 304], starts);
    }

    [Fact]
    public void Unique_tokens_grow_to_an_epoch_and_stay()
    {
        var order = new BatchOrder(tokens, 16, 4, 1);
        Assert.Equal((61 * 16, 64, 61 * 16), (order.TokensPerEpoch, order.UniqueTokens(64), order.UniqueTokens(1_000_000)));
        Assert.Equal(160, new BatchOrder(tokens, 16, 4, 1, tokensUsed: 176).UniqueTokens(1_000_000));
    }

    [Fact]
    public void Filling_a_batch_allocates_nothing()
    {
        var order = new BatchOrder(tokens, 16, 200, 1);
        var inputs = new long[200 * 16];
        var targets = new long[200 * 16];
        order.FillBatch(0, inputs, targets);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 1; step < 20; step++) order.FillBatch(step, inputs, targets);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_context_longer_than_the_corpus_is_reported() =>
        Assert.Contains("fewer than one sequence", Assert.Throws<UserErrorException>(() => new BatchOrder(tokens, 1000, 1, 1)).Message);

    [Fact]
    public void Evaluation_predicts_the_first_tokens_once_each_and_counts_their_bytes()
    {
        var windows = new EvaluationWindows(tokens, new ByteTokenizer(), contextTokens: 16, tokens: 100);
        Assert.Equal((6, 96, 96), (windows.Count, windows.PredictedTokens, windows.PredictedBytes));
        var inputs = new long[96];
        var targets = new long[96];
        windows.Fill(0, inputs.AsSpan(0, 32), targets.AsSpan(0, 32));
        windows.Fill(2, inputs.AsSpan(32), targets.AsSpan(32));
        var expected = new long[97];
        tokens.CopyTokens(0, expected);
        Assert.Equal(expected[..96], inputs);
        Assert.Equal(expected[1..], targets);
        Assert.Throws<ArgumentOutOfRangeException>(() => windows.Fill(6, new long[16], new long[16]));
    }

    [Fact]
    public void Evaluation_takes_the_whole_held_out_part_when_it_is_smaller_than_asked_for()
    {
        var windows = new EvaluationWindows(tokens, new ByteTokenizer(), contextTokens: 9, tokens: 1_000_000);
        Assert.Equal((111, 999, 998), (windows.Count, windows.PredictedTokens, windows.PredictedBytes)); // the last target ends the document: no byte
        Assert.Equal(1, new EvaluationWindows(tokens, new ByteTokenizer(), 9, tokens: 2).Count);
        Assert.Contains("held-out tokens are fewer", Assert.Throws<UserErrorException>(() => new EvaluationWindows(tokens, new ByteTokenizer(), 1000, 1)).Message);
    }
}
