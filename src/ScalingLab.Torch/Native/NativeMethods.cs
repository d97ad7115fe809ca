using System.Runtime.InteropServices;

namespace ScalingLab.Torch.Native;

/// <summary>The C ABI of native/shim.h. A status of 1 means that <see cref="LastError"/> has the reason.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "scalinglab_torch";

    [LibraryImport(Library, EntryPoint = "sl_last_error")]
    private static partial byte* LastErrorText();

    [LibraryImport(Library, EntryPoint = "sl_operator", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int FindOperator(string name, string overload, out nint found);

    [LibraryImport(Library, EntryPoint = "sl_has_operator", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int HasOperator(string name, string overload, out int known);

    [LibraryImport(Library, EntryPoint = "sl_call")]
    internal static partial int Call(nint op, NativeValue* arguments, int count, out NativeValue* results, out int resultCount);

    [LibraryImport(Library, EntryPoint = "sl_tensor_from_data")]
    internal static partial int TensorFromData(void* data, int dtype, long* shape, int rank, out nint tensor);

    [LibraryImport(Library, EntryPoint = "sl_tensor_free")]
    internal static partial void TensorFree(nint tensor);

    [LibraryImport(Library, EntryPoint = "sl_tensor_facts")]
    internal static partial int TensorFacts(nint tensor, int* facts);

    [LibraryImport(Library, EntryPoint = "sl_tensor_shape")]
    internal static partial int TensorShape(nint tensor, long* shape);

    [LibraryImport(Library, EntryPoint = "sl_tensor_data")]
    internal static partial int TensorData(nint tensor, out void* data, out long bytes);

    [LibraryImport(Library, EntryPoint = "sl_tensor_item")]
    internal static partial int TensorItem(nint tensor, out double value);

    [LibraryImport(Library, EntryPoint = "sl_backward")]
    internal static partial int Backward(nint loss);

    [LibraryImport(Library, EntryPoint = "sl_autograd_grad")]
    internal static partial int AutogradGrad(nint* outputs, int outputCount, nint* inputs, int inputCount, nint* gradients);

    [LibraryImport(Library, EntryPoint = "sl_requires_grad")]
    internal static partial int RequiresGrad(nint tensor);

    [LibraryImport(Library, EntryPoint = "sl_set_requires_grad")]
    internal static partial int SetRequiresGrad(nint tensor, int on);

    [LibraryImport(Library, EntryPoint = "sl_grad")]
    internal static partial int Grad(nint tensor, out nint gradient);

    [LibraryImport(Library, EntryPoint = "sl_set_grad")]
    internal static partial int SetGrad(nint tensor, nint gradient);

    [LibraryImport(Library, EntryPoint = "sl_set_grad_mode")]
    internal static partial int SetGradMode(int on);

    [LibraryImport(Library, EntryPoint = "sl_libtorch_version")]
    internal static partial byte* LibTorchVersion();

    [LibraryImport(Library, EntryPoint = "sl_build_configuration")]
    internal static partial int BuildConfiguration(out byte* text);

    [LibraryImport(Library, EntryPoint = "sl_set_num_threads")]
    internal static partial int SetNumThreads(int threads);

    [LibraryImport(Library, EntryPoint = "sl_get_num_threads")]
    internal static partial int GetNumThreads();

    [LibraryImport(Library, EntryPoint = "sl_manual_seed")]
    internal static partial int ManualSeed(long seed);

    [LibraryImport(Library, EntryPoint = "sl_get_rng_state")]
    internal static partial int GetRngState(out nint state);

    [LibraryImport(Library, EntryPoint = "sl_set_rng_state")]
    internal static partial int SetRngState(nint state);

    [LibraryImport(Library, EntryPoint = "sl_generator_new", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GeneratorNew(string device, long seed, out GeneratorHandle generator);

    [LibraryImport(Library, EntryPoint = "sl_generator_free")]
    internal static partial void GeneratorFree(nint generator);

    [LibraryImport(Library, EntryPoint = "sl_generator_seed")]
    internal static partial int GeneratorSeed(GeneratorHandle generator, long seed);

    [LibraryImport(Library, EntryPoint = "sl_generator_get_state")]
    internal static partial int GeneratorGetState(GeneratorHandle generator, out nint state);

    [LibraryImport(Library, EntryPoint = "sl_generator_set_state")]
    internal static partial int GeneratorSetState(GeneratorHandle generator, nint state);

    [LibraryImport(Library, EntryPoint = "sl_allow_tf32")]
    internal static partial int AllowTf32(out int allowed);

    [LibraryImport(Library, EntryPoint = "sl_set_allow_tf32")]
    internal static partial int SetAllowTf32(int allow);

    [LibraryImport(Library, EntryPoint = "sl_flops_start")]
    internal static partial int FlopsStart();

    [LibraryImport(Library, EntryPoint = "sl_flops_stop")]
    internal static partial int FlopsStop(out double forward, out double backward, out long products);

    /// <summary>Why the last call of this thread failed.</summary>
    internal static string LastError() => Marshal.PtrToStringUTF8((nint)LastErrorText()) ?? "";

    /// <summary>Turns a status into an exception that names what was called.</summary>
    internal static void Check(int status, string operation, params ReadOnlySpan<torch.Tensor?> operands)
    {
        if (status != 0)
            throw TorchException.From(operation, operands, LastError());
        foreach (torch.Tensor? operand in operands)
            GC.KeepAlive(operand); // until the call, which was given a bare handle, has returned
    }
}
