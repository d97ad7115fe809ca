using System.IO.Compression;
using ScalingLab.Core.Configs;
using ScalingLab.Training.Model;
using ScalingLab.Training.Optim;
using ScalingLab.Training.Tests.Reference;

namespace ScalingLab.Training.Tests.Model;

public sealed class ReferenceLossTests
{
    public static TheoryData<string, KernelChoice> Names
    {
        get
        {
            var cases = new TheoryData<string, KernelChoice>();
            foreach (string name in ReferenceCase.All.Select(c => c.Name))
            {
                cases.Add(name, KernelChoice.Reference);
                cases.Add(name, KernelChoice.Fused);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_first_twenty_losses_equal_those_of_an_independent_PyTorch_implementation(string name, KernelChoice kernels)
    {
        ReferenceCase reference = ReferenceCase.All.Single(c => c.Name == name);
        int context = reference.Shape.ContextTokens, window = context + 1;
        using var model = new Gpt(reference.Shape, ReferenceCase.Vocabulary, kernels: kernels);
        FillFromGenerator(model, new Lcg(12345));
        using var optimizer = new AdamW(model.Parameters, new AdamConfig(), kernels);
        var schedule = new Schedule(
            ReferenceCase.PeakLearningRate,
            ReferenceCase.WarmupSteps,
            ReferenceCase.Steps,
            new ScheduleConfig { Kind = ScheduleKind.Cosine, FinalFraction = 0.1 });
        byte[] text = FirstMebibyteOfCorpus();
        var offsets = new Lcg(777);
        for (int step = 1; step <= ReferenceCase.Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            var inputs = new List<long>();
            var targets = new List<long>();
            for (int row = 0; row < ReferenceCase.Batch; row++)
            {
                int start = (int)(offsets.Next24() % (text.Length - window));
                inputs.AddRange(text[start..(start + context)].Select(b => (long)b));
                targets.AddRange(text[(start + 1)..(start + window)].Select(b => (long)b));
            }

            model.Parameters.ZeroGradients();
            Tensor loss = model.Loss(tensor(inputs.ToArray(), [ReferenceCase.Batch, context]), tensor(targets.ToArray(), [targets.Count]));
            loss.backward();
            double norm = optimizer.ClipGradients(ReferenceCase.Clip);
            optimizer.Step(step, schedule.LearningRate(step));

            // Both are float32 sums in different orders; 1e-5 leaves room for their rounding and for nothing else.
            AssertRelative(reference.Losses[step - 1], loss.ToDouble(), 1e-5, $"loss of step {step}");
            AssertRelative(reference.GradientNorms[step - 1], norm, 1e-4, $"gradient norm of step {step}");
        }
    }

    // The generator fills parameters in the order of the model, not of the flat vectors.
    private static void FillFromGenerator(Gpt model, Lcg generator)
    {
        using DisposeScope scope = NewDisposeScope();
        string[] order = [.. model.Parameters.Specs.Select(s => s.Name).OrderBy(PlaceInModel)];
        foreach (string name in order)
        {
            Tensor parameter = model.Parameters[name];
            double offset = name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0;
            var values = new float[parameter.numel()];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(offset + generator.Uniform(0.2));
            parameter.detach().copy_(tensor(values, parameter.shape));
        }
    }

    private static double PlaceInModel(string name)
    {
        string[] parts = name.Split('.');
        if (parts[0] != "blocks")
            return parts[0] switch { "token_embedding" => -2, "position_embedding" => -1, "final_norm" => 1e6 + (parts[1] == "bias" ? 1 : 0), _ => 2e6 };
        string[] members = ["attention_norm.weight", "attention_norm.bias", "attention.qkv.weight", "attention.output.weight", "mlp_norm.weight", "mlp_norm.bias", "mlp.input.weight", "mlp.gate.weight", "mlp.output.weight"];
        return (100 * int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)) + Array.IndexOf(members, string.Join('.', parts[2..]));
    }

    private static byte[] FirstMebibyteOfCorpus()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "ScalingLab.sln")))
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("ScalingLab.sln");
        using FileStream file = File.OpenRead(Path.Combine(root, "data/corpora/state-of-the-union/state-of-the-union.txt.gz"));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        var text = new byte[1 << 20];
        gzip.ReadExactly(text);
        return text;
    }

    private static void AssertRelative(double expected, double actual, double tolerance, string what) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance * Math.Abs(expected), $"{what}: expected {expected:R}, got {actual:R}");
}
