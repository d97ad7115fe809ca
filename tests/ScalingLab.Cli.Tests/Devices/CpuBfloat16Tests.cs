using ScalingLab.Cli.Devices;

namespace ScalingLab.Cli.Tests.Devices;

public sealed class CpuBfloat16Tests
{
    [Theory]
    [InlineData("flags\t\t: fpu avx2 avx512f", "neither AVX512-BF16 nor AMX")]
    [InlineData("flags\t\t: fpu avx512f avx512_bf16 avx512_fp16", "half the rate")]
    [InlineData("flags\t\t: fpu avx512_bf16 amx_bf16 amx_tile", "AMX have not been written")]
    [InlineData("", "neither")]
    public void The_refusal_says_what_this_processor_lacks(string flags, string reason)
    {
        Assert.Contains(reason, CpuBfloat16.Refusal(flags).Message, StringComparison.Ordinal);
    }
}
