using Microsoft.Win32.SafeHandles;

namespace ScalingLab.Torch.Native;

/// <summary>Owns one at::Tensor on the native heap.</summary>
internal sealed class TensorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TensorHandle(nint pointer)
        : base(ownsHandle: true) => SetHandle(pointer);

    protected override bool ReleaseHandle()
    {
        NativeMethods.TensorFree(handle);
        return true;
    }
}
