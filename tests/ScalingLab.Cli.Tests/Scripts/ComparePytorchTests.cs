using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace ScalingLab.Cli.Tests.Scripts;

/// <summary>What scripts/compare-pytorch.py says where there is nothing to compare with, on Pythons that only answer its question.</summary>
[SupportedOSPlatform("linux")]
public sealed class ComparePytorchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("compare ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Python3Theory]
    [InlineData("echo '[\"2.11.0\", \"13.0\", false, null]'", "cuda", "torch 2.11.0 of PYTHON sees no CUDA device: it is built with CUDA 13.0")]
    [InlineData("echo '[\"2.6.0+cpu\", null, false, null]'", "cuda:1", "torch 2.6.0+cpu of PYTHON sees no CUDA device: it is built without CUDA")]
    [InlineData("echo '[\"1.13.1\", null, false, null]'", "cpu", "torch 1.13.1 of PYTHON has no torch.compile")]
    [InlineData("echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1", "cuda", "PYTHON has no PyTorch that runs: ModuleNotFoundError: No module named 'torch'")]
    public void A_python_that_will_not_do_is_named_with_the_reason(string answer, string device, string expected)
    {
        string python = Path.Combine(folder, "python");
        File.WriteAllText(python, $"#!/bin/sh\n{answer}\n");
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (int status, string errors) = Compare("--device", device, "--python", python);
        Assert.StartsWith($"error: {expected.Replace("PYTHON", python, StringComparison.Ordinal)}", errors, StringComparison.Ordinal);
        Assert.Contains("  help: ", errors, StringComparison.Ordinal);
        Assert.Equal(5, status);
    }

    [Python3Theory]
    [InlineData("there is no device 'gpu'", "--device", "gpu")]
    [InlineData("there is no 'd512' on a device; take of d64, d128", "--device", "cuda", "--shapes", "d512")]
    [InlineData("there is no 'jit' on a device; take of graph", "--device", "cuda", "--modes", "torch,jit")]
    [InlineData("--dtypes fp32", "--device", "cpu", "--dtypes", "bf16")]
    public void A_mistake_of_usage_names_what_there_is(string expected, params string[] arguments)
    {
        (int status, string errors) = Compare(arguments);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Equal(2, status);
    }

    private static (int Status, string Errors) Compare(params string[] arguments)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "ScalingLab.sln")))
            root = root.Parent;
        return Run("/usr/bin/python3", ["-B", Path.Combine(root.FullName, "scripts/compare-pytorch.py"), .. arguments]);
    }

    private static (int Status, string Errors) Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = output.Result;
        return (process.ExitCode, errors);
    }

    /// <summary>Skipped where the system has no python3.</summary>
    private sealed class Python3TheoryAttribute : TheoryAttribute
    {
        private static readonly bool Present = IsPresent();

        public Python3TheoryAttribute() => Skip = Present ? null : "there is no /usr/bin/python3 here";

        private static bool IsPresent()
        {
            try
            {
                return Run("/usr/bin/python3", ["--version"]).Status == 0;
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }
}
