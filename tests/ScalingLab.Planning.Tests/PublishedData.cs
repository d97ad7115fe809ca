using System.Globalization;

namespace ScalingLab.Planning.Tests;

/// <summary>Published tables, which are not part of this repository: the folder shared/data/published beside it.</summary>
internal static class PublishedData
{
    public static readonly string? Folder = Find();

    /// <summary>Rows of a file whose first columns hold no quotes.</summary>
    public static string[][] Csv(string path) => [.. File.ReadLines(Path.Combine(Folder!, path)).Where(l => l.Length > 0).Select(l => l.Split(','))];

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (!File.Exists(Path.Combine(at.FullName, "ScalingLab.sln")))
                continue;
            string folder = Path.Combine(at.Parent?.FullName ?? "", "shared", "data", "published");
            return Directory.Exists(folder) ? folder : null;
        }
        return null;
    }
}

/// <summary>A fact that needs the published data; skipped with the reason where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute()
    {
        if (PublishedData.Folder is null)
            Skip = "the published data (../shared/data/published) are not on this machine";
    }
}
