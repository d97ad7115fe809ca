using System.Globalization;

namespace ScalingLab.Torch;

/// <summary>Compiled kernels kept beside the engine, by the hash of their sources and the architecture: a later process loads them in no time.</summary>
/// <param name="folder">Where; null for nowhere. A folder that cannot be written is no error.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>The kernels of an architecture, made where they are not there.</summary>
    /// <param name="architecture">E.g. 90.</param>
    /// <param name="load">Takes them in; what it throws for kept ones has them made anew.</param>
    /// <param name="compile">Makes them.</param>
    internal void Load(int architecture, Action<byte[]> load, Func<int, byte[]> compile)
    {
        string? path = folder is null ? null : Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"kernels-{KernelSources.Hash}-sm_{architecture}.cubin"));
        if (path is not null && Read(path) is { Length: > 0 } kept)
        {
            try
            {
                load(kept);
                return;
            }
            catch (KernelsUnavailableException)
            {
                // A driver may refuse what another compiler made.
            }
        }

        byte[] made = compile(architecture);
        load(made);
        if (path is not null)
            Write(path, made);
    }

    private static byte[]? Read(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // By rename, so that a file that is there is whole.
    private static void Write(string path, byte[] bytes)
    {
        string temporary = $"{path}.{Environment.ProcessId}";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next process compiles again.
        }
    }
}
