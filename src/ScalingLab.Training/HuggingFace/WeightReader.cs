using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Training.HuggingFace;

/// <summary>Takes a checkpoint's arrays by name, under another name and in another layout.</summary>
internal sealed class WeightReader(IReadOnlyList<NamedArray> arrays)
{
    private const int ElementBytes = 4;

    private readonly Dictionary<string, NamedArray> byName = arrays.ToDictionary(a => a.Name);

    /// <summary>An array as it is.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has no such float32 array.</exception>
    public NamedArray Take(string name, string newName) => Find(name) with { Name = newName };

    /// <summary>Rows of a matrix from a first one on.</summary>
    public NamedArray Rows(string name, string newName, long first, long count)
    {
        NamedArray matrix = Find(name);
        int rowBytes = checked((int)(matrix.Shape[1] * ElementBytes));
        return new NamedArray(newName, matrix.Type, [count, matrix.Shape[1]], matrix.Data.AsSpan(checked((int)first * rowBytes), checked((int)count * rowBytes)).ToArray());
    }

    /// <summary>Rows of a matrix in another order.</summary>
    /// <param name="name">Name here.</param>
    /// <param name="newName">Name there.</param>
    /// <param name="order">The row here of each row there.</param>
    public NamedArray Reordered(string name, string newName, IEnumerable<int> order)
    {
        NamedArray matrix = Find(name);
        int rowBytes = checked((int)(matrix.Shape[1] * ElementBytes));
        using var data = new MemoryStream(matrix.Data.Length);
        foreach (int row in order)
            data.Write(matrix.Data, row * rowBytes, rowBytes);
        return new NamedArray(newName, matrix.Type, matrix.Shape, data.ToArray());
    }

    /// <summary>A matrix with rows and columns exchanged: transformers' Conv1D of GPT-2 keeps (in, out).</summary>
    public NamedArray Transposed(string name, string newName)
    {
        NamedArray matrix = Find(name);
        int rows = checked((int)matrix.Shape[0]), columns = checked((int)matrix.Shape[1]);
        var data = new byte[matrix.Data.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                matrix.Data.AsSpan(((r * columns) + c) * ElementBytes, ElementBytes).CopyTo(data.AsSpan(((c * rows) + r) * ElementBytes));
        return new NamedArray(newName, matrix.Type, [columns, rows], data);
    }

    /// <summary>Zeros: the biases that ours have not.</summary>
    public static NamedArray Zeros(string newName, params long[] shape) => new(newName, "F32", shape, new byte[checked((int)shape.Aggregate(1L, (a, b) => a * b) * ElementBytes)]);

    /// <summary>Ones: gains that ours have not.</summary>
    public static NamedArray Ones(string newName, long length)
    {
        float[] ones = [.. Enumerable.Repeat(1f, checked((int)length))];
        return new NamedArray(newName, "F32", [length], System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(ones).ToArray());
    }

    private NamedArray Find(string name) => byName.TryGetValue(name, out NamedArray? array) && array.Type == "F32"
        ? array
        : throw new InvalidDataException(array is null ? $"there is no '{name}'" : $"'{name}' is {array.Type}, not F32");
}
