namespace ScalingLab.Core.Units;

/// <summary>Mean cross-entropy in natural-log units, per token.</summary>
public readonly record struct NatsPerToken(double Value)
{
    /// <summary>Tokenizer-independent form: total nats over (ln 2 · total bytes).</summary>
    /// <param name="tokens">Tokens that were predicted.</param>
    /// <param name="bytes">Bytes of text which those tokens stand for.</param>
    public BitsPerByte ToBitsPerByte(long tokens, long bytes) => new(Value * tokens / (Math.Log(2) * bytes));
}
