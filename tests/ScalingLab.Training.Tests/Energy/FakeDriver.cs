using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using ScalingLab.Training.Tests.Data;

namespace ScalingLab.Training.Tests.Energy;

/// <summary>libnvidia-ml.so.1 and libcuda.so.1 of a few lines of C, whose sensors say what lies in a file beside them.</summary>
/// <remarks>The signatures are those of nvml.h and cuda.h; a file of numbers <c>status millijoules power_status milliwatts processes</c> is read at each call.</remarks>
internal sealed class FakeDriver : IDisposable
{
    public const string Uuid = "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f";

    private const string Source = """
        #include <stdio.h>
        #include <string.h>
        static int opened = 0;
        static int state(int which, unsigned long long *value) {
          unsigned long long v[5] = {0};
          FILE *f = fopen(STATE, "r");
          if (!f) return 999;
          int n = fscanf(f, "%llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4);
          fclose(f);
          if (n != 5) return 999;
          *value = which == 4 ? v[4] : v[which + 1];
          return which == 4 ? 0 : (int)v[which];
        }
        int nvmlInit_v2(void) { opened++; return 0; }
        int nvmlShutdown(void) { opened--; return 0; }
        int fake_opened(void) { return opened; }
        const char *nvmlErrorString(int s) { return s == 3 ? "Not Supported" : s == 6 ? "Not Found" : s == 15 ? "GPU is lost" : "Unknown Error"; }
        int nvmlSystemGetDriverVersion(char *text, unsigned n) { strncpy(text, "550.54.15", n); return 0; }
        int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
          if (strcmp(uuid, "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f")) return 6;
          *device = (void *)0x1234;
          return 0;
        }
        int nvmlDeviceGetTotalEnergyConsumption(void *d, unsigned long long *mj) { return d != (void *)0x1234 ? 2 : state(0, mj); }
        int nvmlDeviceGetPowerUsage(void *d, unsigned *mw) { unsigned long long v = 0; int s = state(2, &v); *mw = (unsigned)v; return s; }
        int nvmlDeviceGetTemperature(void *d, int sensor, unsigned *celsius) { if (sensor != 0) return 2; *celsius = 61; return 0; }
        int nvmlDeviceGetClockInfo(void *d, int clock, unsigned *mhz) { if (clock != 1 && clock != 2) return 2; *mhz = clock == 1 ? 1980 : 2619; return 0; }
        int nvmlDeviceGetUtilizationRates(void *d, unsigned *rates) { rates[0] = 97; rates[1] = 40; return 0; }
        int nvmlDeviceGetComputeRunningProcesses_v3(void *d, unsigned *count, void *infos) {
          unsigned long long v = 0;
          int s = state(4, &v);
          if (s) return s;
          if (infos || *count) return 2;
          *count = (unsigned)v;
          return v ? 7 : 0;
        }
        int cuInit(unsigned flags) { return CUINIT; }
        int cuDeviceGetCount(int *count) { *count = 2; return 0; }
        int cuDeviceGet(int *device, int ordinal) { if (ordinal < 0 || ordinal > 1) return 101; *device = ordinal + 40; return 0; }
        int cuDeviceGetName(char *name, int length, int device) { snprintf(name, length, "NVIDIA H100 80GB HBM3"); return device == 40 || device == 41 ? 0 : 101; }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 85000000000ull + device; return 0; }
        int cuDeviceGetUuid(unsigned char *uuid, int device) { for (int i = 0; i < 16; i++) uuid[i] = (unsigned char)(i + (device == 41 ? 1 : 0)); return 0; }
        """;

    private readonly TemporaryFolder folder = new();

    /// <param name="cuInit">What cuInit answers.</param>
    public FakeDriver(int cuInit = 0)
    {
        string source = folder.File("fake.c", Source);
        foreach (string library in new[] { Nvml, Cuda })
        {
            using Process compiler = Process.Start("gcc", ["-shared", "-fPIC", "-w", $"-DCUINIT={cuInit}", $"-DSTATE=\"{StateFile}\"", "-o", library, source])!;
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }

        Say();
    }

    public string Nvml => Path.Combine(folder.Path, "libnvidia-ml.so.1");

    public string Cuda => Path.Combine(folder.Path, "libcuda.so.1");

    public string Folder => folder.Path;

    /// <summary>How often NVML was started and not ended.</summary>
    public int Opened => Marshal.GetDelegateForFunctionPointer<Count>(NativeLibrary.GetExport(NativeLibrary.Load(Nvml), "fake_opened"))();

    private string StateFile => Path.Combine(folder.Path, "state");

    /// <summary>What the sensors say from now on. By rename: another thread may be reading them.</summary>
    public void Say(long millijoules = 0, long milliwatts = 0, int energyStatus = 0, int powerStatus = 0, int processes = 1)
    {
        File.WriteAllText(StateFile + ".new", FormattableString.Invariant($"{energyStatus} {millijoules} {powerStatus} {milliwatts} {processes}"));
        File.Move(StateFile + ".new", StateFile, overwrite: true);
    }

    public void Dispose() => folder.Dispose();

    private delegate int Count();

    internal static bool CanCompile()
    {
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("gcc", ["--version"]) { RedirectStandardOutput = true })!;
            compiler.StandardOutput.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>Skipped where no gcc can make the library of a fake driver.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FakeDriverFactAttribute : FactAttribute
{
    public FakeDriverFactAttribute()
    {
        if (!FakeDriver.CanCompile())
            Skip = "needs gcc, to compile the library of a fake driver";
    }
}
