using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ScalingLab.Torch.Tests;

/// <summary>How compiled kernels reach NVIDIA's driver: on a library of a few lines of C++ with the driver's functions, whose signatures are those of cuda.h.</summary>
public sealed class KernelModuleTests
{
    private const string Driver = """
        #include <cstring>
        static int module_of_driver, kernel_of_driver;
        extern "C" int cuModuleLoadData(void **module, const void *image) {
          if (std::memcmp(image, "\177ELF", 4)) return 200;
          *module = &module_of_driver;
          return 0;
        }
        extern "C" int cuModuleGetFunction(void **function, void *module, const char *name) {
          if (module != &module_of_driver) return 1;
          if (!std::strcmp(name, "missing")) return 500;
          *function = reinterpret_cast<char *>(&kernel_of_driver) + std::strlen(name);
          return 0;
        }
        extern "C" int cuLaunchKernel(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **) { return 700; }
        """;

    [EmulatedFact]
    public void Kernels_are_found_by_name_in_what_was_loaded_and_errors_are_told()
    {
        using var folder = new Folder();
        var module = new KernelModule(folder.Compile(Driver));
        nint[] functions = module.Load("\u007fELF"u8.ToArray(), ["a", "bcd"]);
        Assert.Equal(2, functions[1] - functions[0]);
        Assert.Contains("cuModuleGetFunction of missing answers with error 500", Assert.Throws<KernelsUnavailableException>(() => module.Load("\u007fELF"u8.ToArray(), ["missing"])).Message, StringComparison.Ordinal);
        Assert.Contains("cuModuleLoadData answers with error 200", Assert.Throws<KernelsUnavailableException>(() => module.Load("text"u8.ToArray(), ["a"])).Message, StringComparison.Ordinal);
        Assert.NotEqual(0, module.Launch);
    }

    [EmulatedFact]
    public void A_launch_that_the_driver_refuses_is_an_error_with_its_number()
    {
        using var folder = new Folder();
        using DisposeScope scope = torch.NewDisposeScope();
        EmulatedKernels.Use();
        nint emulated = EmulatedKernels.Kernel("relu2_f32");
        try
        {
            CudaKernels.Set(-1, "relu2_f32", emulated, new KernelModule(folder.Compile(Driver)).Launch);
            TorchException error = Assert.Throws<TorchException>(() => CudaOperators.Activation(torch.ones([4]).to_type(torch.ScalarType.Float32), null, "relu2"));
            Assert.Contains("relu2_f32 was not launched: error 700 of the CUDA driver", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            EmulatedKernels.Set();
        }
    }

    [Fact]
    public void Without_a_driver_it_is_named()
    {
        Assert.Contains("there is no NVIDIA driver (libcuda.so.0 does not load)", Assert.Throws<KernelsUnavailableException>(() => new KernelModule("libcuda.so.0")).Message, StringComparison.Ordinal);
        string libc = NativeLibrary.TryLoad("libc.so.6", out _) ? "libc.so.6" : "libc";
        Assert.Contains("has no cuLaunchKernel", Assert.Throws<KernelsUnavailableException>(() => new KernelModule(libc).Launch).Message, StringComparison.Ordinal);
    }

    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("scalinglab-driver").FullName;

        public string Compile(string source)
        {
            string file = Path.Combine(path, "driver.cpp"), library = Path.Combine(path, "driver.so");
            File.WriteAllText(file, source);
            using Process compiler = Process.Start("g++", ["-shared", "-fPIC", "-o", library, file]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
            return library;
        }

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
