using System.Text.Json;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Tests.Devices;

/// <summary>The program on a machine without a GPU.</summary>
[Collection(Processes.Name)]
public sealed class DeviceCommandTests : IDisposable
{
    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [NoGpuTheory]
    [InlineData("--device cuda", 5, "error[SL0512]: device 'cuda': there is no NVIDIA driver (libcuda.so.1 does not load)", "--device cpu")]
    [InlineData("--device cuda:1", 5, "error[SL0512]: device 'cuda:1': ", "--device cpu")]
    [InlineData("--device gpu", 2, "error[SL0117]: unknown device 'gpu'", "auto, cpu or cuda[:i]")]
    [InlineData("--dtype bf16", 5, "error[SL0513]: dtype 'bf16' on the CPU: ", "--dtype fp32")]
    [InlineData("--set training.dtype=bf16", 5, "error[SL0513]: dtype 'bf16' on the CPU: ", "--dtype fp32")]
    [InlineData("--dtype fp9", 2, "error[SL0142]: unknown dtype 'fp9'", "fp")]
    [InlineData("--set training.dtype=fp9", 3, "fp9", "fp32")]
    public void A_sweep_that_this_machine_cannot_train_is_refused_before_anything_is_written(string flags, int exitCode, string message, string help)
    {
        foreach (string[] dry in new string[][] { [], ["--dry-run"] })
        {
            Ended ended = sandbox.Run(["sweep", sandbox.ConfigFile, .. dry, .. flags.Split(' ')]);
            Assert.True(ended.ExitCode == exitCode, ended.ToString());
            Assert.Contains(message, ended.Error.Split('\n')[0], StringComparison.Ordinal);
            Assert.Contains(help, ended.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(sandbox.Sweep));
        }
    }

    [NoGpuTheory]
    [InlineData("--device cuda")]
    [InlineData("--dtype bf16")]
    [InlineData("--dtype fp9")]
    public void Sweeps_and_benchmarks_refuse_in_the_same_words(string flags)
    {
        Ended sweep = sandbox.Run(["sweep", sandbox.ConfigFile, .. flags.Split(' ')]), bench = sandbox.Run(["bench", "gemm", .. flags.Split(' ')]);
        Assert.Equal(sweep.ExitCode, bench.ExitCode);
        Assert.Equal(sweep.Error, bench.Error);
    }

    /// <summary>Energy is a number with its source where the processor's counter can be read, else null with the reason.</summary>
    [Fact]
    public void A_run_says_where_its_joules_are_from_or_why_there_are_none()
    {
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile, "--device", "cpu", "--jobs", "1", "--set", "sweep.tokens=[1280]");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        foreach (RunFolder folder in sandbox.Folders)
        {
            JsonElement done = JsonDocument.Parse(File.ReadAllBytes(folder.DonePath)).RootElement;
            bool measured = done.GetProperty("joules").ValueKind == JsonValueKind.Number;
            Assert.Equal(measured, done.TryGetProperty("joules_source", out _));
            Assert.Equal(!measured, done.TryGetProperty("joules_missing", out _));
            Assert.Equal("cpu", folder.ReadManifest()!.Device);
        }
    }
}

/// <summary>Skipped where the driver shows a GPU: these tests are of a machine without one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NoGpuTheoryAttribute : TheoryAttribute
{
    public NoGpuTheoryAttribute()
    {
        if (Core.Devices.CudaDriver.Ask().Gpus.Count > 0)
            Skip = "this machine has a GPU";
    }
}
