// The one file that chooses the provider. Everything else in this project is written against the part of TorchSharp's
// public API that both have; what only our binding has is reached through ProviderCapabilities.
#if TORCHSHARP
global using TorchSharp;
global using static TorchSharp.torch;
#else
global using ScalingLab.Torch;
global using static ScalingLab.Torch.torch;
#endif

using ScalingLab.Core.Devices;

namespace ScalingLab.Training;

/// <summary>FLOPs of one training step as measured at the dispatcher.</summary>
/// <param name="Forward">Of the forward pass.</param>
/// <param name="Backward">Of the backward pass.</param>
public sealed record MeasuredFlops(double Forward, double Backward);

/// <summary>The provider's native part is missing or does not load.</summary>
public sealed class EngineUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>What the two providers do not share, each with a fallback.</summary>
public static class ProviderCapabilities
{
#if TORCHSHARP
    /// <summary>Name of the provider.</summary>
    public static string Name => "TorchSharp";

    /// <summary>TorchSharp has none of our operators: models run on the plain composition.</summary>
    public static bool HasFusedKernels => false;

    /// <summary>Every libtorch that TorchSharp comes with has it.</summary>
    public static bool HasScaledDotProductAttention => true;

    /// <summary>TorchSharp does not reach <c>_fused_adamw_</c>.</summary>
    public static bool HasFusedAdamW => false;

    /// <summary>Nor its form for captured steps.</summary>
    public static bool HasFusedAdamWOfTensors => false;

    /// <summary>TorchSharp reaches no kernels of ours: says so.</summary>
    public static string? LoadCudaKernels(Device device) => "the TorchSharp provider has none";

    /// <summary>Version of libtorch.</summary>
    public static string LibTorchVersion => torch.NormalizeNuGetVersion(torch.__version__);

    /// <summary>Prepares the process for one worker with that many threads.</summary>
    /// <exception cref="EngineUnavailableException">The native library is missing.</exception>
    public static void Initialise(int threads)
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU); // loads the library, or says why not
            torch.set_num_threads(threads);
        }
        catch (Exception error) when (error.GetBaseException() is NotSupportedException or DllNotFoundException)
        {
            throw new EngineUnavailableException(error.GetBaseException().Message.Split('\n')[0], error); // a trace of the search follows
        }
    }

    /// <summary>TorchSharp does not reach the allocator's counters.</summary>
    public static long? PeakDeviceBytes(int cudaIndex, Action work)
    {
        work();
        return null;
    }

    /// <summary>Whether products of float32 matrices on a GPU may round their operands to TF32; off unless set.</summary>
    public static bool AllowTf32
    {
        get => torch.backends.cuda.matmul.allow_tf32;
        set => torch.backends.cuda.matmul.allow_tf32 = value;
    }

    /// <summary>CUDA devices that libtorch reaches.</summary>
    public static int CudaDevices => torch.cuda.device_count();

    /// <summary>TorchSharp does not reach CUDA graphs.</summary>
    public static bool HasCudaGraphs => false;

    /// <summary>TorchSharp does not reach the choice of a device.</summary>
    public static void UseDevice(DeviceName device)
    {
    }

    /// <summary>Versions and devices.</summary>
    public static EngineFacts Describe() => new()
    {
        Provider = Name,
        LibtorchVersion = LibTorchVersion,
        CudaDevices = CudaDevices,
    };

    /// <summary>Rows of a table by index. TorchSharp has no functional embedding; the gradient of <c>index</c> is summed
    /// in a fixed order on a GPU, which that of <c>index_select</c> is not.</summary>
    public static Tensor Embedding(Tensor indices, Tensor table) => table.index(indices);

    /// <summary>TorchSharp has no RecordFunction.</summary>
    public static bool MeasuresFlops => false;

    /// <summary>Runs the work; nothing is measured.</summary>
    public static MeasuredFlops? MeasureFlops(Action work)
    {
        work();
        return null;
    }
