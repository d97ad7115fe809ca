using System.CommandLine;
using ScalingLab.Cli.Devices;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Sweeps;

/// <summary>How a sweep is to be run.</summary>
/// <param name="RunsFolder">Folder of sweeps.</param>
/// <param name="Jobs">Workers at a time; null for one a core or a few a GPU, as far as memory goes.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Json">Print one JSON document on stdout.</param>
/// <param name="Stack">Whether runs of one shape share a step.</param>
internal sealed record SweepSettings(string RunsFolder, int? Jobs, DeviceRequest Device, bool Json, StackChoice Stack);

/// <summary>The flags that sweep, train and resume share.</summary>
internal sealed class SweepOptions
{
    private readonly Option<string> runs = new("--runs") { Description = "Folder that sweeps are kept in.", DefaultValueFactory = _ => "runs", HelpName = "DIR" };
    private readonly Option<int?> jobs = new("--jobs") { Description = "Workers at a time, one thread each (default: one a core, or up to 4 a GPU; fewer where memory is short).", HelpName = "N" };
    private readonly Option<string> device = new("--device") { Description = "auto (all GPUs where libtorch reaches any, else the CPU), cpu, cuda (all GPUs) or cuda:i.", DefaultValueFactory = _ => "auto", HelpName = "DEVICE" };
    private readonly Option<string> stack = new("--stack") { Description = "Train runs of one shape in one step: auto (on a GPU, as many as memory holds, and the step of each stack, be it of one run, as one CUDA graph), off (each alone and without a graph), or at most so many.", DefaultValueFactory = _ => "auto", HelpName = "auto|off|E" };
    private readonly Option<string> launcher = new("--launcher") { Description = "local.", DefaultValueFactory = _ => "local", HelpName = "NAME" };
    private readonly Option<string?> kernels = new("--kernels") { Description = "fused (our own operators, on a GPU libtorch's; the default), own (kernels of our own on a GPU too) or reference (libtorch's one by one); sets training.kernels.", HelpName = "NAME" };
    private readonly Option<string?> dtype = new("--dtype") { Description = "Element type of products: fp32 (the default) or, on a GPU, bf16; sets training.dtype.", HelpName = "TYPE" };
    private readonly Option<bool> json = new("--json") { Description = "Print one JSON document on stdout." };
    private readonly bool withSet;

    public SweepOptions(bool withSet = true) => this.withSet = withSet;

    private readonly Option<string[]> set = new("--set") { Description = "Override a key of the config, e.g. training.learning_rate=0.01; may be repeated.", HelpName = "key=value" };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { runs, jobs, device, stack, launcher, json })
            command.Options.Add(option);
        if (withSet)
        {
            command.Options.Add(kernels);
            command.Options.Add(dtype);
            command.Options.Add(set);
        }
    }

    /// <summary>Overrides of config keys, as --set takes them: those of --set, then --kernels and --dtype.</summary>
    /// <exception cref="UserErrorException">No such kernels or type.</exception>
    public IReadOnlyList<string> Overrides(ParseResult parsed)
    {
        List<string> overrides = [.. parsed.GetValue(set) ?? []];
        var problems = new List<Diagnostic>();
        if (parsed.GetValue(kernels) is { } chosen)
        {
            overrides.Add($"training.kernels={chosen}");
            if (ChoiceNames<KernelChoice>.Parse(chosen) is null)
                problems.Add(new Diagnostic("SL0130", $"unknown kernels '{chosen}'", null, Suggestions.DidYouMean(chosen, ChoiceNames<KernelChoice>.All) ?? $"one of {string.Join(", ", ChoiceNames<KernelChoice>.All)}"));
        }

        if (parsed.GetValue(dtype) is { } type)
        {
            overrides.Add($"training.dtype={type}");
            _ = ProductTypes.Parse(type, problems);
        }

        return problems.Count == 0 ? overrides : throw new UserErrorException(ExitCode.Usage, problems);
    }

    /// <exception cref="UserErrorException">A value that this build cannot serve.</exception>
    public SweepSettings Read(ParseResult parsed)
    {
        var problems = new List<Diagnostic>();
        int? workers = parsed.GetValue(jobs);
        if (workers < 1)
            problems.Add(new Diagnostic("SL0116", $"--jobs is {workers}; it must be 1 or more"));
        DeviceRequest where = DeviceRequest.Parse(parsed.GetValue(device)!, problems);
        if (parsed.GetValue(launcher) is { } name and not "local")
            problems.Add(new Diagnostic("SL0118", $"unknown launcher '{name}'", null, "this version launches locally only: --launcher local"));
        StackChoice stacks = StackChoice.Read(parsed.GetValue(stack)!, problems);
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
        return new SweepSettings(parsed.GetValue(runs)!, workers, where, parsed.GetValue(json), stacks);
    }
}
