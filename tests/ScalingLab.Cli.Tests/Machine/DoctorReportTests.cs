using System.Text.Json;
using ScalingLab.Cli.Machine;
using ScalingLab.Training;
using Spectre.Console;

namespace ScalingLab.Cli.Tests.Machine;

public class DoctorReportTests
{
    private static readonly MachineFacts Bare = new()
    {
        ProgramVersion = "0.1.0",
        Commit = "0123456789abcdef",
        DotNet = "10.0.1",
        OperatingSystem = "Debian GNU/Linux 12 (bookworm), Linux 6.1.0, x64",
        Processor = "Intel(R) Xeon(R) Processor",
        VectorExtensions = ["AVX2+FMA", "AVX-512"],
        CoresUsable = 2,
        CoresPresent = 2,
        MemoryBytes = 24L << 30,
        HasApt = true,
        EngineProblem = "the native library has not been built; ./scripts/setup.sh --engine builds it",
    };

    private static readonly MachineFacts Ready = Bare with
    {
        Compiler = "g++ 12.2.0",
        Libtorch = new("/usr", "1.13.1", null, "debian"),
        Shim = new("/lab/artifacts/native/0a1b/libscalinglab_torch.so", "/usr", "1.13.1", HasCuda: false),
        Engine = Engine("1.13.0", 0),
        EngineProblem = null,
        HasOpenMpBlas = true,
        IsRoot = true,
    };

    private static readonly GpuFacts H100 = new("NVIDIA H100 80GB HBM3", 80L << 30, "550.54");

    private static readonly MachineFacts CudaReady = Ready with
    {
        Libtorch = new("/venv/lib/python3.12/site-packages/torch", "2.5.1+cu124", "12.4", "python-cuda", HasCudaHeaders: true),
        Shim = new("/lab/artifacts/native/0a1b/libscalinglab_torch.so", "/venv/lib/python3.12/site-packages/torch", "2.5.1+cu124", HasCuda: true),
        Engine = Engine("2.5.1", 2),
        Gpus = [H100, H100],
    };

    [Fact]
    public void A_bare_machine_is_told_every_command() => Approve("bare", Bare);

    [Fact]
    public void A_ready_machine_misses_nothing()
    {
        Approve("ready", Ready);
        Assert.Empty(new DoctorReport(Ready).Missing);
    }

    [Fact]
    public void A_gpu_without_a_cuda_libtorch_is_told_both_ways() => Approve("gpu-without-cuda", Ready with { Gpus = [H100] });

    [Fact]
    public void A_gpu_box_lists_its_devices()
    {
        Approve("gpu-ready", CudaReady);
        Assert.Equal(["cpu", "cuda:0", "cuda:1"], new DoctorReport(CudaReady).Devices);
    }

    [Fact]
    public void What_energy_is_measured_by_is_a_line_a_device() =>
        Approve("energy", CudaReady with { Energy = [new("cpu", null, "no RAPL counter in /sys/class/powercap"), new("cuda:0", "nvml-counter", null), new("cuda:1", "nvml-power-integral", null)] });

    [Fact]
    public void Missing_cuda_headers_are_worth_having() =>
        Approve("cuda-headers-missing", CudaReady with { Libtorch = CudaReady.Libtorch! with { HasCudaHeaders = false }, Shim = CudaReady.Shim! with { HasCuda = false } });

    [Fact]
    public void A_driver_too_old_for_the_build_is_named() => Approve("driver-too-old", CudaReady with { Engine = Engine("2.5.1", 0) });

    [Fact]
    public void An_engine_that_crashes_is_not_ready() =>
        Approve("engine-crashes", Ready with { Engine = null, EngineProblem = "the process ended with code 139" });

    [Fact]
    public void A_wrong_SCALINGLAB_LIBTORCH_is_named() =>
        Approve("wrong-folder", Bare with { LibtorchProblem = "SCALINGLAB_LIBTORCH=/opt/none has no include/ATen/ATen.h or no lib/libtorch_cpu.so" });

    [Fact]
    public void A_system_without_apt_is_not_told_to_use_it() => Approve("no-apt", Bare with { HasApt = false });

    [Fact]
    public void A_libtorch_installed_since_the_build_and_a_slow_blas_are_worth_mending() =>
        Approve("worth-mending", Ready with { Libtorch = Ready.Libtorch! with { Version = "2.6.0" }, HasOpenMpBlas = false, CoresPresent = 8 });

    [Fact]
    public void The_packages_of_TorchSharp_need_neither_compiler_nor_libtorch()
    {
        MachineFacts runs = Bare with { Provider = "TorchSharp", Engine = Engine("2.10.0", 0) with { Provider = "TorchSharp", BlasLibrary = null }, EngineProblem = null };
        DoctorReport report = new(runs);
        Assert.True(report.Ready);
        Assert.Empty(report.Missing);
        Assert.Equal("CUDA driver", Assert.Single(new DoctorReport(runs with { Gpus = [H100] }).Missing).Name); // not a libtorch with CUDA: the packages bring it
        Approve("torchsharp", runs);
    }

    [Fact]
    public void Packages_of_TorchSharp_that_do_not_run_are_not_to_be_built() =>
        Approve("torchsharp-broken", Bare with { Provider = "TorchSharp", EngineProblem = "there is no libLibTorchSharp.so" });

    [Fact]
    public void The_json_document_names_its_schema_and_what_is_missing()
    {
        string json = JsonSerializer.Serialize(new DoctorReport(Bare).Document, DoctorJson.Default.DoctorDocument);
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal("scalinglab.doctor/1", document.RootElement.GetProperty("schema").GetString());
        Assert.False(document.RootElement.GetProperty("ready").GetBoolean());
        Assert.Equal(["libtorch", "C++ compiler", "engine"], document.RootElement.GetProperty("missing").EnumerateArray().Select(piece => piece.GetProperty("name").GetString()));
        Assert.Equal(2, document.RootElement.GetProperty("facts").GetProperty("coresUsable").GetInt32());
    }

    private static EngineFacts Engine(string libtorch, int cudaDevices) => new()
    {
        Provider = "LibTorch",
        LibtorchVersion = libtorch,
        BlasLibrary = "/usr/lib/x86_64-linux-gnu/openblas-openmp/libopenblas.so.0",
        BlasConfiguration = "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY USE_OPENMP SkylakeX MAX_THREADS=128",
        BlasKernels = "SkylakeX",
        CudaDevices = cudaDevices,
    };

    private static void Approve(string name, MachineFacts facts)
    {
        using StringWriter text = new();
        new DoctorReport(facts).Write(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors }));
        string written = text.ToString();
        Assert.DoesNotContain('\e', written);
        Approved.Equal($"DoctorReport.{name}", written);
    }
}
