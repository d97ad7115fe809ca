using ScalingLab.Cli.Devices;
using ScalingLab.Core;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training;

namespace ScalingLab.Cli.Tests.Devices;

public sealed class DeviceRequestTests
{
    private static readonly FakeGpus None = new(0), Three = new(3);

    [Theory]
    [InlineData("auto", 3, "cuda:0 cuda:1 cuda:2")]
    [InlineData("cuda", 3, "cuda:0 cuda:1 cuda:2")]
    [InlineData("cuda:2", 3, "cuda:2")]
    [InlineData("cuda:0", 3, "cuda:0")]
    [InlineData("cpu", 3, "")]
    [InlineData("auto", 0, "")] // a libtorch without CUDA beside three GPUs
    [InlineData("auto", 2, "cuda:0 cuda:1")]
    public void A_sweep_takes_all_gpus_that_both_driver_and_libtorch_reach_or_the_one_named(string text, int reached, string expected) =>
        Assert.Equal(expected, string.Join(' ', Request(text).Gpus(Three, () => Engine(reached)).Select(g => g.Device)));

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    public void Without_a_gpu_the_engine_is_not_asked(string text) =>
        Assert.Empty(Request(text).Gpus(None, () => throw new InvalidOperationException("it was asked")));

    [Theory]
    [InlineData("cuda", 0, 0, "device 'cuda': no driver")]
    [InlineData("cuda:1", 0, 0, "device 'cuda:1': no driver")]
    [InlineData("cuda", 3, 0, "device 'cuda': libtorch 2.6.0 reaches none of the 3 GPUs that the driver shows")]
    [InlineData("cuda:3", 3, 3, "device 'cuda:3': there are 3 CUDA devices, counted from 0")]
    [InlineData("cuda:1", 3, 1, "device 'cuda:1': there is one CUDA device, counted from 0")]
    public void A_gpu_that_is_not_there_is_refused_with_the_reason_and_exit_code_5(string text, int shown, int reached, string message)
    {
        var refused = Assert.Throws<UserErrorException>(() => Request(text).Gpus(new FakeGpus(shown), () => Engine(reached)));
        Assert.Equal(ExitCode.Device, refused.ExitCode);
        Assert.StartsWith(message, refused.Message);
        Assert.Contains(shown > 0 && reached > 0 ? $"--device cuda:{reached - 1}" : "--device cpu", refused.Diagnostics[0].Help);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("CPU")]
    public void Another_word_is_a_usage_error(string text)
    {
        var problems = new List<Diagnostic>();
        DeviceRequest.Parse(text, problems);
        Diagnostic problem = Assert.Single(problems);
        Assert.Equal(($"unknown device '{text}'", "auto, cpu or cuda[:i]"), (problem.Message, problem.Help));
    }

    private static DeviceRequest Request(string text)
    {
        var problems = new List<Diagnostic>();
        DeviceRequest request = DeviceRequest.Parse(text, problems);
        Assert.Empty(problems);
        return request;
    }

    private static EngineFacts Engine(int reached) => new() { LibtorchVersion = "2.6.0", CudaDevices = reached };
}

/// <summary>So many GPUs of 80 GB.</summary>
internal sealed class FakeGpus(int count) : IGpuList
{
    public IReadOnlyList<GpuDevice> Gpus { get; } = [.. Enumerable.Range(0, count).Select(i => new GpuDevice(i, "NVIDIA H100 80GB HBM3", 80_000_000_000, $"GPU-{i}"))];

    public string? Problem => Gpus.Count == 0 ? "no driver" : null;
}
