using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;

namespace ScalingLab.Planning;

/// <summary>What a plan needs of a law, whether published or fitted: a loss surface or power laws of the optimum, and the same from each resample.</summary>
public sealed record PlanningLaw
{
    private static readonly string[] PowerLawNames = ["coefficientN", "exponentN", "coefficientD", "exponentD"];

    /// <summary>Name of the published law, or path of the fit.</summary>
    public required string Name { get; init; }

    /// <summary>Citation, or how the fit was made.</summary>
    public required string Source { get; init; }

    /// <summary>Runs it was fitted to; null when the file does not say.</summary>
    public FittedRange? Range { get; init; }

    /// <summary>Level of bands.</summary>
    public double Level { get; init; } = FitDocuments.DefaultLevel;

    /// <summary>k in C = k·N·D.</summary>
    public double FlopsPerParameterToken { get; init; } = ChinchillaLaw.SixNd;

    /// <summary>L(N, D); null for a law that only gives the optimum.</summary>
    public LossSurface? Surface { get; init; }

    /// <summary>The surface of each resample; empty without.</summary>
    public IReadOnlyList<LossSurface> ResampledSurfaces { get; init; } = [];

    /// <summary>N and D of least loss, and that loss if known, of a law without a surface.</summary>
    public Func<Flops, (Allocation At, double? Loss)>? Power { get; init; }

    /// <summary>The same of each resample.</summary>
    public IReadOnlyList<Func<Flops, (Allocation At, double? Loss)>> ResampledPowers { get; init; } = [];

    /// <summary>A published law by name, or a fit by the path of its JSON.</summary>
    /// <exception cref="UserErrorException">Neither, or the file is no fit.</exception>
    public static PlanningLaw Load(string nameOrPath)
    {
        bool path = nameOrPath.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || File.Exists(nameOrPath);
        return path ? FromFile(nameOrPath) : nameOrPath == KaplanAllocation.Name ? Kaplan : FromPublished(PublishedLaw.Named(nameOrPath));
    }

    /// <summary>Every published law, Kaplan's last.</summary>
    public static IEnumerable<PlanningLaw> AllPublished => PublishedLaw.All.Select(FromPublished).Append(Kaplan);

    private static PlanningLaw Kaplan => new()
    {
        Name = KaplanAllocation.Name,
        Source = KaplanAllocation.Source,
        Range = KaplanAllocation.Runs,
        Power = budget => (KaplanAllocation.At(budget), KaplanAllocation.Loss(budget)),
    };

    private static PlanningLaw FromPublished(PublishedLaw published) =>
        new() { Name = published.Name, Source = published.Source, Range = published.Runs, Surface = new(published.Law, null, published.Decay) };

    private static PlanningLaw FromFile(string path)
    {
        FitDocument document;
        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0133", $"{path}: no such file", Help: "write one with scalinglab fit SOURCE --json > fit.json"), e);
        }
        try
        {
            document = FitDocument.FromJson(json);
        }
        catch (JsonException e)
        {
            if (FromParameters(path, json) is { } bare)
                return bare;
            var place = new SourceLocation(path, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0605", $"not a fit: {e.Message.Split(" Path:")[0].TrimEnd('.')}", place, "write one with scalinglab fit SOURCE --json > fit.json"), e);
        }
        if (document.Schema != FitDocument.SchemaName)
            throw Bad(path, $"schema is '{document.Schema}', not '{FitDocument.SchemaName}'");
        if (document.Law is not ("chinchilla" or "data-constrained"))
            throw Bad(path, $"the law {document.Law} gives no split between N and D", "fit --law chinchilla or data-constrained");
        var range = document.Range is { Params: [var leastN, var mostN], Tokens: [var leastD, var mostD] }
            ? new FittedRange(leastN, mostN, leastD, mostD)
            : throw Bad(path, "range.params and range.tokens are not pairs of numbers");
        IReadOnlyDictionary<string, double>[] rows = [.. document.Resamples?.Values.Select(row => document.Resamples.Names.Zip(row).ToDictionary(p => p.First, p => p.Second)) ?? []];
        var law = new PlanningLaw
        {
            Name = path,
            Source = $"{document.Approach} fit of {document.Observations} observations, N counted {document.Count}",
            Range = range,
            Level = document.Level,
            FlopsPerParameterToken = document.FlopsPerParameterToken,
        };
        return document.Approach == "isoflop"
            ? law with { Power = PowerLaws(path, document.Parameters), ResampledPowers = [.. rows.Select(r => PowerLaws(path, r))] }
            : law with { Surface = SurfaceOf(path, document.Parameters), ResampledSurfaces = [.. rows.Select(r => Parameters(path, r)).Where(s => s.Law is { A: > 0, B: > 0, Alpha: > 0, Beta: > 0 })] };
    }

    // A law of one's own: a file with nothing but its parameters. Null when it is not even that.
    private static PlanningLaw? FromParameters(string path, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object)
                return null;
            if (root.TryGetProperty("schema", out var schema) && schema.ToString() != FitDocument.SchemaName)
                return null;
            var values = parameters.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).ToDictionary(p => p.Name, p => p.Value.GetDouble());
            return new() { Name = path, Source = "parameters of a file that does not say which runs they were fitted to", Surface = SurfaceOf(path, values) };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static LossSurface SurfaceOf(string path, IReadOnlyDictionary<string, double> values)
    {
        var surface = Parameters(path, values);
        if (surface.Law is not { A: > 0, B: > 0 })
            throw Bad(path, "A or B is 0: this law has no optimum between N and D");
        return surface.Law is { E: >= 0, Alpha: > 0, Beta: > 0 } ? surface : throw Bad(path, "E is below 0, or alpha or beta is not above 0: this law has no optimum between N and D");
    }

    private static LossSurface Parameters(string path, IReadOnlyDictionary<string, double> values) => ChinchillaLaw.ParameterNames.All(values.ContainsKey)
        ? new(new(values["E"], values["A"], values["B"], values["alpha"], values["beta"]), null,
            values.TryGetValue("rd", out double rd) && values.TryGetValue("rn", out double rn) ? new(rd, rn) : null)
        : throw Bad(path, "the parameters A, B, E, alpha and beta are not all there");

    private static Func<Flops, (Allocation, double?)> PowerLaws(string path, IReadOnlyDictionary<string, double> values)
    {
        if (!PowerLawNames.All(values.ContainsKey))
            throw Bad(path, $"the parameters {string.Join(", ", PowerLawNames)} are not all there");
        var n = new PowerLaw(values["coefficientN"], values["exponentN"]);
        var d = new PowerLaw(values["coefficientD"], values["exponentD"]);
        return budget => (new Allocation(n.At(budget.Count), d.At(budget.Count)), null);
    }

    private static UserErrorException Bad(string path, string message, string? help = null) => new(ExitCode.CorruptData, new Diagnostic("SL0605", $"{path}: {message}", Help: help));
}
