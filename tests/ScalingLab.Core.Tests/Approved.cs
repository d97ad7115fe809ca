using System.Runtime.CompilerServices;

namespace ScalingLab.Core.Tests;

/// <summary>Compares text with an approved file beside the test; on a difference, or where there is none, the new text lies next to it as <c>.received.txt</c>.</summary>
internal static class Approved
{
    public static void Equal(string name, string actual, [CallerFilePath] string test = "")
    {
        string approved = Path.Combine(Path.GetDirectoryName(test)!, $"{name}.approved.txt");
        string expected = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (expected != actual)
            File.WriteAllText(approved.Replace(".approved.", ".received.", StringComparison.Ordinal), actual);
        Assert.Equal(expected, actual);
    }
}
