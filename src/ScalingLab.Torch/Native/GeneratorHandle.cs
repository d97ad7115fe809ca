using Microsoft.Win32.SafeHandles;

namespace ScalingLab.Torch.Native;

/// <summary>Owns one at::Generator on the native heap.</summary>
internal sealed class GeneratorHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.GeneratorFree(handle);
        return true;
    }
}
