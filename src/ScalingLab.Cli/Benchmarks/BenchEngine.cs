using System.CommandLine;
using ScalingLab.Cli.Sweeps;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>What a benchmark ran on.</summary>
/// <param name="Provider">LibTorch or TorchSharp.</param>
/// <param name="Libtorch">Version.</param>
/// <param name="Blas">File of the BLAS; null when unknown.</param>
/// <param name="BlasKernels">Its kernels, e.g. SkylakeX; null when unknown.</param>
internal sealed record BenchEngineFacts(string? Provider, string? Libtorch, string? Blas, string? BlasKernels)
{
    public static BenchEngineFacts Collect()
    {
        EngineFacts facts = EngineFacts.Collect(measurePeak: false);
        return new(facts.Provider, facts.LibtorchVersion, facts.BlasLibrary, facts.BlasKernels);
    }
}

/// <summary>The flags of every benchmark that runs on libtorch: threads, device, type.</summary>
internal sealed class BenchEngine
{
    private const int MostThreads = 4096;

    private readonly Option<int?> threads = new("--threads") { HelpName = "N" };
    private readonly Option<string> device = new("--device") { Description = "cpu or cuda[:i].", DefaultValueFactory = _ => "cpu", HelpName = "DEVICE" };
    private readonly Option<string> type = new("--dtype") { Description = "fp32 or bf16.", DefaultValueFactory = _ => "fp32", HelpName = "TYPE" };

    public Option<bool> Json { get; } = new("--json");

    /// <summary>Adds them to a command, with --json last.</summary>
    /// <param name="command">The command.</param>
    /// <param name="schema">Its document's schema.</param>
    /// <param name="defaultThreads">What --threads is unless given, in words.</param>
    public static BenchEngine AddTo(Command command, string schema, string defaultThreads = "1")
    {
        var engine = new BenchEngine();
        engine.threads.Description = $"Threads an operator may use (default: {defaultThreads}).";
        engine.Json.Description = $"Print one JSON document (schema {schema}).";
        foreach (Option option in new Option[] { engine.threads, engine.device, engine.type, engine.Json })
            command.Options.Add(option);
        return engine;
    }

    /// <summary>Loads libtorch as asked. Call it once all other flags are known to be sound.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="problems">What is wrong with other flags; told together with what is wrong here.</param>
    /// <returns>Threads asked for, on which it is loaded; null, and one, when they were not given.</returns>
    /// <exception cref="UserErrorException">Usage for a value that makes no sense, Device for one that this machine or version cannot serve.</exception>
    public int? Start(ParseResult parsed, List<Diagnostic> problems)
    {
        int? count = parsed.GetValue(threads);
        string where = parsed.GetValue(device)!, what = parsed.GetValue(type)!;
        if (count is < 1 or > MostThreads)
            problems.Add(BenchModel.OutOfRange("--threads", count.Value, 1, MostThreads));
        bool cuda = where == "cuda" || (where.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(where.AsSpan(5), out int index) && index >= 0);
        if (!cuda && where != "cpu")
            problems.Add(new Diagnostic("SL0117", $"unknown device '{where}'", null, "cpu or cuda[:i]"));
        if (what is not ("fp32" or "bf16"))
            problems.Add(new Diagnostic("SL0142", $"unknown type '{what}'", null, "fp32 or bf16"));
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
        if (cuda)
            throw new UserErrorException(ExitCode.Device, new Diagnostic("SL0512", $"device '{where}': this version trains on the CPU only", null, "--device cpu"));
        if (what == "bf16")
            throw new UserErrorException(ExitCode.Device, CpuBfloat16.Refusal());
        ProviderCapabilities.Initialise(count ?? 1);
        return count;
    }
}
