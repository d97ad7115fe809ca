using System.Runtime.InteropServices;

namespace ScalingLab.Torch;

/// <summary>libtorch refused an operation. The message names the operator, the shapes it was given and the reason.</summary>
/// <remarks>Derives from <see cref="ExternalException"/>, which TorchSharp throws, so that one catch serves both providers.</remarks>
public sealed class TorchException : ExternalException
{
    private TorchException(string operation, string reason, string message)
        : base(message)
    {
        Operation = operation;
        Reason = reason;
    }

    /// <summary>The operator, e.g. <c>aten::mm</c>.</summary>
    public string Operation { get; }

    /// <summary>libtorch's own words.</summary>
    public string Reason { get; }

    internal static TorchException From(string operation, ReadOnlySpan<torch.Tensor?> operands, string reason)
    {
        var shapes = new List<string>();
        foreach (torch.Tensor? operand in operands)
            shapes.Add(operand?.Describe() ?? "none");
        string given = shapes.Count == 0 ? "" : $" on {string.Join(", ", shapes)}";
        return new TorchException(operation, reason, $"{operation}{given}: {reason}");
    }
}
