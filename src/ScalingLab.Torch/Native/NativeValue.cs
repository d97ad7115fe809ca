using System.Runtime.InteropServices;

namespace ScalingLab.Torch.Native;

/// <summary>Kinds of argument and result; mirrors SlTag in native/shim.h.</summary>
internal enum NativeTag
{
    None = 0,
    Tensor = 1,
    Integer = 2,
    Real = 3,
    Boolean = 4,
    IntegerList = 5,
    TensorList = 6,
    Text = 7,
    Device = 8,
    Default = 9,
    Generator = 10,
}

/// <summary>One argument or result of a boxed call; mirrors SlValue in native/shim.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)]
    public NativeTag Tag;

    [FieldOffset(4)]
    public int Length;

    [FieldOffset(8)]
    public long Integer;

    [FieldOffset(8)]
    public double Real;

    [FieldOffset(8)]
    public nint Pointer;
}
