using ScalingLab.Training.Model;

namespace ScalingLab.Training.Checkpoints;

/// <summary>Weights and moments of a trainer as named arrays, and back.</summary>
internal static class TrainerArrays
{
    private static readonly Dictionary<ScalarType, string> TypeNames = new() { [ScalarType.Float32] = "F32", [ScalarType.Float64] = "F64" };

    /// <summary>The parameters by name.</summary>
    public static List<NamedArray> Weights(ParameterSet parameters) =>
        [.. parameters.Named.Select(p => Take(p.Name, p.Parameter))];

    /// <summary>Both moments, in the order of the flat parameters.</summary>
    public static List<NamedArray> Moments(Trainer trainer) =>
        [Take("first_moment", trainer.Optimizer.FirstMoment), Take("second_moment", trainer.Optimizer.SecondMoment)];

    /// <summary>Puts weights back.</summary>
    /// <exception cref="InvalidDataException">A name, type or shape is not this model's.</exception>
    public static void PutWeights(ParameterSet parameters, IReadOnlyList<NamedArray> arrays)
    {
        Dictionary<string, NamedArray> byName = arrays.ToDictionary(a => a.Name);
        foreach ((string name, Tensor parameter) in parameters.Named)
            Put(byName, name, parameter);
    }

    /// <summary>Puts moments back.</summary>
    /// <exception cref="InvalidDataException">Type or size is not this model's.</exception>
    public static void PutMoments(Trainer trainer, IReadOnlyList<NamedArray> arrays)
    {
        Dictionary<string, NamedArray> byName = arrays.ToDictionary(a => a.Name);
        Put(byName, "first_moment", trainer.Optimizer.FirstMoment);
        Put(byName, "second_moment", trainer.Optimizer.SecondMoment);
    }

    private static NamedArray Take(string name, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor plain = tensor.detach().contiguous();
        return new NamedArray(name, TypeNames[plain.dtype], plain.shape, plain.bytes.ToArray());
    }

    private static void Put(Dictionary<string, NamedArray> arrays, string name, Tensor target)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!arrays.TryGetValue(name, out NamedArray? array))
            throw new InvalidDataException($"there is no '{name}'");
        if (array.Type != TypeNames[target.dtype] || !array.Shape.AsSpan().SequenceEqual(target.shape))
            throw new InvalidDataException($"'{name}' is {array.Type}[{string.Join(", ", array.Shape)}], the model has {target}");
        array.Data.CopyTo(target.detach().bytes);
    }
}
