using System.Diagnostics;
using System.Runtime.Versioning;

namespace ScalingLab.Cli.Tests.Scripts;

/// <summary>scripts/find-libtorch.sh against folders laid out as PyTorch's packages and archives are.</summary>
[SupportedOSPlatform("linux")]
public sealed class FindLibtorchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("find libtorch ").FullName; // with a space, as a user's folder may have

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void An_archive_is_known_by_its_build_version()
    {
        string torch = Package("libtorch", cuda: false);
        Write("libtorch/build-version", "2.5.1+cpu\n");
        var found = Found(Find(torch));
        Assert.Equal((torch, "2.5.1+cpu", "", "SCALINGLAB_LIBTORCH"), (found["folder"], found["version"], found["cuda"], found["source"]));
    }

    [Fact]
    public void A_python_package_is_known_by_its_version_file()
    {
        Package("site/torch", cuda: true);
        Write("site/torch/version.py", "__version__ = '2.5.1+cu124'\ncuda: Optional[str] = '12.4'\nhip = None\n");
        var found = Found(Find(Path.Combine(folder, "site"))); // the folder above will do
        Assert.Equal(("2.5.1+cu124", "12.4", ""), (found["version"], found["cuda"], found["cuda_includes"]));
    }

    [Fact]
    public void Cuda_headers_of_wheels_lie_beside_torch()
    {
        string torch = Package("site/torch", cuda: true);
        Write("site/torch/version.py", "__version__ = '2.9.0'\ncuda = '13.0'\n");
        foreach (string header in new[] { "cuda_runtime/include/cuda_runtime_api.h", "cublas/include/cublas_v2.h", "cusparse/include/cusparse.h", "cusolver/include/cusolverDn.h" })
            Write($"site/nvidia/{header}", "");
        Assert.Contains(Path.Combine(folder, "site/nvidia/cublas/include"), Found(Find(torch))["cuda_includes"].Split(':'));
    }

    [Theory, InlineData("_ZN3c105ErrorC2ENS_14SourceLocationESs", "0"), InlineData("_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_string", "1")]
    public void The_layout_of_strings_is_read_from_symbols(string symbol, string abi)
    {
        string torch = Package("libtorch", cuda: false);
        Write("libtorch/lib/libc10.so", $"\0{symbol}\0");
        Assert.Equal(abi, Found(Find(torch))["abi"]);
    }

    [Fact]
    public void A_cuda_build_of_python_is_found_without_importing_it()
    {
        Package("site/torch", cuda: true);
        Write("site/torch/version.py", "__version__ = '2.5.1+cu124'\ncuda = '12.4'\n");
        Write("site/torch/__init__.py", "raise SystemExit('imported')\n");
        Write("bin/python3", $"#!/bin/sh\necho '{Path.Combine(folder, "site/torch")}'\n");
        File.SetUnixFileMode(Path.Combine(folder, "bin/python3"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var found = Found(Find(libtorch: null));
        Assert.Equal(("python-cuda", "12.4"), (found["source"], found["cuda"]));
    }

    [Fact]
    public void A_folder_without_libtorch_is_refused() => Assert.Equal(2, Find(folder).Status);

    [Fact]
    public void Libraries_without_headers_are_not_enough()
    {
        string torch = Package("libtorch", cuda: false);
        File.Delete(Path.Combine(torch, "include/ATen/ATen.h"));
        Assert.Equal(2, Find(torch).Status);
    }

    private string Package(string name, bool cuda)
    {
        foreach (string file in new[] { "include/ATen/ATen.h", "lib/libtorch_cpu.so", "lib/libc10.so" })
            Write($"{name}/{file}", "");
        if (cuda)
            Write($"{name}/lib/libtorch_cuda.so", "");
        return Path.Combine(folder, name);
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private (int Status, string Output) Find(string? libtorch)
    {
        ProcessStartInfo start = new("/bin/sh", [Path.Combine(Root(), "scripts", "find-libtorch.sh")]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{folder}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["CUDA_HOME"] = "";
        start.Environment["SCALINGLAB_LIBTORCH"] = libtorch ?? "";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static Dictionary<string, string> Found((int Status, string Output) answer)
    {
        Assert.Equal(0, answer.Status);
        return answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private static string Root()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "ScalingLab.sln")))
            at = at.Parent;
        return at.FullName;
    }
}
