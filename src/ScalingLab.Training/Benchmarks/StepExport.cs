using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Data;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Benchmarks;

/// <summary>What another program needs to train the same model on the same batches.</summary>
/// <remarks>
/// <c>weights.safetensors</c>: parameters as they are. <c>batches.bin</c>: int32, little-endian,
/// (steps, 2, batch, context): inputs, then targets, of each step from 0. <c>setup.json</c>: shape, hyper-parameters, BLAS.
/// </remarks>
public static class StepExport
{
    /// <summary>Steps whose batches are written.</summary>
    public const int Steps = 20;

    internal static void Write(string folder, RunConfig config, ParameterSet weights, PreparedCorpus corpus)
    {
        Directory.CreateDirectory(folder);
        using (FileStream file = File.Create(Path.Combine(folder, "weights.safetensors")))
            SafeTensors.Write(file, TrainerArrays.Weights(weights), new Dictionary<string, string> { ["format"] = "pt" });
        using (FileStream file = File.Create(Path.Combine(folder, "batches.bin")))
            WriteBatches(file, config, corpus);
        var setup = new StepSetup(Steps, (int)(config.Training.BatchTokens / config.Model.ContextTokens), corpus.Vocabulary, config.Model, config.Training, ProviderCapabilities.Describe());
        File.WriteAllText(Path.Combine(folder, "setup.json"), JsonSerializer.Serialize(setup, StepSetupJson.Default.StepSetup));
    }

    private static void WriteBatches(FileStream file, RunConfig config, PreparedCorpus corpus)
    {
        int context = config.Model.ContextTokens, length = checked((int)config.Training.BatchTokens);
        var order = new BatchOrder(corpus.Train, context, length / context, config.Training.Seed); // as the trainer makes it
        long[] inputs = new long[length], targets = new long[length];
        var bytes = new byte[length * sizeof(int)];
        for (int step = 0; step < Steps; step++)
        {
            order.FillBatch(step, inputs, targets);
            foreach (long[] ids in new[] { inputs, targets })
            {
                for (int i = 0; i < length; i++)
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), (int)ids[i]);
                file.Write(bytes);
            }
        }
    }
}

/// <summary>Shape and hyper-parameters of an exported step.</summary>
/// <param name="Steps">Steps whose batches are there.</param>
/// <param name="Batch">Sequences a step.</param>
/// <param name="Vocabulary">Token ids.</param>
/// <param name="Model">Architecture.</param>
/// <param name="Training">Optimizer and schedule.</param>
/// <param name="Engine">What it ran on.</param>
internal sealed record StepSetup(int Steps, int Batch, int Vocabulary, ModelShape Model, TrainingConfig Training, EngineFacts Engine);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    Converters = [typeof(ChoiceConverter<Norm>), typeof(ChoiceConverter<Activation>), typeof(ChoiceConverter<Positions>), typeof(ChoiceConverter<HyperParameterRule>), typeof(ChoiceConverter<ScheduleKind>), typeof(ChoiceConverter<KernelChoice>), typeof(ChoiceConverter<ProductType>)])]
[JsonSerializable(typeof(StepSetup))]
internal sealed partial class StepSetupJson : JsonSerializerContext;
