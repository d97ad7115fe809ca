using System.Runtime.InteropServices;
using System.Text.Json;
using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>There is no native library to run on, or it does not load.</summary>
public sealed class EngineNotFoundException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Loads the native shim and libtorch once a process, with the settings that decide CPU speed.</summary>
public static class Engine
{
    private static readonly Lock Gate = new();
    private static volatile bool loaded;

    /// <summary>Where the shim was found; null before it was loaded.</summary>
    public static string? LibraryPath { get; private set; }

    /// <summary>The settings in force.</summary>
    public static EngineSettings Settings { get; private set; } = new();

    /// <summary>Version of libtorch, e.g. 1.13.1.</summary>
    public static unsafe string LibTorchVersion
    {
        get
        {
            EnsureLoaded();
            return Marshal.PtrToStringUTF8((nint)NativeMethods.LibTorchVersion()) ?? "";
        }
    }

    /// <summary>libtorch's own description of its build: compiler, BLAS, vector capability.</summary>
    public static unsafe string BuildConfiguration
    {
        get
        {
            EnsureLoaded();
            NativeMethods.Check(NativeMethods.BuildConfiguration(out byte* text), "build configuration");
            return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
    }

    /// <summary>Loads the engine with chosen settings; must come before the first tensor.</summary>
    /// <exception cref="InvalidOperationException">The engine is loaded already.</exception>
    /// <exception cref="EngineNotFoundException">No shim was built, or it does not load.</exception>
    public static void Load(EngineSettings settings)
    {
        lock (Gate)
        {
            if (loaded)
                throw new InvalidOperationException("The engine is loaded already; its settings can no longer change.");
            Settings = settings;
        }

        EnsureLoaded();
    }

    /// <summary>Loads the engine if that has not happened.</summary>
    public static void EnsureLoaded()
    {
        if (!loaded)
            LoadOnce();
    }

    private static void LoadOnce()
    {
        lock (Gate)
        {
            if (loaded)
                return;
            string path = FindLibrary();
            NativeEnvironment.Apply(Settings);
            nint library;
            try
            {
                library = NativeLibrary.Load(path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                throw new EngineNotFoundException($"the native library {path} does not load: {error.Message}", error);
            }

            NativeLibrary.SetDllImportResolver(typeof(Engine).Assembly, (name, _, _) => name == "scalinglab_torch" ? library : 0);
            LibraryPath = path;
            NativeMethods.Check(NativeMethods.SetNumThreads(Settings.Threads), "set_num_threads");
            loaded = true;
        }
    }

    // SCALINGLAB_NATIVE names the library itself; otherwise engine.json, written by scripts/build-native.sh, is looked
    // for in native/ and artifacts/native/ from the program's folder upward.
    private static string FindLibrary()
    {
        if (Environment.GetEnvironmentVariable("SCALINGLAB_NATIVE") is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new EngineNotFoundException($"SCALINGLAB_NATIVE names {named}, which does not exist");
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (string native in new[] { "native", "artifacts/native" })
            {
                string description = Path.Combine(folder.FullName, native, "engine.json");
                if (!File.Exists(description))
                    continue;
                using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(description));
                string library = json.RootElement.GetProperty("library").GetString() ?? "";
                string path = Path.Combine(folder.FullName, native, library);
                return File.Exists(path) ? path : throw new EngineNotFoundException($"{description} names {path}, which does not exist");
            }
        }

        throw new EngineNotFoundException("the native library has not been built; ./scripts/setup.sh --engine builds it");
    }
}
