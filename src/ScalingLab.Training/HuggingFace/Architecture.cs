using System.Text.Json.Nodes;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Training.HuggingFace;

/// <summary>An architecture of Hugging Face's transformers that some of our shapes are exactly.</summary>
internal abstract class Architecture
{
    /// <summary>The known ones, the plainest first.</summary>
    public static IReadOnlyList<Architecture> All { get; } = [new Gpt2Architecture(), new LlamaArchitecture(qkNorm: false), new NeoXArchitecture(), new LlamaArchitecture(qkNorm: true)];

    /// <summary>Name for people: GPT-2.</summary>
    public abstract string Name { get; }

    /// <summary>Class of the model in transformers.</summary>
    public abstract string ClassName { get; }

    /// <summary>The <c>model_type</c> of config.json.</summary>
    public abstract string ModelType { get; }

    /// <summary>What keeps a shape from being this architecture, as <c>key: value</c> of the config; empty when it is.</summary>
    public abstract IReadOnlyList<string> Misfits(ModelShape shape);

    /// <summary>The keys of config.json that are this architecture's own.</summary>
    public abstract JsonObject Config(ModelShape shape);

    /// <summary>The weights under its names and in its layout.</summary>
    public abstract IEnumerable<NamedArray> Weights(ModelShape shape, WeightReader weights);

    /// <summary>Name of the activation in transformers' table; null where it has none of that kind.</summary>
    protected static string? ActivationName(Activation activation) => activation switch
    {
        Activation.Gelu => "gelu", // the exact form, as ours; gelu_new is the tanh approximation
        Activation.Relu2 => "relu2",
        _ => null,
    };

    /// <summary>The misfits among pairs of a claim and the key that breaks it.</summary>
    protected static IReadOnlyList<string> Broken(params (bool Fits, string Key)[] claims) => [.. claims.Where(c => !c.Fits).Select(c => c.Key)];
}
