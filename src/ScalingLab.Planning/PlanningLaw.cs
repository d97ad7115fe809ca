using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;

namespace ScalingLab.Planning;

/// <summary>What a plan needs of a law, whether published or fitted: the optimum of a budget, and the same from each resample.</summary>
public sealed class PlanningLaw
{
    private static readonly string[] PowerLawNames = ["coefficientN", "exponentN", "coefficientD", "exponentD"];

    private readonly Func<Flops, Predicted> best;
    private readonly IReadOnlyList<Func<Flops, Predicted>> resamples;

    private PlanningLaw(string name, string source, FittedRange range, double level, Func<Flops, Predicted> best, IReadOnlyList<Func<Flops, Predicted>> resamples) =>
        (Name, Source, Range, Level, this.best, this.resamples) = (name, source, range, level, best, resamples);

    /// <summary>An optimum and its loss; the loss is null when the law predicts none.</summary>
    public readonly record struct Predicted(Allocation At, double? Loss);

    /// <summary>Name of the published law, or path of the fit.</summary>
    public string Name { get; }

    /// <summary>Citation, or how the fit was made.</summary>
    public string Source { get; }

    /// <summary>Runs it was fitted to.</summary>
    public FittedRange Range { get; }

    /// <summary>Level of bands.</summary>
    public double Level { get; }

    /// <summary>The best split of a budget.</summary>
    public Predicted Optimum(Flops budget) => best(budget);

    /// <summary>The best split by each resample; empty for published laws.</summary>
    public IEnumerable<Predicted> Resampled(Flops budget) => resamples.Select(r => r(budget));

    /// <summary>A published law by name, or a fit by the path of its JSON.</summary>
    /// <exception cref="UserErrorException">Neither, or the file is no fit.</exception>
    public static PlanningLaw Load(string nameOrPath)
    {
        bool path = nameOrPath.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || File.Exists(nameOrPath);
        return path ? FromFit(nameOrPath) : FromPublished(PublishedLaw.Named(nameOrPath));
    }

    private static PlanningLaw FromPublished(PublishedLaw published) =>
        new(published.Name, published.Source, published.Runs, FitDocuments.DefaultLevel, ByLaw(published.Law, ChinchillaLaw.SixNd), []);

    private static PlanningLaw FromFit(string path)
    {
        FitDocument document;
        try
        {
            document = FitDocument.FromJson(File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0133", $"{path}: no such file", Help: "write one with scalinglab fit SOURCE --json > fit.json"), e);
        }
        catch (JsonException e)
        {
            var place = new SourceLocation(path, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0605", $"not a fit: {e.Message.Split(" Path:")[0].TrimEnd('.')}", place, "write one with scalinglab fit SOURCE --json > fit.json"), e);
        }
        if (document.Schema != FitDocument.SchemaName)
            throw Bad(path, $"schema is '{document.Schema}', not '{FitDocument.SchemaName}'");
        var range = document.Range is { Params: [var leastN, var mostN], Tokens: [var leastD, var mostD] }
            ? new FittedRange(leastN, mostN, leastD, mostD)
            : throw Bad(path, "range.params and range.tokens are not pairs of numbers");
        string source = $"{document.Approach} fit of {document.Observations} observations, N counted {document.Count}";
        Func<IReadOnlyDictionary<string, double>, Func<Flops, Predicted>> read = document.Approach == "isoflop"
            ? values => ByPowerLaws(path, values)
            : values => ByLaw(Law(path, values), document.FlopsPerParameterToken);
        if (document.Approach != "isoflop" && Law(path, document.Parameters) is not { A: > 0, B: > 0 })
            throw Bad(path, "A or B is 0: this law has no optimum between N and D");
        var rows = document.Resamples?.Values.Select(row => (IReadOnlyDictionary<string, double>)document.Resamples.Names.Zip(row).ToDictionary(p => p.First, p => p.Second)) ?? [];
        return new(path, source, range, document.Level, read(document.Parameters), [.. rows.Select(read)]);
    }

    private static ChinchillaLaw Law(string path, IReadOnlyDictionary<string, double> values) => ChinchillaLaw.ParameterNames.All(values.ContainsKey)
        ? new(values["E"], values["A"], values["B"], values["alpha"], values["beta"])
        : throw Bad(path, "the parameters A, B, E, alpha and beta are not all there");

    private static Func<Flops, Predicted> ByLaw(ChinchillaLaw law, double flopsPerParameterToken) => budget =>
    {
        var at = law.ComputeOptimal(budget, flopsPerParameterToken);
        return new(at, law.Loss(at.Parameters, at.Tokens).Value);
    };

    private static Func<Flops, Predicted> ByPowerLaws(string path, IReadOnlyDictionary<string, double> values)
    {
        if (!PowerLawNames.All(values.ContainsKey))
            throw Bad(path, $"the parameters {string.Join(", ", PowerLawNames)} are not all there");
        var n = new PowerLaw(values["coefficientN"], values["exponentN"]);
        var d = new PowerLaw(values["coefficientD"], values["exponentD"]);
        return budget => new(new Allocation(n.At(budget.Count), d.At(budget.Count)), null);
    }

    private static UserErrorException Bad(string path, string message) => new(ExitCode.CorruptData, new Diagnostic("SL0605", $"{path}: {message}"));
}
