using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Devices;

/// <summary>Element types of products on the command line, and where each may run.</summary>
internal static class ProductTypes
{
    /// <summary>The type of a name; a problem is added to the list and the result is of no use.</summary>
    public static ProductType Parse(string name, List<Diagnostic> problems)
    {
        if (ChoiceNames<ProductType>.Parse(name) is { } type)
            return type;
        problems.Add(new Diagnostic("SL0142", $"unknown dtype '{name}'", null, string.Join(" or ", ChoiceNames<ProductType>.All)));
        return default;
    }

    /// <summary>Refuses bfloat16 on the CPU, where it is slower than float32.</summary>
    /// <exception cref="UserErrorException">Exit code Device.</exception>
    public static void Require(ProductType type, bool onGpu)
    {
        if (type == ProductType.Bf16 && !onGpu)
            throw new UserErrorException(ExitCode.Device, CpuBfloat16.Refusal());
    }
}
