using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Plotting.Files;

/// <summary>Figures of the documents that other commands print with <c>--json</c>, by their schema.</summary>
public static class DocumentFigures
{
    private const string Gemm = "scalinglab.bench-gemm/1", Memory = "scalinglab.bench-memory/1";

    private static readonly (string Schema, Func<PrintedDocument, IReadOnlyList<PrintedDocument>, IReadOnlyList<Figure>> Figures)[] Readers =
    [
        ("scalinglab.fit/1", (d, _) => OfFit(d)),
        ("scalinglab.backtest/1", (d, _) => [new BacktestErrors(d.Root.Deserialize(BacktestJson.Default.BacktestDocument)!)]),
        ("scalinglab.plan.optimum/1", (d, _) => [PlanFigures.OverTraining(d.Root) ?? throw Nothing($"'{d.Path}' holds nothing to draw: its law gives no loss surface", "plan with a law of losses such as besiroglu2024")]),
        ("scalinglab.plan.train/1", (d, _) => [PlanFigures.Cost(d.Root)]),
        ("scalinglab.plan.testtime/1", (d, _) => [PlanFigures.Coverage(d.Root)]),
        ("scalinglab.plan.frontier/1", (d, _) => PlanFigures.Frontier(d.Root)),
        (Gemm, (d, all) => [RooflineOf(d, all)]),
        (Memory, (_, all) => all.Any(d => d.Schema == Gemm) ? [] : throw Nothing("a roofline needs measured products beside the memory's speed", "add the document of bench gemm --json")),
    ];

    /// <summary>Schemas that can be drawn.</summary>
    public static IEnumerable<string> Schemas => Readers.Select(r => r.Schema);

    /// <summary>Whether a path is a file that looks like a document rather than a table.</summary>
    public static bool IsDocument(string path) => File.Exists(path) && Path.GetExtension(path) == ".json";

    /// <summary>Reads documents and makes their figures.</summary>
    /// <exception cref="UserErrorException">One cannot be read, is no JSON, has a schema that has no figure, or holds nothing to draw.</exception>
    public static IReadOnlyList<Figure> Read(IReadOnlyList<string> paths)
    {
        PrintedDocument[] documents = [.. paths.Select(PrintedDocument.Read)];
        var figures = new List<Figure>();
        foreach (PrintedDocument document in documents)
        {
            try
            {
                figures.AddRange(Reader(document)(document, documents));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0713", $"'{document.Path}' is not what {document.Schema} prints: {e.Message}", null, "print it again with --json"), e);
            }
        }

        return figures.DistinctBy(f => f.Name).Count() == figures.Count ? figures : throw Nothing("two of the documents have a figure of the same name", "plot them into folders of their own");
    }

    private static Func<PrintedDocument, IReadOnlyList<PrintedDocument>, IReadOnlyList<Figure>> Reader(PrintedDocument document)
    {
        foreach ((string schema, Func<PrintedDocument, IReadOnlyList<PrintedDocument>, IReadOnlyList<Figure>> figures) in Readers)
            if (schema == document.Schema)
                return figures;
        throw Nothing($"there is no figure for '{document.Schema}' of '{document.Path}'", $"documents that can be drawn: {string.Join(", ", Schemas)}");
    }

    private static IReadOnlyList<Figure> OfFit(PrintedDocument document)
    {
        var figures = new List<Figure>();
        if (ApproachTelling.Conventions(document.Root.Deserialize(FitJson.Default.FitDocument)!) is { } conventions)
            figures.Add(conventions);
        if (PrintedDocument.Part(document.Root, "profile") is { } profile)
            figures.Add(Profiles(profile, PrintedDocument.Number(document.Root, "level") ?? 0.95));
        return figures.Count > 0 ? figures : throw Nothing($"'{document.Path}' holds nothing to draw by itself", "fit with --conventions or --intervals profile, or plot the source of the fit");
    }

    private static LikelihoodProfiles Profiles(JsonElement profile, double level)
    {
        var profiles = new List<LikelihoodProfile>();
        double threshold = 3.841; // of one degree of freedom at 95 %, where none is stated
        foreach (JsonProperty quantity in profile.EnumerateObject())
        {
            JsonElement interval = quantity.Value.GetProperty("interval");
            double? End(int i) => interval[i].ValueKind == JsonValueKind.Number ? interval[i].GetDouble() : null;
            threshold = PrintedDocument.Number(quantity.Value, "criticalDeviance") ?? threshold;
            profiles.Add(new(quantity.Name, [.. quantity.Value.GetProperty("points").EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble()))], quantity.Value.GetProperty("estimate").GetDouble(), End(0), End(1)));
        }

        return new(profiles, level, threshold);
    }

    private static Roofline RooflineOf(PrintedDocument gemm, IReadOnlyList<PrintedDocument> all)
    {
        PrintedDocument memory = all.FirstOrDefault(d => d.Schema == Memory) ?? throw Nothing("a roofline needs the memory's speed beside the products", "add the document of bench memory --json");
        string Device(PrintedDocument d) => PrintedDocument.Part(d.Root, "device") is { } device ? $"{device.GetProperty("name").GetString()} {(device.GetProperty("model") is { ValueKind: JsonValueKind.String } model ? model.GetString() : "")}".Trim() : "cpu";
        if (Device(gemm) != Device(memory))
            throw Nothing($"the products of '{gemm.Path}' were measured on {Device(gemm)}, the memory of '{memory.Path}' on {Device(memory)}", "measure both with the same --device");
        int bytes = gemm.Root.TryGetProperty("dtype", out JsonElement type) && type.GetString() == "bf16" ? 2 : sizeof(float);
        int threads = gemm.Root.GetProperty("peaks").EnumerateArray().Max(p => p.GetProperty("threads").GetInt32());
        double peak = gemm.Root.GetProperty("peaks").EnumerateArray().Single(p => p.GetProperty("threads").GetInt32() == threads).GetProperty("flopsPerSecond").GetDouble();
        return new([.. gemm.Root.GetProperty("products").EnumerateArray().Where(p => p.GetProperty("threads").GetInt32() == threads).Select(p => Point(p, bytes))], peak, memory.Root.GetProperty("triad").GetProperty("bytesPerSecond").GetDouble());
    }

    /// <summary>2MNK FLOPs over the three matrices, each moved once.</summary>
    private static RooflinePoint Point(JsonElement product, int bytes)
    {
        double m = product.GetProperty("m").GetDouble(), n = product.GetProperty("n").GetDouble(), k = product.GetProperty("k").GetDouble();
        string name = product.GetProperty("name").GetString()!, kind = product.GetProperty("kind").GetString()!;
        return new(name == "square" ? $"square {m:0}" : kind == "forward" ? name : $"{name}, {kind}", 2 * m * n * k / (bytes * (m * k + k * n + m * n)), product.GetProperty("flopsPerSecond").GetDouble());
    }

    private static UserErrorException Nothing(string what, string help) => new(ExitCode.Usage, new Diagnostic("SL0715", what, null, help));
}
