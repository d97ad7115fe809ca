using System.CommandLine;
using System.CommandLine.Parsing;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Models;
using ScalingLab.Training;
using ScalingLab.Training.Benchmarks;
using ScalingLab.Training.Model;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>A model to time: shape, vocabulary, sequences a step, and the kernels that it runs on.</summary>
internal sealed record BenchedModel(ModelShape Shape, int Vocabulary, int Batch, KernelChoice Kernels)
{
    /// <summary>Says, once a command, why kernels of our own that were asked for are not in use.</summary>
    public void WarnOfKernels(BenchDevice on)
    {
        if (StepOperators.For(Kernels, on.Products, on.Device.ToTorch()).Problem is { } problem)
            Console.Error.WriteLine($"warning: {problem}");
        if (!on.Device.IsCuda && Kernels != KernelChoice.Reference && !ProviderCapabilities.HasFusedKernels)
            Console.Error.WriteLine("warning: there are none of our own operators in this build: these are times of --kernels reference");
    }
}

/// <summary>The flags that describe a model. Unless they say otherwise it is laid out as GPT-2, with a head of its own.</summary>
internal sealed class BenchModel
{
    private readonly Option<int> layers = Number("--layers", "Blocks.", 4, "L");
    private readonly Option<int> width = Number("--width", "Width of the residual stream; a multiple of the heads.", 128, "d");
    private readonly Option<int?> heads = new("--heads") { Description = "Attention heads (default: of width 32, or one).", HelpName = "H" };
    private readonly Option<int> context = Number("--context", "Tokens of a sequence.", 128, "T");
    private readonly Option<int> batch = Number("--batch", "Sequences a step.", 16, "B");
    private readonly Option<int> vocabulary = Number("--vocab", "Token ids.", 2048, "V");
    private readonly Option<string> norm = Choice<Norm>("--norm", Norm.LayerNorm);
    private readonly Option<string> activation = Choice<Activation>("--activation", Activation.Gelu);
    private readonly Option<string> positions = Choice<Positions>("--positions", Positions.Learned);
    private readonly Option<bool> qkNorm = new("--qk-norm") { Description = "Normalise queries and keys." };
    private readonly Option<bool> tiedHead = new("--tied-head") { Description = "Use the token embedding as the head too." };

    private bool withKernels;
    private readonly Option<string> kernels = Choice<KernelChoice>("--kernels", KernelChoice.Fused);

    /// <summary>Adds the flags to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="withKernels">Whether it runs steps; products alone have no kernels to choose.</param>
    public static BenchModel AddTo(Command command, bool withKernels = true)
    {
        var model = new BenchModel { withKernels = withKernels };
        foreach (Option option in new Option[] { model.layers, model.width, model.heads, model.context, model.batch, model.vocabulary, model.norm, model.activation, model.positions, model.qkNorm, model.tiedHead })
            command.Options.Add(option);
        if (withKernels)
            command.Options.Add(model.kernels);
        return model;
    }

    /// <summary>Whether kernels were named on the command line.</summary>
    public bool NamesKernels(ParseResult parsed) => parsed.GetResult(kernels) is { Implicit: false };

    /// <summary>A number out of its range.</summary>
    public static Diagnostic OutOfRange(string option, long value, long least, long most) =>
        new("SL0141", $"{option} is {value}; it must be {(most == long.MaxValue ? $"{least} or more" : $"from {least} to {most}")}");

    /// <summary>The model; when anything is wrong with it, that is added to the problems and the result is of no use.</summary>
    public BenchedModel Read(ParseResult parsed, List<Diagnostic> problems)
    {
        int before = problems.Count;
        int d = Within(width, 65_536), b = Within(batch, 1 << 20), v = Within(vocabulary, 1 << 24, least: 2);
        int? given = parsed.GetValue(heads);
        if (given is < 1 or > 1024)
            problems.Add(OutOfRange("--heads", given.Value, 1, 1024));
        var shape = new ModelShape
        {
            Layers = Within(layers, 1024),
            Width = d,
            Heads = given ?? (d % 32 == 0 ? d / 32 : 1),
            ContextTokens = Within(context, 1 << 20),
            Norm = Chosen<Norm>(norm),
            Activation = Chosen<Activation>(activation),
            Positions = Chosen<Positions>(positions),
            QkNorm = parsed.GetValue(qkNorm),
            TiedHead = parsed.GetValue(tiedHead),
        };
        var model = new BenchedModel(shape, v, b, withKernels ? Chosen<KernelChoice>(kernels) : KernelChoice.Fused);
        if (problems.Count == before)
            problems.AddRange(shape.Problems().Select(p => new Diagnostic("SL0141", $"--{p.Message}", null, p.Help)));
        if (problems.Count == before && BenchMemory.TooLarge(model) is { } tooLarge)
            problems.Add(tooLarge);
        return model;

        int Within(Option<int> option, int most, int least = 1)
        {
            int value = parsed.GetValue(option);
            if (value < least || value > most)
                problems.Add(OutOfRange(option.Name, value, least, most));
            return value;
        }

        T Chosen<T>(Option<string> option)
            where T : struct, Enum
        {
            string name = parsed.GetValue(option)!;
            if (ChoiceNames<T>.Parse(name) is { } value)
                return value;
            problems.Add(new Diagnostic("SL0143", $"{option.Name}: there is no '{name}'", null, Suggestions.DidYouMean(name, ChoiceNames<T>.All) ?? string.Join(", ", ChoiceNames<T>.All)));
            return default;
        }
    }

    private static Option<int> Number(string name, string description, int value, string help) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, HelpName = help };

    private static Option<string> Choice<T>(string name, T value)
        where T : struct, Enum =>
        new(name) { Description = string.Join(", ", ChoiceNames<T>.All) + ".", DefaultValueFactory = _ => ChoiceNames<T>.Of(value), HelpName = "NAME" };
}
