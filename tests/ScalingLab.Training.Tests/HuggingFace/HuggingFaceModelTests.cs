using System.Diagnostics;
using System.Runtime.InteropServices;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Data;
using ScalingLab.Training.HuggingFace;
using ScalingLab.Training.Model;
using ScalingLab.Training.Randomness;
using ScalingLab.Training.Tests.Data;
using ScalingLab.Training.Tests.Model;

namespace ScalingLab.Training.Tests.HuggingFace;

public sealed class HuggingFaceModelTests
{
    public static TheoryData<string, Norm, Activation, Positions, bool, bool> Shapes => new()
    {
        { "GPT-2", Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true },
        { "GPT-2", Norm.LayerNorm, Activation.Relu2, Positions.None, false, false },
        { "GPT-NeoX", Norm.LayerNorm, Activation.Gelu, Positions.Rope, false, false },
        { "GPT-NeoX", Norm.LayerNorm, Activation.Relu2, Positions.Rope, false, true },
        { "Llama", Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, false, true },
        { "Llama", Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, false, false },
        { "Qwen3", Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, true, false },
    };

    [NumpyTheory, Trait("Needs", "python3 with numpy")]
    [MemberData(nameof(Shapes))]
    public void Logits_are_those_of_an_independent_implementation(string name, Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using Gpt model = IncrementalGptTests.Make(norm, activation, positions, qkNorm, tied, ScalarType.Float32);
        Jolt(model); // gains of one and biases of zero would hide that they were mixed up
        var export = new HuggingFaceModel(model.Shape, model.Vocabulary);
        Assert.Equal(name, export.Name);
        export.Write(folder.Path, TrainerArrays.Weights(model.Parameters), new NoTokenizer(model.Vocabulary, -1));
        long[] ids = [.. Enumerable.Range(0, 16).Select(i => CounterRandom.NextBelow(9, 9, i, model.Vocabulary))];
        using (FileStream file = File.Create(Path.Combine(folder.Path, "logits.safetensors")))
            SafeTensors.Write(file, [new NamedArray("tokens", "I64", [16], MemoryMarshal.AsBytes<long>(ids).ToArray()), new NamedArray("logits", "F32", [16, model.Vocabulary], model.LogitsOf(ids))], new Dictionary<string, string>());
        (int exitCode, string output) = NumpyTheoryAttribute.Run(CorpusLocation.Resolve("scripts/check-export.py"), folder.Path, Path.Combine(folder.Path, "logits.safetensors"));
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_weight_is_there_once_and_none_is_lost(string name, Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied)
    {
        using Gpt model = IncrementalGptTests.Make(norm, activation, positions, qkNorm, tied, ScalarType.Float32);
        Jolt(model);
        IReadOnlyList<NamedArray> ours = TrainerArrays.Weights(model.Parameters), theirs = new HuggingFaceModel(model.Shape, model.Vocabulary).Weights(ours);
        Assert.Equal(theirs.Count, theirs.Select(a => a.Name).Distinct().Count());
        Assert.Equal(Elements(ours), Elements(theirs.Where(a => !(a.Name.EndsWith("_norm.weight", StringComparison.Ordinal) && name == "Qwen3")))); // those of queries and keys are ones
        static float[] Elements(IEnumerable<NamedArray> arrays) => [.. arrays.SelectMany(a => MemoryMarshal.Cast<byte, float>(a.Data).ToArray()).Where(x => x != 0).Order()];
    }

    [Fact]
    public void A_model_that_no_architecture_is_is_refused_with_what_does_not_fit()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => new HuggingFaceModel(new ModelShape(), 257)); // the defaults: layer norm, rotary, QK norm
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Equal(
            "no architecture of Hugging Face is this model: GPT-NeoX has no qk_norm: true; GPT-2 has no positions: rope, no qk_norm: true; Qwen3 has no norm: layer_norm, no activation: gelu; Llama has no norm: layer_norm, no activation: gelu, no qk_norm: true",
            error.Diagnostics[0].Message);
        Assert.Equal("train with qk_norm: false for GPT-NeoX, or take --format safetensors", error.Diagnostics[0].Help);
    }

    [Fact]
    public void The_config_says_what_the_model_is()
    {
        var model = new HuggingFaceModel(new ModelShape { Norm = Norm.RmsNorm, Activation = Activation.SwiGlu, QkNorm = false, Width = 48, Heads = 3, Layers = 4 }, 1024);
        Assert.Equal(
            """{"architectures":["LlamaForCausalLM"],"model_type":"llama","vocab_size":1024,"hidden_size":48,"intermediate_size":128,"num_hidden_layers":4,"num_attention_heads":3,"num_key_value_heads":3,"head_dim":16,"hidden_act":"silu","max_position_embeddings":128,"rms_norm_eps":1E-05,"rope_theta":10000,"attention_bias":false,"mlp_bias":false,"attention_dropout":0,"tie_word_embeddings":true,"bos_token_id":1023,"eos_token_id":1023,"torch_dtype":"float32","use_cache":true}""",
            model.Config(1023).ToJsonString());
    }

    /// <summary>Adds something of its own to every parameter.</summary>
    private static void Jolt(Gpt model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        model.Parameters.Values.add_(tensor([.. Enumerable.Range(0, (int)model.Parameters.Count).Select(i => (float)(0.1 * CounterRandom.Normal(5, 5, i)))], [model.Parameters.Count]));
    }

    /// <summary>Skipped where no python3 has numpy.</summary>
    private sealed class NumpyTheoryAttribute : TheoryAttribute
    {
        private static readonly string? Python = new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(p => Exit(p, "-c", "import numpy").ExitCode == 0);

        public NumpyTheoryAttribute()
        {
            if (Python is null)
                Skip = "no python3 here has numpy; Debian's is python3-numpy";
        }

        public static (int ExitCode, string Output) Run(params string[] arguments) => Exit(Python!, arguments);

        private static (int ExitCode, string Output) Exit(string program, params string[] arguments)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                Task<string> errors = process.StandardError.ReadToEndAsync();
                string output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return (process.ExitCode, output + errors.Result);
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return (-1, $"{program} is not there");
            }
        }
    }
}
