using System.Diagnostics;
using System.Runtime.Versioning;

namespace ScalingLab.Cli.Tests.Scripts;

/// <summary>scripts/find-libtorch.sh against folders laid out as PyTorch's packages and archives are.</summary>
/// <remarks>Releases of CUDA are ones that no machine has, so that a toolkit installed here is passed over.</remarks>
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
        Write("site/torch/version.py", "__version__ = '2.5.1+cu964'\ncuda: Optional[str] = '96.4'\nhip = None\n");
        var found = Found(Find(Path.Combine(folder, "site"))); // the folder above will do
        Assert.Equal(("2.5.1+cu964", "96.4", ""), (found["version"], found["cuda"], found["cuda_includes"]));
    }

    [Fact]
    public void Cuda_headers_of_the_wheels_of_cuda_12_lie_beside_torch_in_two_packages()
    {
        string torch = CudaPackage("96.4");
        Runtime("site/nvidia/cuda_runtime/include", 96040);
        Write("site/nvidia/cuda_nvcc/include/crt/host_defines.h", "");
        Assert.Equal($"{folder}/site/nvidia/cuda_runtime/include:{folder}/site/nvidia/cuda_nvcc/include", Found(Find(torch))["cuda_includes"]);
    }

    [Fact]
    public void Cuda_headers_of_the_wheels_of_cuda_13_lie_in_one_folder()
    {
        string torch = CudaPackage("97.0");
        Runtime("site/nvidia/cu13/include", 97000);
        Write("site/nvidia/cu13/include/crt/host_defines.h", "");
        Assert.Equal($"{folder}/site/nvidia/cu13/include", Found(Find(torch))["cuda_includes"]);
    }

    [Fact]
    public void What_the_runtimes_wheel_lacks_is_taken_from_what_triton_brings()
    {
        string torch = CudaPackage("97.0");
        Runtime("site/nvidia/cu13/include", 97000);
        if (Found(Find(torch))["cuda_includes"] is { Length: > 0 } elsewhere)
        {
            Assert.StartsWith($"{folder}/site/nvidia/cu13/include:/", elsewhere, StringComparison.Ordinal); // this machine has a toolkit
            return;
        }

        Runtime("site/triton/backends/nvidia/include", 96080);
        Write("site/triton/backends/nvidia/include/crt/host_defines.h", "");
        Assert.Equal($"{folder}/site/nvidia/cu13/include:{folder}/site/triton/backends/nvidia/include", Found(Find(torch))["cuda_includes"]);
    }

    [Fact]
    public void Headers_of_another_major_release_are_passed_over()
    {
        string torch = CudaPackage("97.0");
        Runtime("toolkit/include", 96040);
        Write("toolkit/include/crt/host_defines.h", "");
        Assert.Equal("", Found(Find(torch, cudaHome: $"{folder}/toolkit"))["cuda_includes"]);
        Runtime("toolkit/include", 97010); // a minor release apart will do
        Assert.Equal($"{folder}/toolkit/include", Found(Find(torch, cudaHome: $"{folder}/toolkit"))["cuda_includes"]);
    }

    [Fact]
    public void The_toolkit_of_the_compiler_on_the_path_has_headers_too()
    {
        string torch = CudaPackage("96.4");
        Runtime("toolkit/include", 96060);
        Write("toolkit/include/crt/host_defines.h", "");
        Write("toolkit/bin/nvcc", "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(folder, "toolkit/bin/nvcc"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Combine(folder, "bin"));
        File.CreateSymbolicLink(Path.Combine(folder, "bin/nvcc"), Path.Combine(folder, "toolkit/bin/nvcc"));
        Assert.Equal($"{folder}/toolkit/include", Found(Find(torch))["cuda_includes"]);
    }

    [Theory, InlineData("_ZN3c105ErrorC2ENS_14SourceLocationESs", "0"), InlineData("_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_string", "1")]
    public void The_layout_of_strings_is_read_from_symbols(string symbol, string abi)
    {
        string torch = Package("libtorch", cuda: false);
        Write("libtorch/lib/libc10.so", $"\0{symbol}\0");
        Assert.Equal(abi, Found(Find(torch))["abi"]);
    }

    [Fact]
    public void Where_symbols_say_nothing_what_cmake_is_told_counts()
    {
        string torch = Package("site/torch", cuda: false);
        Assert.Equal("1", Found(Find(torch))["abi"]);
        Write("site/torch/share/cmake/Torch/TorchConfig.cmake", "  set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=0\")\n");
        Assert.Equal("0", Found(Find(torch))["abi"]);
        Write("site/torch/lib/libc10.so", "\0_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_string\0");
        Assert.Equal("1", Found(Find(torch))["abi"]);
    }

    [Fact]
    public void A_cuda_build_of_python_is_found_without_importing_it()
    {
        Package("site/torch", cuda: true);
        Write("site/torch/version.py", "__version__ = '2.5.1+cu124'\ncuda = '12.4'\n");
        Write("site/torch/__init__.py", "raise SystemExit('imported')\n");
        Program("python3", $"echo '{Path.Combine(folder, "site/torch")}'");
        var found = Found(Find(libtorch: null));
        Assert.Equal(("python-cuda", "12.4"), (found["source"], found["cuda"]));
    }

    /// <summary>What is named, then a PyTorch with CUDA, then Debian's package, then a PyTorch without.</summary>
    [Fact]
    public void The_first_place_in_the_stated_order_that_has_libtorch_is_taken()
    {
        string named = Package("libtorch", cuda: false), python = Package("site/torch", cuda: true);
        Write("libtorch/build-version", "2.5.1+cpu\n");
        Write("site/torch/version.py", "__version__ = '2.5.1+cu964'\ncuda = '96.4'\n");
        Program("python3", $"echo '{python}'");
        Program("dpkg-query", "echo 'install ok installed'");
        Assert.Equal(("SCALINGLAB_LIBTORCH", named), Place(Find(named)));
        Assert.Equal(("python-cuda", python), Place(Find(libtorch: null)));

        File.Delete(Path.Combine(python, "lib/libtorch_cuda.so"));
        bool debianHeaders = File.Exists("/usr/include/ATen/ATen.h");
        (string Source, string Folder) found = Place(Find(libtorch: null));
        if (found.Source == "python-cuda")
            return; // the PyTorch of this machine's own python3 has CUDA, and comes before the rest
        Assert.Equal(debianHeaders ? ("debian", "/usr") : ("python-cpu", python), found);
        Program("dpkg-query", "exit 1");
        Assert.Equal(("python-cpu", python), Place(Find(libtorch: null)));

        static (string Source, string Folder) Place((int, string) answer) => Found(answer) is var values ? (values["source"], values["folder"]) : default;
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

    private void Program(string name, string line)
    {
        Write($"bin/{name}", $"#!/bin/sh\n{line}\n");
        File.SetUnixFileMode(Path.Combine(folder, "bin", name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string CudaPackage(string cuda)
    {
        string torch = Package("site/torch", cuda: true);
        Write("site/torch/lib/libc10_cuda.so", "");
        Write("site/torch/version.py", $"__version__ = '2.9.0'\ncuda = '{cuda}'\n");
        return torch;
    }

    private void Runtime(string include, int release) => Write($"{include}/cuda_runtime_api.h", $"#define CUDART_VERSION  {release}\n");

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

    private (int Status, string Output) Find(string? libtorch, string cudaHome = "")
    {
        ProcessStartInfo start = new("/bin/sh", [Path.Combine(Root(), "scripts", "find-libtorch.sh")]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{folder}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["CUDA_HOME"] = cudaHome;
        start.Environment["CUDA_PATH"] = "";
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
