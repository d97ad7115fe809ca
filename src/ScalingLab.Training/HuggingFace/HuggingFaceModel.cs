using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Data;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.HuggingFace;

/// <summary>A trained model as a folder that Hugging Face's <c>AutoModelForCausalLM</c> loads.</summary>
public sealed class HuggingFaceModel
{
    internal const double NormEpsilon = Normalisation.Epsilon;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private readonly ModelShape shape;
    private readonly int vocabulary;
    private readonly Architecture architecture;

    /// <summary>Finds the architecture that a shape is.</summary>
    /// <exception cref="UserErrorException">None; the message says what does not fit which.</exception>
    public HuggingFaceModel(ModelShape shape, int vocabulary)
    {
        (this.shape, this.vocabulary) = (shape, vocabulary);
        var misfits = Architecture.All.Select(a => (Architecture: a, Reasons: a.Misfits(shape))).OrderBy(m => m.Reasons.Count).ToArray();
        if (misfits[0].Reasons.Count > 0)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic(
                "SL0186",
                $"no architecture of Hugging Face is this model: {string.Join("; ", misfits.Select(m => $"{m.Architecture.Name} has no {string.Join(", no ", m.Reasons)}"))}",
                null,
                $"train with {string.Join(", ", misfits[0].Reasons.Select(r => r.Split(':')[0]).Select(Other))} for {misfits[0].Architecture.Name}, or take --format safetensors"));
        architecture = misfits[0].Architecture;
    }

    /// <summary>Name of the architecture: GPT-2.</summary>
    public string Name => architecture.Name;

    /// <summary>The content of config.json.</summary>
    /// <param name="endOfDocument">Id that begins and ends documents; null when there is none.</param>
    public JsonObject Config(int? endOfDocument)
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture.ClassName),
            ["model_type"] = architecture.ModelType,
            ["vocab_size"] = vocabulary,
        };
        foreach ((string key, JsonNode? value) in architecture.Config(shape))
            config[key] = value?.DeepClone();
        config["tie_word_embeddings"] = shape.TiedHead;
        config["bos_token_id"] = endOfDocument;
        config["eos_token_id"] = endOfDocument;
        config["torch_dtype"] = "float32";
        config["use_cache"] = true;
        return config;
    }

    /// <summary>The weights under their names there.</summary>
    /// <exception cref="InvalidDataException">The arrays are not those of the shape.</exception>
    public IReadOnlyList<NamedArray> Weights(IReadOnlyList<NamedArray> arrays) => [.. architecture.Weights(shape, new WeightReader(arrays))];

    /// <summary>Writes config.json, model.safetensors, tokenizer.json and the small files beside them.</summary>
    /// <param name="folder">Made when missing; files of these names in it are replaced.</param>
    /// <param name="arrays">A checkpoint's weights.</param>
    /// <param name="tokenizer">The run's tokenizer.</param>
    /// <exception cref="InvalidDataException">The arrays are not those of the shape.</exception>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public void Write(string folder, IReadOnlyList<NamedArray> arrays, ITokenizer tokenizer)
    {
        IReadOnlyList<NamedArray> weights = Weights(arrays);
        int? end = tokenizer.EndOfDocument >= 0 ? tokenizer.EndOfDocument : null;
        using var model = new MemoryStream();
        SafeTensors.Write(model, weights, new Dictionary<string, string> { ["format"] = "pt" });
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (DiskErrors.Translate(error, folder) is { } translated)
        {
            throw translated;
        }

        Save("model.safetensors", model.ToArray());
        Save("config.json", Text(Config(end)));
        Save("generation_config.json", Text(new JsonObject { ["bos_token_id"] = end, ["eos_token_id"] = end, ["do_sample"] = true, ["max_length"] = shape.ContextTokens }));
        if (!HasTokenizer(tokenizer))
            return;
        Save("tokenizer.json", tokenizer.ToJson());
        Save("tokenizer_config.json", Text(new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["bos_token"] = (tokenizer as ForeignBpeTokenizer)?.EndName ?? TokenizerJson.EndOfDocument,
            ["eos_token"] = (tokenizer as ForeignBpeTokenizer)?.EndName ?? TokenizerJson.EndOfDocument,
            ["model_max_length"] = shape.ContextTokens,
            ["clean_up_tokenization_spaces"] = false,
        }));

        void Save(string name, byte[] content) => AtomicFile.Write(Path.Combine(folder, name), content);
    }

    /// <summary>Whether a tokenizer can go with the model: characters, and ids without a tokenizer, have no file there.</summary>
    public static bool HasTokenizer(ITokenizer tokenizer) => tokenizer is not (NoTokenizer or CharacterTokenizer);

    private static byte[] Text(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(Indented) + "\n");

    private string Other(string key) => key switch
    {
        "norm" => shape.Norm == Norm.LayerNorm ? "norm: rms_norm" : "norm: layer_norm",
        "activation" => shape.Activation == Activation.SwiGlu ? "activation: gelu" : "activation: swiglu",
        "qk_norm" => shape.QkNorm ? "qk_norm: false" : "qk_norm: true",
        _ => shape.Positions == Positions.Rope ? "positions: learned" : "positions: rope",
    };
}
