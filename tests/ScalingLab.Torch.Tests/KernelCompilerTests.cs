using System.Text;
using System.Text.RegularExpressions;

namespace ScalingLab.Torch.Tests;

/// <summary>The CUDA sources in the real compiler, which needs no GPU; what is kept of its work; and what is said where it is missing.</summary>
public sealed class KernelCompilerTests
{
    private static readonly Encoding Bytes = Encoding.Latin1;

    [NvrtcTheory]
    [InlineData(80)]
    [InlineData(90)]
    public void Every_kernel_compiles_to_machine_code(int architecture)
    {
        string image = Bytes.GetString(KernelCompiler.Find(null)!.Compile(architecture));
        Assert.StartsWith("\u007fELF", image, StringComparison.Ordinal);
        Assert.Equal(KernelSources.Kernels.Order(StringComparer.Ordinal), Regex.Matches(image, @"\.text\.(\w+)\0").Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [NvrtcFact]
    public void A_device_newer_than_the_compiler_gets_portable_code_of_the_newest_it_knows()
    {
        KernelCompiler compiler = KernelCompiler.Find(null)!;
        string image = Bytes.GetString(compiler.Compile(1990));
        Assert.Contains($".target sm_{compiler.Architectures.Max()}", image, StringComparison.Ordinal);
        Assert.EndsWith("\0", image, StringComparison.Ordinal); // cuModuleLoadData reads PTX to its zero
    }

    [NvrtcFact]
    public void Sources_with_an_error_are_told_with_the_compilers_words()
    {
        var broken = KernelSources.Files.ToDictionary(f => f.Key, f => f.Key == "scale.cuh" ? f.Value.Replace("const float factor", "const flat factor", StringComparison.Ordinal) : f.Value);
        KernelsUnavailableException error = Assert.Throws<KernelsUnavailableException>(() => KernelCompiler.Find(null)!.Compile(90, broken));
        Assert.Contains("scale.cuh(", error.Message, StringComparison.Ordinal);
        Assert.Contains("flat", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void The_compiler_is_looked_for_in_the_wheels_beside_libtorch_first()
    {
        string[] candidates = [.. KernelCompiler.Candidates("/site/torch/lib")];
        Assert.Equal("/site/torch/lib/libcaffe2_nvrtc.so", candidates[0]);
        Assert.Contains("/site/nvidia/cuda_nvrtc/lib/libnvrtc.so.12", candidates);
        Assert.Contains("/site/nvidia/cu13/lib/libnvrtc.so.13", candidates);
        Assert.True(Array.IndexOf(candidates, "/site/nvidia/cu13/lib/libnvrtc.so.13") < Array.IndexOf(candidates, "libnvrtc.so.12"));
    }

    [Fact]
    public void Sources_include_nothing_but_one_another()
    {
        foreach (string line in KernelSources.Files.Values.SelectMany(text => text.Split('\n')).Where(line => line.StartsWith("#include", StringComparison.Ordinal)))
            Assert.Contains(line.Split('"')[1], KernelSources.Files.Keys);
        Assert.Contains("cross_entropy.cuh", KernelSources.Files.Keys);
    }

    [Fact]
    public void What_was_compiled_is_kept_by_architecture()
    {
        using var folder = new KernelFolder();
        var cache = new KernelCache(folder.Path);
        List<string> loaded = [];
        int compiled = 0;
        void Load(int architecture) => cache.Load(architecture, image => loaded.Add(Bytes.GetString(image)), a => Bytes.GetBytes($"code {a}, {++compiled}"));
        Load(90);
        Load(90);
        Load(80);
        Load(90);
        Assert.Equal(["code 90, 1", "code 90, 1", "code 80, 2", "code 90, 1"], loaded);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length); // nothing half-written beside them
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.Contains(KernelSources.Hash, file, StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_driver_refuses_is_compiled_anew()
    {
        using var folder = new KernelFolder();
        var cache = new KernelCache(folder.Path);
        cache.Load(90, _ => { }, _ => [1]);
        List<byte> seen = [];
        cache.Load(
            90,
            image =>
            {
                seen.Add(image[0]);
                if (image[0] == 1)
                    throw new KernelsUnavailableException("no");
            },
            _ => [2]);
        Assert.Equal([1, 2], seen);
        cache.Load(90, image => seen.Add(image[0]), _ => [3]);
        Assert.Equal([1, 2, 2], seen);
        Assert.Throws<KernelsUnavailableException>(() => cache.Load(80, _ => throw new KernelsUnavailableException("no"), _ => [4]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/proc/no such folder")]
    public void Without_a_folder_to_keep_it_in_it_is_compiled_each_time(string? folder)
    {
        int compiled = 0;
        for (int i = 0; i < 2; i++)
            new KernelCache(folder).Load(90, _ => { }, _ => [(byte)++compiled]);
        Assert.Equal(2, compiled);
    }

    [NoGpuFact]
    public void Without_a_device_the_reason_is_a_sentence()
    {
        string? problem = CudaKernels.Load(0);
        Assert.NotNull(problem);
        Assert.DoesNotContain("   at ", problem, StringComparison.Ordinal);
        Assert.Same(problem, CudaKernels.Load(0)); // looked for once
    }

    private sealed class KernelFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("scalinglab-kernels").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}

/// <summary>A test of the real compiler for CUDA; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvrtcFactAttribute : FactAttribute
{
    internal const string Reason = "no libnvrtc on the loader's path or in a CUDA toolkit";

    public NvrtcFactAttribute() => Skip = IsThere ? null : Reason;

    internal static bool IsThere { get; } = KernelCompiler.Find(null) is not null;
}

/// <summary>As <see cref="NvrtcFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvrtcTheoryAttribute : TheoryAttribute
{
    public NvrtcTheoryAttribute() => Skip = NvrtcFactAttribute.IsThere ? null : NvrtcFactAttribute.Reason;
}
