using ScalingLab.Training.Data;

namespace ScalingLab.Training.Stacks;

/// <summary>All tokens of a file as one tensor on a device, four bytes each, from which batches are gathered there.</summary>
public sealed class ResidentTokens : IDisposable
{
    private const int Chunk = 1 << 20; // tokens copied at a time

    private readonly Tensor tokens; // (D), int32
    private readonly Tensor places; // 0 … T
    private readonly long length;

    /// <summary>Copies a file to the device.</summary>
    /// <param name="file">The tokens.</param>
    /// <param name="contextTokens">T of the windows to gather.</param>
    /// <param name="device">Null for the CPU.</param>
    /// <exception cref="Core.Diagnostics.UserErrorException">An id is not in the vocabulary: the file has changed since it was written.</exception>
    public ResidentTokens(TokenFile file, int contextTokens, Device? device = null)
    {
        length = contextTokens + 1;
        tokens = empty([file.Count], ScalarType.Int32, device).DetachFromDisposeScope();
        using DisposeScope scope = NewDisposeScope();
        places = arange(0L, length, 1L, ScalarType.Int64, device).DetachFromDisposeScope();
        var ids = new long[(int)Math.Min(Chunk, file.Count)];
        for (long at = 0; at < file.Count; at += ids.Length)
        {
            using DisposeScope inner = NewDisposeScope();
            Span<long> part = ids.AsSpan(0, (int)Math.Min(ids.Length, file.Count - at));
            file.CopyTokens(at, part); // checks every id
            tokens.narrow(0, at, part.Length).copy_(tensor(part.ToArray(), [part.Length]));
        }
    }

    /// <summary>Windows of T + 1 tokens, each with the target of its last input.</summary>
    /// <param name="starts">First token of each, (n), int64.</param>
    /// <returns>(n, T + 1), int64.</returns>
    public Tensor Windows(Tensor starts) =>
        tokens.index_select(0, (starts.unsqueeze(1) + places).view(-1)).to_type(ScalarType.Int64).view(-1, length);

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        tokens.Dispose();
        places.Dispose();
    }
}
