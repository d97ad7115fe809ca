using System.Runtime.InteropServices;
using System.Text;

namespace ScalingLab.Torch.Calls;

/// <summary>UTF-8 text at a fixed address, for names that are passed often. Never freed: there are a few a process.</summary>
internal sealed class PinnedText
{
    public PinnedText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Length = bytes.Length;
        Pointer = Marshal.AllocHGlobal(bytes.Length + 1);
        Marshal.Copy(bytes, 0, Pointer, bytes.Length);
        Marshal.WriteByte(Pointer, bytes.Length, 0);
    }

    public int Length { get; }

    public nint Pointer { get; }
}
