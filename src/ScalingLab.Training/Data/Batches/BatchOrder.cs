using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Data;

/// <summary>Which tokens each training step sees: batch i is a pure function of (seed, i), so a run resumes anywhere and needs no state.</summary>
/// <remarks>
/// 1. An epoch cuts the tokens into W windows of T + 1, each sharing its last token, a target, with the next one's first input.
/// 2. Each epoch shifts the cuts by 0 to T − 1 tokens, so that a second epoch does not repeat the windows of the first;
///    W = ⌊D/T⌋ − 1 whatever the shift. With fewer than 2T tokens there is no shift and W = ⌊(D − 1)/T⌋.
/// 3. Sequence k of the run is window π_e(k mod W) of epoch e = ⌊k/W⌋, with π_e an <see cref="IndexPermutation"/>.
/// Within an epoch no input token comes twice. The order of different seeds is independent.
/// </remarks>
public sealed class BatchOrder
{
    private const int OrderStream = int.MaxValue; // away from the streams of weights, which count from 1000
    private const int ShiftStream = int.MaxValue - 1;
    private readonly TokenFile tokens;
    private readonly bool shifts;

    /// <summary>An order over the first tokens of a file.</summary>
    /// <param name="tokens">The file; must outlive this.</param>
    /// <param name="contextTokens">T, 1 or more.</param>
    /// <param name="sequences">B, sequences a batch, 1 or more.</param>
    /// <param name="seed">A run's seed.</param>
    /// <param name="tokensUsed">Train on only so many tokens from the start, for studies of repeated data; null for all.</param>
    /// <exception cref="UserErrorException">There are fewer than T + 1 tokens.</exception>
    public BatchOrder(TokenFile tokens, int contextTokens, int sequences, long seed, long? tokensUsed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contextTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        if (tokensUsed is { } used) ArgumentOutOfRangeException.ThrowIfGreaterThan(used, tokens.Count, nameof(tokensUsed));
        long count = tokensUsed ?? tokens.Count;
        if (count < contextTokens + 1L)
            throw DataError.In(tokens.Path, "SL0680", $"{count} training tokens are fewer than one sequence of {contextTokens} and its last target", "shorten model.context_tokens or give more text");
        this.tokens = tokens;
        ContextTokens = contextTokens;
        Sequences = sequences;
        Seed = seed;
        shifts = count >= 2L * contextTokens;
        WindowsPerEpoch = shifts ? count / contextTokens - 1 : (count - 1) / contextTokens;
    }

    /// <summary>T.</summary>
    public int ContextTokens { get; }

    /// <summary>B.</summary>
    public int Sequences { get; }

    /// <summary>Seed of the order.</summary>
    public long Seed { get; }

    /// <summary>W: sequences an epoch.</summary>
    public long WindowsPerEpoch { get; }

    /// <summary>Tokens an epoch trains on.</summary>
    public long TokensPerEpoch => WindowsPerEpoch * ContextTokens;

    /// <summary>Place in the file of the first input of a sequence.</summary>
    /// <param name="sequence">Number of the sequence in the run, from 0: step · B + row.</param>
    public long StartOf(long sequence)
    {
        (long epoch, long place) = Math.DivRem(sequence, WindowsPerEpoch);
        return StartOf(Permutation(epoch), Shift(epoch), place);
    }

    /// <summary>Places of the first inputs of a step's sequences, for a gather from tokens that already lie on a device.</summary>
    /// <param name="step">Step, from 0.</param>
    /// <param name="starts">B places.</param>
    public void FillStarts(long step, Span<long> starts)
    {
        RequireLength(starts.Length, Sequences, nameof(starts));
        StartsFrom(FirstSequence(step), starts);
    }

    /// <summary>Fills a batch; allocates nothing.</summary>
    /// <param name="step">Step, from 0.</param>
    /// <param name="inputs">B · T ids, row by row.</param>
    /// <param name="targets">B · T ids: the token after each input.</param>
    public void FillBatch(long step, Span<long> inputs, Span<long> targets)
    {
        RequireLength(inputs.Length, Sequences * ContextTokens, nameof(inputs));
        RequireLength(targets.Length, Sequences * ContextTokens, nameof(targets));
        Span<long> buffer = stackalloc long[Math.Min(Sequences, 128)];
        for (int row = 0; row < Sequences; row += buffer.Length)
        {
            Span<long> starts = buffer[..Math.Min(buffer.Length, Sequences - row)];
            StartsFrom(FirstSequence(step) + row, starts);
            for (int i = 0; i < starts.Length; i++)
            {
                int at = (row + i) * ContextTokens;
                tokens.CopyTokens(starts[i], inputs.Slice(at, ContextTokens));
                tokens.CopyTokens(starts[i] + 1, targets.Slice(at, ContextTokens));
            }
        }
    }

    /// <summary>Distinct tokens of the corpus among the first so many that a run trains on, counted within one cut of the corpus.</summary>
    /// <remarks>The shifts of later epochs touch fewer than 2T tokens at the ends of the corpus that this leaves out.</remarks>
    public long UniqueTokens(long tokensTrained) => Math.Min(tokensTrained, TokensPerEpoch);

    private void StartsFrom(long first, Span<long> starts)
    {
        long epoch = -1, shift = 0;
        IndexPermutation permutation = default;
        for (int i = 0; i < starts.Length; i++)
        {
            (long thisEpoch, long place) = Math.DivRem(first + i, WindowsPerEpoch);
            if (thisEpoch != epoch) (epoch, shift, permutation) = (thisEpoch, Shift(thisEpoch), Permutation(thisEpoch));
            starts[i] = StartOf(permutation, shift, place);
        }
    }

    private long FirstSequence(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return step * Sequences;
    }

    private long StartOf(IndexPermutation permutation, long shift, long place) => shift + permutation[place] * ContextTokens;

    private IndexPermutation Permutation(long epoch) => new(WindowsPerEpoch, Seed, OrderStream, (int)epoch);

    private long Shift(long epoch) => shifts ? CounterRandom.NextBelow(Seed, ShiftStream, epoch, ContextTokens) : 0;

    private static void RequireLength(int length, int expected, string name)
    {
        if (length != expected) throw new ArgumentException($"Length is {length}; it must be {expected}.", name);
    }
}
