using ScalingLab.Core.Configs;

namespace ScalingLab.Training.Model;

/// <summary>Which operators a training step is made of. The one place where choice, device, element type and version of libtorch meet.</summary>
public sealed record StepOperators
{
    /// <summary>The plain composition, which every device and version has.</summary>
    public static StepOperators Plain { get; } = new();

    /// <summary>Our own operators, which are of the CPU and of float32 and float64.</summary>
    public bool Own { get; init; }

    /// <summary>Attention in libtorch's one operator: on a GPU the flash kernel for bfloat16, the memory-efficient one for float32.</summary>
    public bool ScaledDotProductAttention { get; init; }

    /// <summary>AdamW in libtorch's one operator.</summary>
    public bool FusedAdamW { get; init; }

    /// <summary>The same with learning rate, clipping and refusal in tensors, as a captured step needs it (libtorch 2.1 and later).</summary>
    public bool FusedAdamWOfTensors { get; init; }

    /// <summary>Our own kernels for GPUs: loss, norms, activations and the split into heads.</summary>
    public bool CudaKernels { get; init; }

    /// <summary>Why <see cref="CudaKernels"/> were asked for and are not used; null where they are, or were not asked for.</summary>
    public string? Problem { get; init; }

    /// <summary>The best that a device has, or the plain composition where that is asked for.</summary>
    /// <param name="kernels">What was asked for.</param>
    /// <param name="products">Element type of products.</param>
    /// <param name="device">Where the step runs.</param>
    public static StepOperators For(KernelChoice kernels, ProductType products, Device device)
    {
        if (kernels == KernelChoice.Reference)
            return Plain;
        if (!Placement.IsCuda(device))
            return new StepOperators { Own = Placement.IsCpu(device) && products == ProductType.Fp32 && ProviderCapabilities.HasFusedKernels };
        var libtorch = new StepOperators { ScaledDotProductAttention = ProviderCapabilities.HasScaledDotProductAttention, FusedAdamW = ProviderCapabilities.HasFusedAdamW, FusedAdamWOfTensors = ProviderCapabilities.HasFusedAdamWOfTensors };
        if (kernels != KernelChoice.Own)
            return libtorch;
        string? problem = ProviderCapabilities.LoadCudaKernels(device);
        return libtorch with { CudaKernels = problem is null, Problem = problem is null ? null : $"our own kernels cannot be used, libtorch's operators take their place: {problem}" };
    }

    /// <summary>What they are called in documents.</summary>
    public override string ToString() => this switch
    {
        { Own: true } => "fused",
        { CudaKernels: true } => "own, with libtorch's attention and AdamW",
        { ScaledDotProductAttention: true, FusedAdamW: true } => "libtorch, attention and AdamW fused",
        { ScaledDotProductAttention: true } => "libtorch, attention fused",
        { FusedAdamW: true } => "libtorch, AdamW fused",
        _ => "reference",
    };
}
