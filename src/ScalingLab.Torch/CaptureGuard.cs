using System.Globalization;
using System.Text;
using ScalingLab.Torch.Calls;

namespace ScalingLab.Torch;

/// <summary>While it is open on its thread, refuses whatever a captured step must not do, and tells of each operator that is called.</summary>
/// <remarks>
/// A CUDA graph replays kernels, not C#: a number read on the host would be that of the capture for ever, and the read
/// itself ends a capture with an error. Here the same mistake is an exception with the name of what was tried, on any device.
/// </remarks>
public sealed class CaptureGuard : IDisposable
{
    [ThreadStatic]
    private static CaptureGuard? current;

    private readonly CaptureGuard? outer;
    private readonly Action<string>? onCall;

    /// <summary>Opens the guard.</summary>
    /// <param name="onCall">Told of each operator call made from C#: name, types and shapes of tensors, every other argument as it is. Two replays of one step must tell the same.</param>
    public CaptureGuard(Action<string>? onCall = null)
    {
        this.onCall = onCall;
        outer = current;
        current = this;
    }

    /// <summary>Closes the guard.</summary>
    public void Dispose() => current = outer;

    /// <exception cref="InvalidOperationException">A guard is open on this thread.</exception>
    internal static void HostAccess(string what)
    {
        if (current is not null)
            throw new InvalidOperationException($"{what} is not possible inside a captured step: give values through tensors made before it, and read results after its replays.");
    }

    internal static void Called(Operator called, ReadOnlySpan<Argument> arguments)
    {
        if (current?.onCall is not { } tell)
            return;
        var text = new StringBuilder(called.Name);
        foreach (ref readonly Argument argument in arguments)
        {
            string value = argument.Reference switch
            {
                torch.Tensor tensor => tensor.Describe(),
                torch.Tensor[] tensors => string.Join(' ', tensors.Select(t => t.Describe())),
                long[] list => string.Join('x', list),
                _ => argument.Integer.ToString(CultureInfo.InvariantCulture),
            };
            text.Append(' ').Append(argument.Tag).Append(':').Append(value);
        }

        tell(text.ToString());
    }
}
