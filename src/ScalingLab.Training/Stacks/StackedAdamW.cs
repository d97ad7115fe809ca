using ScalingLab.Core.Configs;

namespace ScalingLab.Training.Stacks;

/// <summary>Adam with decoupled weight decay and clipping for a stack: each run with its own learning rate, constants, step number and gradient norm.</summary>
/// <remarks>
/// Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2, in the order and the roundings of <see cref="Optim.AdamW"/>'s plain
/// form. Whatever changes from step to step comes in a tensor (<see cref="Fill"/>), so that a captured update replays rightly.
/// Where the device has it, libtorch's one operator takes the place of that form, row by row: it reads and writes each number once.
/// </remarks>
public sealed class StackedAdamW : IDisposable
{
    /// <summary>Numbers of a run that change with each step.</summary>
    public const int Factors = 5;

    /// <summary>Parameters of a row from which on stacks of several rows are updated row by row.</summary>
    /// <remarks>
    /// An estimate, not measured on a GPU: the plain form passes over about 31 numbers a parameter in some twenty kernels for all rows together, the fused one
    /// over 8 in two kernels a row. Small rows are a matter of kernels, large ones of memory.
    /// </remarks>
    internal const long LargeRow = 1 << 20;

    private const int Constants = 5; // β1, 1 − β1, β2, 1 − β2, ε

    private readonly StackedParameters parameters;
    private readonly ScalarType type;
    private readonly Tensor decayed; // the part of the values that decays
    private readonly Tensor constants; // (E, Constants)
    private readonly Tensor limits; // (E) of gradient norms; infinite for none
    private readonly FusedRow[]? fused; // null for the plain form
    private bool stepped;

    /// <summary>An optimizer with zero moments and default constants.</summary>
    /// <param name="parameters">What it updates.</param>
    /// <param name="device">Where they live; null for the CPU.</param>
    /// <param name="inOneOperator">Use libtorch's one operator, which must be there and takes float32; else the plain form.</param>
    public StackedAdamW(StackedParameters parameters, Device? device = null, bool inOneOperator = false)
    {
        this.parameters = parameters;
        fused = inOneOperator ? new FusedRow[parameters.Rows] : null;
        type = parameters.Values.dtype;
        long[] sizes = [parameters.Rows, parameters.Count];
        FirstMoment = zeros(sizes, dtype: type, device: device).DetachFromDisposeScope();
        SecondMoment = zeros(sizes, dtype: type, device: device).DetachFromDisposeScope();
        decayed = parameters.Values.narrow(1, 0, parameters.DecayedCount).DetachFromDisposeScope();
        constants = zeros([parameters.Rows, Constants], dtype: type, device: device).DetachFromDisposeScope();
        limits = zeros([parameters.Rows], dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
        for (int row = 0; row < parameters.Rows; row++)
            Begin(row, new AdamConfig(), 0);
    }

    /// <summary>Running means of gradients, (E, Count).</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Running means of squared gradients, (E, Count).</summary>
    public Tensor SecondMoment { get; }

    /// <summary>What a run's update needs besides its gradients.</summary>
    /// <param name="step">Number of the update, from 1.</param>
    /// <param name="learningRate">Of this update.</param>
    /// <param name="config">The run's constants.</param>
    /// <param name="factors">Takes <see cref="Factors"/> numbers: what matrices shrink by, the root of the second moment's correction, and the rate over the first's, negative; for the one operator the rate and the update's number.</param>
    public static void Fill(long step, double learningRate, AdamConfig config, Span<double> factors)
    {
        factors[0] = 1 - (learningRate * config.WeightDecay);
        factors[1] = Math.Sqrt(1 - Math.Pow(config.Beta2, step));
        factors[2] = -learningRate / (1 - Math.Pow(config.Beta1, step));
        factors[3] = learningRate;
        factors[4] = step;
    }

    /// <summary>A run takes a row: zero moments, its own constants.</summary>
    /// <param name="row">0 to below E.</param>
    /// <param name="config">The run's constants.</param>
    /// <param name="clip">Largest gradient norm; 0 for none.</param>
    /// <exception cref="InvalidOperationException">A step was taken in one operator, which may have been captured with the constants it had.</exception>
    public void Begin(int row, AdamConfig config, double clip)
    {
        if (fused is not null)
        {
            if (stepped)
                throw new InvalidOperationException("The constants of a row are part of a captured update: give them before the first step.");
            fused[row]?.Dispose();
            fused[row] = new FusedRow(parameters, FirstMoment, SecondMoment, row, config);
        }

        using DisposeScope scope = NewDisposeScope();
        double[] values = [config.Beta1, 1 - config.Beta1, config.Beta2, 1 - config.Beta2, config.Epsilon];
        constants.select(0, row).copy_(tensor(values, [Constants]));
        limits.narrow(0, row, 1).fill_(clip > 0 ? clip : double.PositiveInfinity);
        FirstMoment.select(0, row).zero_();
        SecondMoment.select(0, row).zero_();
    }

    /// <summary>One update of every run that takes part; the others keep values and moments to the last bit.</summary>
    /// <param name="factors">See <see cref="Fill"/>, (E, Factors).</param>
    /// <param name="norms">Gradient norms, (E).</param>
    /// <param name="takesPart">(E), true or false; false where a loss or a norm is not finite.</param>
    public void Step(Tensor factors, Tensor norms, Tensor takesPart)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        stepped = true;
        if (fused is not null)
        {
            StepInOne(fused, factors, norms, takesPart);
            return;
        }

        long rows = parameters.Rows;
        Tensor refused = takesPart.logical_not().view(rows, 1);
        Tensor Constant(int index) => constants.narrow(1, index, 1); // (E, 1)
        Tensor Factor(int index, double without) => factors.narrow(1, index, 1).masked_fill(refused, without);

        // The small term as in torch.nn.utils.clip_grad_norm_; in double, as on the host.
        Tensor scale = (limits / (norms.to_type(ScalarType.Float64) + 1e-6)).clamp_max(1).to_type(type).view(rows, 1);
        Tensor gradients = parameters.Gradients.mul_(scale).masked_fill_(refused, 0);
        decayed.mul_(Factor(0, 1));
        FirstMoment.mul_(Constant(0).masked_fill(refused, 1)).addcmul_(gradients, Constant(1), 1);
        SecondMoment.mul_(Constant(2).masked_fill(refused, 1)).addcmul_(gradients * Constant(3), gradients, 1);
        Tensor denominator = SecondMoment.sqrt().div_(Factor(1, 1)).add_(Constant(4));
        parameters.Values.addcdiv_(FirstMoment * Factor(2, 0), denominator, 1);
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in new[] { FirstMoment, SecondMoment, decayed, constants, limits })
            tensor.Dispose();
        foreach (FusedRow row in fused ?? [])
            row.Dispose();
    }

    private void StepInOne(FusedRow[] fusedRows, Tensor factors, Tensor norms, Tensor takesPart)
    {
        Tensor refused = takesPart.logical_not().to_type(type); // (E)
        // The operator divides gradients by it: the inverse of what the plain form multiplies them with, and 1 where nothing is clipped.
        Tensor scale = ((norms.to_type(ScalarType.Float64) + 1e-6) / limits).clamp_min(1).to_type(type); // (E)
        for (int row = 0; row < fusedRows.Length; row++)
        {
            Tensor own = factors.select(0, row); // (Factors)
            fusedRows[row].Step(own.narrow(0, 4, 1), own.narrow(0, 3, 1), scale.narrow(0, row, 1), refused.narrow(0, row, 1));
        }
    }
}
