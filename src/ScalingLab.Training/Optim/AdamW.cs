using ScalingLab.Core.Configs;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Optim;

/// <summary>Adam with decoupled weight decay, on the flat vectors of a <see cref="ParameterSet"/>.</summary>
/// <remarks>Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2, in the order of torch.optim.AdamW: decay, moments, step.</remarks>
public sealed class AdamW : IDisposable
{
    private readonly ParameterSet parameters;
    private readonly AdamConfig config;
    private readonly Tensor decayed; // the slice of the values that decays

    private readonly Tensor undecayed; // and the rest
    private readonly Tensor? stepNumber; // of libtorch's one operator, on the device
    private readonly StepOperators operators;
    private double pendingScale = 1; // of the gradients, applied by the fused update

    /// <summary>An optimizer with zero moments.</summary>
    /// <param name="parameters">What it updates.</param>
    /// <param name="config">Its constants.</param>
    /// <param name="kernels">One fused pass, where provider and device have it, or libtorch's operators one after another.</param>
    public AdamW(ParameterSet parameters, AdamConfig config, KernelChoice kernels = KernelChoice.Fused)
        : this(parameters, config, StepOperators.For(kernels, ProductType.Fp32, parameters.Device))
    {
    }

    /// <summary>An optimizer of chosen operators.</summary>
    /// <param name="parameters">What it updates.</param>
    /// <param name="config">Its constants.</param>
    /// <param name="operators">What an update is made of.</param>
    public AdamW(ParameterSet parameters, AdamConfig config, StepOperators operators)
    {
        this.operators = operators;
        this.parameters = parameters;
        this.config = config;
        ScalarType type = parameters.Values.dtype;
        FirstMoment = zeros([parameters.Count], dtype: type, device: parameters.Device).DetachFromDisposeScope();
        SecondMoment = zeros([parameters.Count], dtype: type, device: parameters.Device).DetachFromDisposeScope();
        decayed = parameters.Values.narrow(0, 0, parameters.DecayedCount).DetachFromDisposeScope();
        undecayed = parameters.Values.narrow(0, parameters.DecayedCount, parameters.Count - parameters.DecayedCount).DetachFromDisposeScope();
        stepNumber = operators.FusedAdamW ? zeros([1], device: parameters.Device).DetachFromDisposeScope() : null;
    }

    /// <summary>Running mean of gradients, in the order of the flat values.</summary>
    public Tensor FirstMoment { get; }

    /// <summary>Running mean of squared gradients.</summary>
    public Tensor SecondMoment { get; }

    /// <summary>Scales the gradients of the next step so that their global norm is at most <paramref name="limit"/>; the fused update does so as it reads them.</summary>
    /// <param name="limit">0 leaves them as they are.</param>
    /// <returns>The norm before clipping; not finite when a gradient was not.</returns>
    public double ClipGradients(double limit)
    {
        using DisposeScope scope = NewDisposeScope();
        double norm = operators.Own ? FusedOperators.NormOf(parameters.Gradients) : parameters.Gradients.norm().ToDouble();
        if (limit > 0 && double.IsFinite(norm))
        {
            double scale = Math.Min(1, limit / (norm + 1e-6)); // the small term as in torch.nn.utils.clip_grad_norm_
            if (operators.Own)
                pendingScale = scale;
            else if (scale < 1)
                parameters.Gradients.mul_(scale);
        }

        return norm;
    }

    /// <summary>One update from the gradients, which are spent afterwards: the fused update leaves zeros.</summary>
    /// <param name="step">Number of this update, from 1.</param>
    /// <param name="learningRate">Learning rate of this update.</param>
    public void Step(long step, double learningRate)
    {
        if (operators.Own)
        {
            FusedOperators.AdamW(
                parameters.Values, parameters.Gradients, FirstMoment, SecondMoment, parameters.DecayedCount,
                step, learningRate, config.Beta1, config.Beta2, config.Epsilon, config.WeightDecay, pendingScale);
            pendingScale = 1;
            parameters.GradientsAreZero = true;
            return;
        }

        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor gradients = parameters.Gradients;
        if (stepNumber is not null)
        {
            stepNumber.fill_(step);
            StepInOne(decayed, 0, learningRate, config.WeightDecay);
            StepInOne(undecayed, parameters.DecayedCount, learningRate, 0);
            return;
        }

        if (config.WeightDecay > 0)
            decayed.mul_(1 - (learningRate * config.WeightDecay));
        FirstMoment.mul_(config.Beta1).add_(gradients, 1 - config.Beta1);
        SecondMoment.mul_(config.Beta2).addcmul_(gradients, gradients, 1 - config.Beta2);
        double firstCorrection = 1 - Math.Pow(config.Beta1, step);
        double secondCorrection = 1 - Math.Pow(config.Beta2, step);
        Tensor denominator = SecondMoment.sqrt().div_(Math.Sqrt(secondCorrection)).add_(config.Epsilon);
        parameters.Values.addcdiv_(FirstMoment, denominator, -learningRate / firstCorrection);
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
        decayed.Dispose();
        undecayed.Dispose();
        stepNumber?.Dispose();
    }

    private void StepInOne(Tensor values, long start, double learningRate, double weightDecay)
    {
        long count = values.shape[0];
        if (count == 0)
            return;
        FusedAdamW.Step(
            values, parameters.Gradients.narrow(0, start, count), FirstMoment.narrow(0, start, count), SecondMoment.narrow(0, start, count),
            stepNumber!, learningRate, config.Beta1, config.Beta2, config.Epsilon, weightDecay);
    }
}
