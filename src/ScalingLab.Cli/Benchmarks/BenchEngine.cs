using System.CommandLine;
using ScalingLab.Cli.Devices;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training;
using ScalingLab.Training.Benchmarks;

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

/// <summary>What a benchmark was asked to run on, loaded and ready.</summary>
/// <param name="Threads">Of --threads; null when it was not given, and then one.</param>
/// <param name="On">Device and element type.</param>
/// <param name="Tf32">Whether CUDA's float32 products may round their operands to TF32.</param>
/// <param name="Peak">Device and its peak by a data sheet.</param>
internal sealed record BenchSetup(int? Threads, BenchDevice On, bool Tf32, BenchDeviceDocument Peak)
{
    /// <summary>Type of products as documents name it.</summary>
    public string Dtype => ChoiceNames<ProductType>.Of(On.Products);
}

/// <summary>The flags of every benchmark that runs on libtorch: threads, device, type.</summary>
internal sealed class BenchEngine
{
    private const int MostThreads = 4096;

    private readonly Option<int?> threads = new("--threads") { HelpName = "N" };
    private readonly Option<string> device = new("--device") { Description = "auto, cpu or cuda[:i].", DefaultValueFactory = _ => "cpu", HelpName = "DEVICE" };
    private readonly Option<string> type = new("--dtype") { Description = "Element type of products: fp32, or bf16 on a GPU.", DefaultValueFactory = _ => "fp32", HelpName = "TYPE" };

    private readonly Option<bool> tf32 = new("--tf32") { Description = "Let a GPU round the operands of fp32 products to TF32 (10 bits of significand)." };

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
        foreach (Option option in new Option[] { engine.threads, engine.device, engine.type, engine.tf32, engine.Json })
            command.Options.Add(option);
        return engine;
    }

    /// <summary>Loads libtorch as asked. Call it once all other flags are known to be sound.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="problems">What is wrong with other flags; told together with what is wrong here.</param>
    /// <exception cref="UserErrorException">Usage for a value that makes no sense, Device for one that this machine or version cannot serve.</exception>
    public BenchSetup Start(ParseResult parsed, List<Diagnostic> problems)
    {
        int? count = parsed.GetValue(threads);
        DeviceRequest where = DeviceRequest.Parse(parsed.GetValue(device)!, problems);
        ProductType products = ProductTypes.Parse(parsed.GetValue(type)!, problems);
        if (count is < 1 or > MostThreads)
            problems.Add(BenchModel.OutOfRange("--threads", count.Value, 1, MostThreads));
        bool rounds = parsed.GetValue(tf32);
        if (rounds && products == ProductType.Bf16)
            problems.Add(new Diagnostic("SL0148", "--tf32 is for fp32 products", null, "leave one of --tf32 and --dtype bf16 out"));
        if (rounds && where.Named is { IsCuda: false })
            problems.Add(new Diagnostic("SL0148", "--tf32 is for a GPU, and this is to run on the CPU", null, "--device cuda, or leave --tf32 out"));
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
        ProviderCapabilities.Initialise(count ?? 1);
        DeviceName found = where.InThisProcess();
        ProviderCapabilities.UseDevice(found);
        ProductTypes.Require(products, found.IsCuda);
        ProviderCapabilities.AllowTf32 = rounds && found.IsCuda; // said either way, whatever the library's default
        return new BenchSetup(count, new BenchDevice(found, products), rounds && found.IsCuda, BenchDeviceDocument.Of(found, products, rounds));
    }
}
