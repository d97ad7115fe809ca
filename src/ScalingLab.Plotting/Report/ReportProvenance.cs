using System.Security.Cryptography;
using ScalingLab.Core.Runs;

namespace ScalingLab.Plotting.Report;

/// <summary>What a report's numbers can be traced to. Values in which runs differ are all listed.</summary>
internal static class ReportProvenance
{
    private const int MostListed = 6;

    public static IReadOnlyList<(string, string)> Of(string source, IReadOnlyList<(FoundRun Run, RunManifest? Manifest)> runs, ReportOptions options)
    {
        var facts = new List<(string, string)> { ("Source", source) };
        if (File.Exists(source))
        {
            using FileStream file = File.OpenRead(source);
            facts.Add(("Source SHA-256", Convert.ToHexStringLower(SHA256.HashData(file))));
        }

        Add(facts, "Columns", [options.Columns]);
        Add(facts, "Rows kept where", [options.Where]);
        RunManifest[] manifests = [.. runs.Select(r => r.Manifest).OfType<RunManifest>()];
        Add(facts, "Sweep", manifests.Select(m => m.Sweep));
        Add(facts, "Corpus", manifests.Select(m => m.Config.Corpus.Path));
        Add(facts, "Corpus SHA-256", manifests.Select(m => m.CorpusSha256));
        Add(facts, "Tokens SHA-256", manifests.Select(m => m.TokensSha256));
        Add(facts, "Trained by version", manifests.Select(m => m.Program));
        Add(facts, "Trained at commit", manifests.Select(m => m.Commit));
        Add(facts, "Device", manifests.Select(m => m.Device));
        Add(facts, "libtorch", manifests.Select(m => m.Libtorch));
        Add(facts, ".NET", manifests.Select(m => m.Dotnet));
        if (manifests.Length > 0)
            facts.Add(("Config of each run", "config.json in its folder"));
        Add(facts, "Report by version", [options.ProgramVersion]);
        Add(facts, "Report at commit", [options.ProgramCommit]);
        return facts;
    }

    private static void Add(List<(string, string)> facts, string name, IEnumerable<string?> values)
    {
        string[] distinct = [.. values.Where(v => !string.IsNullOrEmpty(v)).Select(v => v!).Distinct().Order(StringComparer.Ordinal)];
        if (distinct.Length > 0)
            facts.Add((name, string.Join(", ", distinct.Take(MostListed)) + (distinct.Length > MostListed ? $" and {distinct.Length - MostListed} more" : "")));
    }
}
