using System.Security.Cryptography;
using System.Text;

namespace ScalingLab.Torch;

/// <summary>The CUDA sources of our own kernels, which travel inside this assembly: native/cuda.</summary>
internal static class KernelSources
{
    /// <summary>The file that includes all others.</summary>
    internal const string Entry = "kernels.cu";

    private const string Prefix = "cuda/";

    private static readonly string[] OfBothTypes =
    [
        "cross_entropy", "scale", "norm_forward", "norm_backward", "gelu", "gelu_backward", "relu2", "relu2_backward", "swiglu", "swiglu_backward", "split_heads", "split_heads_backward",
    ];

    private static readonly Lazy<SortedDictionary<string, string>> Read = new(ReadAll);

    /// <summary>Text of each file by its name.</summary>
    internal static IReadOnlyDictionary<string, string> Files => Read.Value;

    /// <summary>Every kernel by the name that a launch asks for.</summary>
    internal static IReadOnlyList<string> Kernels { get; } = [.. OfBothTypes.SelectMany(name => new[] { name + "_f32", name + "_bf16" }), "norm_weights"];

    /// <summary>Sixteen hex digits that change with any of the files.</summary>
    internal static string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', Files.Select(f => f.Key + '\0' + f.Value)))))[..16];

    private static SortedDictionary<string, string> ReadAll()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in typeof(KernelSources).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(typeof(KernelSources).Assembly.GetManifestResourceStream(name)!);
            files.Add(name[Prefix.Length..], reader.ReadToEnd());
        }

        return files;
    }
}
