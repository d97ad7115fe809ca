using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Model;

/// <summary>All parameters of a model in one flat tensor, and their gradients in another; each parameter is a view.</summary>
/// <remarks>
/// An optimizer step is then a handful of operators on two long vectors, whatever the depth, which is what a model of
/// ten thousand parameters spends its time on. Matrices come first, so that weight decay is a slice.
/// </remarks>
public sealed class ParameterSet : IDisposable
{
    private const int FirstStream = 1000; // of random numbers, one a parameter; the data's order takes the highest ones

    private readonly Dictionary<string, Tensor> byName = [];
    private readonly Dictionary<string, Tensor> gradients = [];

    /// <summary>Allocates the parameters; <see cref="Initialise"/> or a checkpoint fills them.</summary>
    /// <param name="specs">Every parameter of the model, in the order of the model.</param>
    /// <param name="type">float32 for training, float64 for gradient checks.</param>
    /// <param name="device">Where they lie; null for the CPU.</param>
    public ParameterSet(IReadOnlyList<ParameterSpec> specs, ScalarType type, Device? device = null)
        : this(
            specs,
            zeros([specs.Sum(s => s.Count)], dtype: type, device: device).DetachFromDisposeScope(),
            zeros([specs.Sum(s => s.Count)], dtype: type, device: device).DetachFromDisposeScope(),
            device)
    {
    }

    /// <summary>Parameters in memory that is there already.</summary>
    /// <param name="specs">Every parameter of the model, in the order of the model.</param>
    /// <param name="values">Their values, (Count) without gaps; freed with this.</param>
    /// <param name="gradients">Their gradients, likewise.</param>
    /// <param name="device">Where they lie; null for the CPU.</param>
    internal ParameterSet(IReadOnlyList<ParameterSpec> specs, Tensor values, Tensor gradients, Device? device = null)
    {
        Device = device ?? CPU;
        Specs = InFlatOrder(specs);
        Count = Specs.Sum(s => s.Count);
        DecayedCount = Specs.Where(s => s.Decays).Sum(s => s.Count);
        Values = values;
        Gradients = gradients;
        long offset = 0;
        foreach (ParameterSpec spec in Specs)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor parameter = Values.narrow(0, offset, spec.Count).view(spec.Shape).detach().requires_grad_();
            Tensor gradient = Gradients.narrow(0, offset, spec.Count).view(spec.Shape);
            parameter.grad = gradient;
            byName.Add(spec.Name, parameter.DetachFromDisposeScope());
            this.gradients.Add(spec.Name, gradient.DetachFromDisposeScope());
            offset += spec.Count;
        }
    }

    /// <summary>The parameters in the order of the flat tensors: matrices first.</summary>
    public IReadOnlyList<ParameterSpec> Specs { get; }

    /// <summary>Where parameters and gradients lie.</summary>
    public Device Device { get; }

    /// <summary>Number of parameters.</summary>
    public long Count { get; }

    /// <summary>How many of them, from the start, weight decay falls on.</summary>
    public long DecayedCount { get; }

    /// <summary>All values, (Count).</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, (Count); backward adds to them.</summary>
    public Tensor Gradients { get; }

    /// <summary>A parameter by name.</summary>
    public Tensor this[string name] => byName[name];

    /// <summary>A parameter's gradient by the parameter's name: a view of <see cref="Gradients"/>.</summary>
    public Tensor GradientOf(string name) => gradients[name];

    /// <summary>Names and views of all parameters.</summary>
    public IEnumerable<(string Name, Tensor Parameter)> Named => Specs.Select(s => (s.Name, byName[s.Name]));

    /// <summary>Parameters in the order of the flat tensors: those that decay first.</summary>
    internal static IReadOnlyList<ParameterSpec> InFlatOrder(IReadOnlyList<ParameterSpec> specs) => [.. specs.Where(s => s.Decays), .. specs.Where(s => !s.Decays)];

    /// <summary>Sets initial values: a pure function of the seed, each parameter's place in the model and its shape.</summary>
    public void Initialise(int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        for (int i = 0; i < Specs.Count; i++)
        {
            ParameterSpec spec = Specs[i];
            var values = new float[spec.Count];
            if (spec.StandardDeviation is { } deviation)
                CounterRandom.FillNormal(values, seed, FirstStream + i, 0, deviation);
            else
                Array.Fill(values, (float)spec.Constant);
            byName[spec.Name].detach().copy_(tensor(values, spec.Shape));
        }
    }

    /// <summary>Whether an update left zeros for the next backward pass to add to.</summary>
    internal bool GradientsAreZero { get; set; }

    /// <summary>Sets all gradients to zero, for a backward pass to add to.</summary>
    public void ZeroGradients()
    {
        if (!GradientsAreZero)
            Gradients.zero_();
        GradientsAreZero = false;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (Tensor view in byName.Values.Concat(gradients.Values))
            view.Dispose();

        Values.Dispose();
        Gradients.Dispose();
    }
}
