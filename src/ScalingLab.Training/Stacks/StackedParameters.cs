using ScalingLab.Training.Model;

namespace ScalingLab.Training.Stacks;

/// <summary>The parameters of several models of one shape: a row a model in one tensor of values and one of gradients.</summary>
/// <remarks>A row is laid out as a <see cref="ParameterSet"/>, and each parameter is seen across all rows at once: (E, out, in).</remarks>
public sealed class StackedParameters : IDisposable
{
    private readonly Dictionary<string, Tensor> byName = [];
    private readonly Device? device;
    private readonly List<(Tensor Parameter, Tensor Gradient)> both = [];

    /// <summary>Zeros.</summary>
    /// <param name="specs">Every parameter of one model.</param>
    /// <param name="rows">E, 1 or more.</param>
    /// <param name="type">float32 for training, float64 for checks.</param>
    /// <param name="device">Where they live; null for the CPU.</param>
    public StackedParameters(IReadOnlyList<ParameterSpec> specs, int rows, ScalarType type, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        IReadOnlyList<ParameterSpec> flat = ParameterSet.InFlatOrder(specs);
        Rows = rows;
        this.device = device;
        Count = flat.Sum(s => s.Count);
        DecayedCount = flat.Where(s => s.Decays).Sum(s => s.Count);
        Values = zeros([rows, Count], dtype: type, device: device).DetachFromDisposeScope();
        Gradients = zeros([rows, Count], dtype: type, device: device).DetachFromDisposeScope();
        long offset = 0;
        foreach (ParameterSpec spec in flat)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] sizes = [rows, .. spec.Shape];
            Tensor parameter = Values.narrow(1, offset, spec.Count).view(sizes).detach().requires_grad_();
            Tensor gradient = Gradients.narrow(1, offset, spec.Count).view(sizes);
            byName.Add(spec.Name, parameter.DetachFromDisposeScope());
            both.Add((parameter, gradient.DetachFromDisposeScope()));
            offset += spec.Count;
        }
    }

    /// <summary>E.</summary>
    public int Rows { get; }

    /// <summary>Parameters of one model.</summary>
    public long Count { get; }

    /// <summary>How many of them, from the start of a row, weight decay falls on.</summary>
    public long DecayedCount { get; }

    /// <summary>All values, (E, Count).</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, (E, Count): those of the last <see cref="TakeGradients"/>.</summary>
    public Tensor Gradients { get; }

    /// <summary>A parameter of all models, (E, …).</summary>
    public Tensor this[string name] => byName[name];

    /// <summary>The parameters of one model, in the memory of its row.</summary>
    /// <param name="row">0 to below <see cref="Rows"/>.</param>
    /// <param name="specs">Of the same shapes; their initial values may be others.</param>
    public ParameterSet Row(int row, IReadOnlyList<ParameterSpec> specs)
    {
        using DisposeScope scope = NewDisposeScope();
        return new ParameterSet(specs, Values.select(0, row).DetachFromDisposeScope(), Gradients.select(0, row).DetachFromDisposeScope(), device);
    }

    /// <summary>Sets all gradients to those of a loss.</summary>
    /// <param name="loss">One number. No run's part of it may depend on another's weights; each then gets its own gradient.</param>
    /// <remarks>Asked for as values: libtorch's accumulation into gradients with gaps between their rows would warn.</remarks>
    public void TakeGradients(Tensor loss)
    {
        using DisposeScope scope = NewDisposeScope();
        IList<Tensor?> found = autograd.grad([loss], [.. both.Select(b => b.Parameter)]);
        using IDisposable _ = no_grad();
        for (int i = 0; i < both.Count; i++)
        {
            if (found[i] is { } gradient)
                both[i].Gradient.copy_(gradient);
            else
                both[i].Gradient.zero_();
        }
    }

    /// <summary>Frees the memory, unless a row is still in use.</summary>
    public void Dispose()
    {
        foreach ((Tensor parameter, Tensor gradient) in both)
        {
            parameter.Dispose();
            gradient.Dispose();
        }

        Values.Dispose();
        Gradients.Dispose();
    }
}
