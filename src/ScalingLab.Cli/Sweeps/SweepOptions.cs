using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Sweeps;

/// <summary>How a sweep is to be run.</summary>
/// <param name="RunsFolder">Folder of sweeps.</param>
/// <param name="Jobs">Workers at a time; null for one a core, as far as memory goes.</param>
/// <param name="Json">Print one JSON document on stdout.</param>
/// <param name="Stack">Whether runs of one shape share a step.</param>
internal sealed record SweepSettings(string RunsFolder, int? Jobs, bool Json, StackChoice Stack);

/// <summary>The flags that sweep, train and resume share.</summary>
internal sealed class SweepOptions
{
    private readonly Option<string> runs = new("--runs") { Description = "Folder that sweeps are kept in.", DefaultValueFactory = _ => "runs", HelpName = "DIR" };
    private readonly Option<int?> jobs = new("--jobs") { Description = "Workers at a time, one thread each (default: one a core, fewer where memory is short).", HelpName = "N" };
    private readonly Option<string> device = new("--device") { Description = "auto, cpu or cuda[:i].", DefaultValueFactory = _ => "auto", HelpName = "DEVICE" };
    private readonly Option<string> stack = new("--stack") { Description = "Train runs of one shape in one step: auto (on a GPU, as many as memory holds), off, or at most so many.", DefaultValueFactory = _ => "auto", HelpName = "auto|off|E" };
    private readonly Option<string> launcher = new("--launcher") { Description = "local.", DefaultValueFactory = _ => "local", HelpName = "NAME" };
    private readonly Option<string?> kernels = new("--kernels") { Description = "fused (our own operators, the default) or reference (libtorch's one by one); sets training.kernels.", HelpName = "NAME" };
    private readonly Option<string> dtype = new("--dtype") { Description = "Element type of products: fp32.", DefaultValueFactory = _ => "fp32", HelpName = "TYPE" };
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

    /// <summary>Overrides of config keys, as --set takes them: those of --set, then --kernels.</summary>
    /// <exception cref="UserErrorException">No such kernels.</exception>
    public IReadOnlyList<string> Overrides(ParseResult parsed)
    {
        string[] overrides = parsed.GetValue(set) ?? [];
        if (parsed.GetValue(kernels) is not { } chosen)
            return overrides;
        if (ChoiceNames<KernelChoice>.Parse(chosen) is null)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0130", $"unknown kernels '{chosen}'", null, Suggestions.DidYouMean(chosen, ChoiceNames<KernelChoice>.All) ?? $"one of {string.Join(", ", ChoiceNames<KernelChoice>.All)}"));
        return [.. overrides, $"training.kernels={chosen}"];
    }

    /// <exception cref="UserErrorException">A value that this build cannot serve.</exception>
    public SweepSettings Read(ParseResult parsed)
    {
        var problems = new List<Diagnostic>();
        int? workers = parsed.GetValue(jobs);
        if (workers < 1)
            problems.Add(new Diagnostic("SL0116", $"--jobs is {workers}; it must be 1 or more"));
        string chosen = parsed.GetValue(device)!;
        bool cuda = chosen == "cuda" || chosen.StartsWith("cuda:", StringComparison.Ordinal);
        if (!cuda && chosen is not ("auto" or "cpu"))
            problems.Add(new Diagnostic("SL0117", $"unknown device '{chosen}'", null, "auto, cpu or cuda[:i]"));
        if (parsed.GetValue(launcher) is { } name and not "local")
            problems.Add(new Diagnostic("SL0118", $"unknown launcher '{name}'", null, "this version launches locally only: --launcher local"));
        StackChoice stacks = StackChoice.Read(parsed.GetValue(stack)!, problems);
        string type = withSet ? parsed.GetValue(dtype)! : "fp32";
        if (type is not ("fp32" or "bf16"))
            problems.Add(new Diagnostic("SL0148", $"unknown dtype '{type}'", null, "fp32"));
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
        if (cuda)
            throw new UserErrorException(ExitCode.Device, new Diagnostic("SL0512", $"device '{chosen}': this version trains on the CPU only", null, "--device cpu"));
        if (type == "bf16")
            throw new UserErrorException(ExitCode.Device, CpuBfloat16.Refusal());
        return new SweepSettings(parsed.GetValue(runs)!, workers, parsed.GetValue(json), stacks);
    }
}
