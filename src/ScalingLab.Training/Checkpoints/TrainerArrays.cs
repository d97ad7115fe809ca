using ScalingLab.Training.Model;

namespace ScalingLab.Training.Checkpoints;

/// <summary>Weights and moments of a trainer as named arrays on the host, and back to wherever the trainer lies: checkpoints know no device.</summary>
public static class TrainerArrays
{
    private const string FirstMoment = "first_moment", SecondMoment = "second_moment";

    private static readonly Dictionary<ScalarType, string> TypeNames = new() { [ScalarType.Float32] = "F32", [ScalarType.Float64] = "F64" };

    /// <summary>The parameters by name.</summary>
    public static List<NamedArray> Weights(ParameterSet parameters) =>
        [.. parameters.Named.Select(p => Take(p.Name, p.Parameter, parameters.Device))];

    /// <summary>Both moments, in the order of the flat parameters.</summary>
    public static List<NamedArray> Moments(ITrainer trainer) =>
        [Take(FirstMoment, trainer.FirstMoment, trainer.Weights.Device), Take(SecondMoment, trainer.SecondMoment, trainer.Weights.Device)];

    /// <summary>Puts weights and moments back: all of them, or none when anything does not fit.</summary>
    /// <exception cref="InvalidDataException">A name, type or shape is not this trainer's.</exception>
    public static void Put(ITrainer trainer, IReadOnlyList<NamedArray> weights, IReadOnlyList<NamedArray> moments)
    {
        var fittingWeights = Match(weights, trainer.Weights.Named);
        var fittingMoments = Match(moments, [(FirstMoment, trainer.FirstMoment), (SecondMoment, trainer.SecondMoment)]);
        CopyAll(fittingWeights);
        CopyAll(fittingMoments);
    }

    /// <summary>Puts weights into a model: all of them, or none when anything does not fit.</summary>
    /// <exception cref="InvalidDataException">A name, type or shape is not this model's.</exception>
    public static void Put(ParameterSet parameters, IReadOnlyList<NamedArray> weights) => CopyAll(Match(weights, parameters.Named));

    private static NamedArray Take(string name, Tensor tensor, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor plain = tensor.detach().From(device).contiguous();
        return new NamedArray(name, TypeNames[plain.dtype], plain.shape, plain.bytes.ToArray());
    }

    private static List<(NamedArray Array, Tensor Target)> Match(IReadOnlyList<NamedArray> arrays, IEnumerable<(string Name, Tensor Target)> targets)
    {
        Dictionary<string, NamedArray> byName = arrays.ToDictionary(a => a.Name);
        var matched = new List<(NamedArray, Tensor)>();
        foreach ((string name, Tensor target) in targets)
        {
            if (!byName.TryGetValue(name, out NamedArray? array))
                throw new InvalidDataException($"there is no '{name}'");
            if (array.Type != TypeNames[target.dtype] || !array.Shape.AsSpan().SequenceEqual(target.shape))
                throw new InvalidDataException($"'{name}' is {array.Type}[{string.Join(", ", array.Shape)}], the model has {TypeNames[target.dtype]}[{string.Join(", ", target.shape)}]");
            matched.Add((array, target));
        }

        return matched;
    }

    private static void CopyAll(List<(NamedArray Array, Tensor Target)> matched)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        foreach ((NamedArray array, Tensor target) in matched)
        {
            Tensor host = empty(array.Shape, dtype: target.dtype); // a device takes its copy from there
            array.Data.CopyTo(host.bytes);
            target.detach().copy_(host);
        }
    }
}
