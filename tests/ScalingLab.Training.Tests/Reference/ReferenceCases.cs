using System.Text.Json;
using ScalingLab.Core.Models;

namespace ScalingLab.Training.Tests.Reference;

/// <summary>Losses that scripts/reference-losses.py, an implementation of its own in PyTorch, printed.</summary>
public sealed record ReferenceCase(string Name, ModelShape Shape, double[] Losses, double[] GradientNorms)
{
    public const int Steps = 20;
    public const int Batch = 4;
    public const int Vocabulary = 257;
    public const double PeakLearningRate = 0.01;
    public const int WarmupSteps = 5;
    public const double Clip = 0.5;

    public static IReadOnlyList<ReferenceCase> All { get; } = Read();

    private static List<ReferenceCase> Read()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Reference/losses.json")));
        return [.. file.RootElement.GetProperty("cases").EnumerateArray().Select(FromJson)];
    }

    private static ReferenceCase FromJson(JsonElement json)
    {
        var shape = new ModelShape
        {
            Layers = json.GetProperty("layers").GetInt32(),
            Width = json.GetProperty("width").GetInt32(),
            Heads = json.GetProperty("heads").GetInt32(),
            ContextTokens = json.GetProperty("context").GetInt32(),
            MlpWidth = json.GetProperty("hidden").GetInt32(),
            Norm = json.GetProperty("norm").GetString() == "layer_norm" ? Norm.LayerNorm : Norm.RmsNorm,
            Activation = json.GetProperty("activation").GetString() switch { "gelu" => Activation.Gelu, "relu2" => Activation.Relu2, _ => Activation.SwiGlu },
            Positions = json.GetProperty("positions").GetString() switch { "learned" => Positions.Learned, "rope" => Positions.Rope, _ => Positions.None },
            QkNorm = json.GetProperty("qk_norm").GetBoolean(),
            TiedHead = json.GetProperty("tied").GetBoolean(),
        };
        return new ReferenceCase(json.GetProperty("name").GetString()!, shape, Numbers("losses"), Numbers("gradient_norms"));

        double[] Numbers(string name) => [.. json.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
    }
}

/// <summary>The integer generator that both implementations write down for themselves.</summary>
public sealed class Lcg(ulong seed)
{
    private ulong state = seed;

    public uint Next24()
    {
        state = unchecked((state * 6364136223846793005) + 1442695040888963407);
        return (uint)(state >> 40);
    }

    public double Uniform(double scale) => ((Next24() / (double)(1 << 24)) - 0.5) * scale;
}
