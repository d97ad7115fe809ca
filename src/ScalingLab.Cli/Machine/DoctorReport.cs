using System.Globalization;
using System.Text.Json.Serialization;
using ScalingLab.Training;
using Spectre.Console;

namespace ScalingLab.Cli.Machine;

/// <summary>What `doctor` says about a machine, as text and as JSON.</summary>
internal sealed class DoctorReport(MachineFacts facts)
{
    private const int LabelWidth = 12;

    /// <summary>All that is missing, what sweeps need first.</summary>
    public IReadOnlyList<MissingPiece> Missing { get; } = MissingPiece.Of(facts);

    /// <summary>Whether a sweep can run at least on the CPU, without installing or building anything.</summary>
    public bool Ready => facts.Engine is not null;

    /// <summary>The devices that a sweep can use, as `--device` spells them.</summary>
    public IReadOnlyList<string> Devices => !Ready ? [] : ["cpu", .. Enumerable.Range(0, facts.Engine!.CudaDevices).Select(i => $"cuda:{i}")];

    /// <summary>The JSON document, scalinglab.doctor/1.</summary>
    public DoctorDocument Document => new("scalinglab.doctor/1", Ready, Devices, facts, Missing);

    /// <summary>Writes the text, with bold labels where the console shows them.</summary>
    public void Write(IAnsiConsole console)
    {
        console.Profile.Width = int.MaxValue; // commands and paths must stay whole to be copied
        console.WriteLine($"ScalingLab {facts.ProgramVersion}{(facts.Commit is { } commit ? $" (commit {commit[..Math.Min(10, commit.Length)]})" : "")}");
        console.WriteLine();
        foreach ((string label, string value) in Rows())
        {
            console.Write(new Text($"  {label.PadRight(LabelWidth)}", new Style(decoration: Decoration.Bold)));
            console.WriteLine(value);
        }

        console.WriteLine();
        console.WriteLine(Ready ? $"ready: sweeps run on {string.Join(", ", Devices)}" : "not ready: sweeps cannot run yet; fits, plans and reports can");
        WriteMissing(console, "missing", Missing.Where(piece => piece.Required));
        WriteMissing(console, "worth having", Missing.Where(piece => !piece.Required));
    }

    private IEnumerable<(string Label, string Value)> Rows()
    {
        yield return (".NET", facts.DotNet);
        yield return ("system", facts.OperatingSystem);
        yield return ("processor", facts.Processor + (facts.VectorExtensions.Count > 0 ? $": {string.Join(", ", facts.VectorExtensions)}" : ""));
        yield return ("cores", facts.CoresUsable == facts.CoresPresent ? $"{facts.CoresPresent}" : $"{facts.CoresUsable} usable of {facts.CoresPresent}");
        yield return ("memory", Gibibytes(facts.MemoryBytes));
        yield return ("compiler", facts.Compiler ?? "none");
        yield return ("libtorch", facts.Libtorch is { } torch ? $"{torch.Version}, {(torch.Cuda is { } cuda ? $"CUDA {cuda}" : "CPU only")}, {torch.Folder} ({SourceName(torch)})" : facts.BuildsEngine ? "none" : $"of the {facts.Provider} packages");
        yield return ("engine", EngineText());
        if (facts.Engine is { BlasLibrary: { } blas } engine)
            yield return ("BLAS", $"{blas}{(engine.BlasKernels is { } kernels ? $", {kernels} kernels" : "")}{Threading(engine.BlasConfiguration)}");
        foreach (GpuFacts gpu in facts.Gpus)
            yield return ("GPU", $"{gpu.Name}{(gpu.MemoryBytes is { } bytes ? $", {Gibibytes(bytes)}" : "")}{(gpu.Driver is { } driver ? $", driver {driver}" : "")}");
        if (facts.Gpus.Count == 0)
            yield return ("GPU", "none");
        foreach (EnergyFacts energy in facts.Energy)
            yield return ("energy", $"{energy.Device}: {energy.Source ?? $"not measured, {energy.Problem}"}");
    }

    private string EngineText() => (facts.Engine, facts.Shim) switch
    {
        ({ } engine, _) => $"{engine.Provider} {engine.LibtorchVersion}{(facts.Shim is { HasCuda: true } ? " with CUDA" : "")}{(facts.Shim is { } shim ? $", {shim.Library}" : "")}",
        (null, { } broken) => $"{broken.Library}, does not run",
        _ => facts.BuildsEngine ? "not built" : $"{facts.Provider}, does not run",
    };

    private static void WriteMissing(IAnsiConsole console, string heading, IEnumerable<MissingPiece> pieces)
    {
        bool first = true;
        foreach (MissingPiece piece in pieces)
        {
            if (first)
                console.WriteLine($"\n{heading}:");
            first = false;
            console.WriteLine($"  {piece.Name}: {piece.Reason}");
            for (int way = 0; way < piece.Ways.Count; way++)
                console.WriteLine($"    {(way == 0 ? "" : "or ")}{piece.Ways[way]}");
        }
    }

    private static string SourceName(LibtorchFacts torch) => torch.Source switch
    {
        "debian" => torch.Cuda is null ? "package libtorch-dev" : "package libtorch-cuda-dev",
        "python-cuda" or "python-cpu" => "PyTorch of python3",
        _ => torch.Source,
    };

    private static string Threading(string? configuration) => configuration switch
    {
        null => "",
        _ when configuration.Contains("USE_OPENMP", StringComparison.Ordinal) => ", OpenMP threads",
        _ when configuration.Contains("MAX_THREADS", StringComparison.Ordinal) => ", threads of its own",
        _ => "",
    };

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}

/// <summary>The document behind `doctor --json`.</summary>
internal sealed record DoctorDocument(string Schema, bool Ready, IReadOnlyList<string> Devices, MachineFacts Facts, IReadOnlyList<MissingPiece> Missing);

/// <summary>Source-generated, so that it also works in a trimmed bundle.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DoctorDocument))]
internal sealed partial class DoctorJson : JsonSerializerContext;