#else
    /// <summary>Name of the provider.</summary>
    public static string Name => "LibTorch";

    /// <summary>Whether <see cref="FusedOperators"/> can be called.</summary>
    public static bool HasFusedKernels => true;

    /// <summary>Whether this libtorch has attention in one operator (2.0 and later).</summary>
    public static bool HasScaledDotProductAttention => EngineCapabilities.HasScaledDotProductAttention;

    /// <summary>Whether this libtorch has AdamW in one operator on a GPU (2.0 and later).</summary>
    public static bool HasFusedAdamW => EngineCapabilities.HasFusedAdamW;

    /// <summary>Whether that operator takes its learning rate as a tensor (2.1 and later), as a captured step must give it.</summary>
    public static bool HasFusedAdamWOfTensors => EngineCapabilities.HasFusedAdamWOfTensors;

    /// <summary>Makes our own kernels ready for a GPU; null when they are, else why not.</summary>
    public static string? LoadCudaKernels(Device device) => CudaKernels.Load(CudaDevice.IndexOf(device));

    /// <summary>Version of libtorch.</summary>
    public static string LibTorchVersion => Engine.LibTorchVersion;

    /// <summary>Prepares the process for one worker with that many threads.</summary>
    /// <exception cref="EngineUnavailableException">The native library is missing.</exception>
    public static void Initialise(int threads)
    {
        try
        {
            Engine.Load(new EngineSettings { Threads = threads });
        }
        catch (EngineNotFoundException error)
        {
            throw new EngineUnavailableException(error.Message, error);
        }
    }

    /// <summary>Runs the work; the most bytes that tensors took on a GPU meanwhile, above what they took before. Null where the engine has no CUDA part.</summary>
    public static long? PeakDeviceBytes(int cudaIndex, Action work)
    {
        if (!HasAllocatorCounters(cudaIndex))
        {
            work();
            return null;
        }

        long before = CudaMemory.Of(cudaIndex).AllocatedBytes;
        work();
        return CudaMemory.Of(cudaIndex).AllocatedPeakBytes - before;
    }

    /// <summary>Whether products of float32 matrices on a GPU may round their operands to TF32; off unless set.</summary>
    public static bool AllowTf32
    {
        get => torch.backends.cuda.matmul.allow_tf32;
        set => torch.backends.cuda.matmul.allow_tf32 = value;
    }

    /// <summary>CUDA devices that libtorch reaches.</summary>
    public static int CudaDevices => torch.cuda.device_count();

    /// <summary>Whether the engine was built with CUDA's headers, and so has graphs.</summary>
    public static bool HasCudaGraphs => CudaDevice.IsBuilt;

    /// <summary>Makes a GPU the current one of this thread; nothing on the CPU.</summary>
    /// <remarks>A thread begins at GPU 0. Whatever then goes back to "the device before" would leave this process with memory on that one too.</remarks>
    public static void UseDevice(DeviceName device)
    {
        if (device.CudaIndex is { } index && CudaDevice.IsBuilt)
            torch.cuda.set_device(index);
    }

    /// <summary>Versions, BLAS and devices.</summary>
    public static EngineFacts Describe()
    {
        Blas blas = Blas.Loaded();
        return new EngineFacts
        {
            Provider = Name,
            LibtorchVersion = LibTorchVersion,
            BlasLibrary = blas.Library,
            BlasConfiguration = blas.Configuration,
            BlasKernels = blas.Kernels,
            CudaDevices = CudaDevices,
            CudaGraphs = HasCudaGraphs,
        };
    }

    /// <summary>Rows of a table by index.</summary>
    public static Tensor Embedding(Tensor indices, Tensor table) => nn.functional.embedding(indices, table);

    /// <summary>Whether <see cref="MeasureFlops"/> can count.</summary>
    public static bool MeasuresFlops => true;

    /// <summary>Runs the work and counts what it dispatches; null when the provider cannot count.</summary>
    public static MeasuredFlops? MeasureFlops(Action work)
    {
        FlopCount count = FlopCounter.Count(work);
        return new MeasuredFlops(count.Forward, count.Backward);
    }

    private static bool HasAllocatorCounters(int cudaIndex)
    {
        try
        {
            CudaMemory.ResetPeaks(cudaIndex);
            return true;
        }
        catch (TorchException)
        {
            return false;
        }
    }
#endif
}

#if TORCHSHARP
// Never called: HasFusedKernels and HasFusedAdamW are false, and LoadCudaKernels says no.
internal static class FusedAdamW
{
    public static void Step(Tensor values, Tensor gradients, Tensor first, Tensor second, Tensor step, double learningRate, double beta1, double beta2, double epsilon, double weightDecay) =>
        throw new NotSupportedException("TorchSharp has no fused AdamW.");

    public static void Step(Tensor[] values, Tensor[] gradients, Tensor[] first, Tensor[] second, Tensor step, Tensor learningRate, double beta1, double beta2, double epsilon, double weightDecay, Tensor gradientScale, Tensor refused) =>
        throw new NotSupportedException("TorchSharp has no fused AdamW.");
}

internal static class CudaOperators
{
    public const int WidestNorm = 0;

    public static Tensor CrossEntropyInPlace(Tensor logits, Tensor targets) => throw Missing();

    public static (Tensor Sum, Tensor Normed) StackedNorm(Tensor x, Tensor? branch, Tensor weight, Tensor? bias, double epsilon, bool bfloat16) => throw Missing();

    public static Tensor Activation(Tensor x, Tensor? gate, string name) => throw Missing();

    public static (Tensor Queries, Tensor Keys, Tensor Values) SplitHeads(Tensor packed, long heads, Tensor? cosines, Tensor? sines, double? epsilon) => throw Missing();

    private static NotSupportedException Missing() => new("TorchSharp has no kernels of ours.");
}

internal readonly record struct PreNorm(Tensor? Weight, Tensor? Bias, double Epsilon, Tensor? WeightGradient, Tensor? BiasGradient);

internal static class FusedOperators
{
    public static Tensor CausalAttention(Tensor qkv, long heads, Tensor? cosines, Tensor? sines, bool qkNorm) => throw Missing();

    public static Tensor SelfAttention(
        Tensor input, Tensor inputWeight, Tensor outputWeight, long heads, Tensor? cosines, Tensor? sines, bool qkNorm, PreNorm norm, Tensor? inputGradient, Tensor? outputGradient) => throw Missing();

    public static Tensor Mlp(Tensor input, Tensor inputWeight, Tensor? gate, Tensor output, string activation, PreNorm norm, Tensor? inputGradient, Tensor? gateGradient, Tensor? outputGradient) => throw Missing();

    public static Tensor HeadLoss(Tensor input, Tensor weight, Tensor targets, PreNorm norm, Tensor? gradient) => throw Missing();

    public static Tensor Embedding(Tensor tokens, Tensor table, Tensor? positions, Tensor? tableGradient, Tensor? positionsGradient) => throw Missing();

    public static double NormOf(Tensor gradients) => throw Missing();

    public static void AdamW(Tensor values, Tensor gradients, Tensor first, Tensor second, long decayed, long step, double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double clip) => throw Missing();

    private static NotSupportedException Missing() => new("TorchSharp has no fused operators.");
}
#endif
