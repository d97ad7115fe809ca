using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>The held-out tokens that evaluation predicts: the first ones in order, in windows of T, the same for every run of equal context.</summary>
/// <remarks>
/// Window i holds inputs i·T … i·T + T − 1 and as targets the tokens after them, so the first i·T + 1 … Count·T tokens are each
/// predicted once. A rest shorter than T is left out.
/// </remarks>
public sealed class EvaluationWindows
{
    private readonly TokenFile heldOut;

    /// <summary>Windows over the start of a held-out file.</summary>
    /// <param name="heldOut">The file; must outlive this.</param>
    /// <param name="tokenizer">Says how many bytes each token stands for.</param>
    /// <param name="contextTokens">T, 1 or more.</param>
    /// <param name="tokens">Predicted tokens wanted; rounded down to whole windows, at least one, at most those there are.</param>
    /// <exception cref="UserErrorException">The held-out part is shorter than one window.</exception>
    public EvaluationWindows(TokenFile heldOut, ITokenizer tokenizer, int contextTokens, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contextTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        if (heldOut.Count < contextTokens + 1L)
            throw DataError.In(heldOut.Path, "SL0680", $"{heldOut.Count} held-out tokens are fewer than one window of {contextTokens} and its last target",
                "shorten model.context_tokens, raise corpus.held_out_fraction, or give more text");
        this.heldOut = heldOut;
        ContextTokens = contextTokens;
        Count = Math.Max(1, Math.Min(tokens, heldOut.Count - 1) / contextTokens);
        PredictedBytes = CountBytes(tokenizer);
    }

    /// <summary>T.</summary>
    public int ContextTokens { get; }

    /// <summary>Windows.</summary>
    public long Count { get; }

    /// <summary>Tokens predicted, end-of-document ones included: Count · T.</summary>
    public long PredictedTokens => Count * ContextTokens;

    /// <summary>Bytes of text that the predicted tokens stand for: what bits per byte divides by. End-of-document stands for none.</summary>
    public long PredictedBytes { get; }

    /// <summary>Fills consecutive windows; allocates nothing.</summary>
    /// <param name="firstWindow">First window; with the number of windows within <see cref="Count"/>.</param>
    /// <param name="inputs">A multiple of T ids, row by row.</param>
    /// <param name="targets">As many: the token after each input.</param>
    public void Fill(long firstWindow, Span<long> inputs, Span<long> targets)
    {
        if (inputs.Length != targets.Length || inputs.Length % ContextTokens != 0)
            throw new ArgumentException($"Lengths are {inputs.Length} and {targets.Length}; they must be one multiple of {ContextTokens}.", nameof(inputs));
        ArgumentOutOfRangeException.ThrowIfNegative(firstWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstWindow + inputs.Length / ContextTokens, Count, nameof(firstWindow));
        heldOut.CopyTokens(firstWindow * ContextTokens, inputs);
        heldOut.CopyTokens(firstWindow * ContextTokens + 1, targets);
    }

    private long CountBytes(ITokenizer tokenizer)
    {
        ReadOnlySpan<int> lengths = tokenizer.BytesPerToken;
        Span<long> chunk = stackalloc long[512];
        long bytes = 0;
        for (long at = 1; at <= PredictedTokens; at += chunk.Length)
        {
            Span<long> part = chunk[..(int)Math.Min(chunk.Length, PredictedTokens + 1 - at)];
            heldOut.CopyTokens(at, part);
            foreach (long id in part) bytes += lengths[(int)id];
        }
        return bytes;
    }
}
