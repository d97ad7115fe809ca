using System.Globalization;
using System.Text.Json;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Tests;

/// <summary>Published runs and results, which are not part of this repository: the folder shared/data/published beside it.</summary>
internal static class PublishedData
{
    public static readonly string? Folder = Find();

    public static string[][] Csv(string path) => [.. File.ReadLines(Path.Combine(Folder!, path)).Where(l => l.Length > 0).Select(l => l.Split(','))];

    public static JsonElement Expected(string folder) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder!, folder, "expected.json"))).RootElement;

    /// <summary>Rows of a file with columns N, D, C, loss; all rows, or those with in_fit = 1.</summary>
    public static FitPoints Points(string path, bool inFitOnly = false)
    {
        string[][] table = Csv(path);
        int Column(string name) => Array.IndexOf(table[0], name);
        var rows = table.Skip(1).Where(r => !inFitOnly || r[Column("in_fit")] == "1").Select((r, i) => new Observation
        {
            Run = $"row {i}",
            ParametersTotal = Number(r[Column("N")]),
            Tokens = Number(r[Column("D")]),
            Flops = Number(r[Column("C")]),
            Loss = Number(r[Column("loss")]),
        });
        return FitPoints.From([.. rows]);
    }

    /// <summary>Muennighoff et al. 2023: the 182 runs of their fit.</summary>
    public static FitPoints Constrained()
    {
        string[][] table = Csv("data-constrained/runs_182.csv");
        double Cell(string[] row, string name) => Number(row[Array.IndexOf(table[0], name)]);
        return FitPoints.From([.. table.Skip(1).Select(r => new Observation { Run = r[0], ParametersTotal = Cell(r, "N"), Tokens = Cell(r, "D"), UniqueTokens = Cell(r, "U"), Loss = Cell(r, "loss") })]);
    }

    /// <summary>The five parameters that they held while fitting rd and rn.</summary>
    public static Dictionary<string, double> ConstrainedFixed()
    {
        var held = Expected("data-constrained").GetProperty("fixed");
        double Held(string name) => held.GetProperty(name).GetDouble();
        return new() { ["A"] = Math.Exp(Held("a")), ["B"] = Math.Exp(Held("b")), ["E"] = Math.Exp(Held("e")), ["alpha"] = Held("alpha"), ["beta"] = Held("beta") };
    }

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

/// <summary>Likewise for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedTheoryAttribute : TheoryAttribute
{
    public PublishedTheoryAttribute()
    {
        if (PublishedData.Folder is null)
            Skip = "the published data (../shared/data/published) are not on this machine";
    }
}
