using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Data;
using ScalingLab.Training.HuggingFace;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Exports;

/// <summary>A trained model for other programs. Needs no libtorch: the weights go from file to file.</summary>
internal static class ModelExport
{
    /// <summary>The weights under this program's names, with the run's config.json as metadata.</summary>
    public static ExitCode SafeTensors(string source, string file)
    {
        OneRun run = OneRun.Load(source);
        using var content = new MemoryStream();
        Training.Checkpoints.SafeTensors.Write(content, run.Weights.Arrays, new Dictionary<string, string>
        {
            ["format"] = "pt",
            ["run"] = run.Folder.Id,
            ["step"] = FormattableString.Invariant($"{run.Weights.State.Step}"),
            ["config"] = JsonSerializer.Serialize(run.Manifest, RunJson.Default.RunManifest),
        });
        AtomicFile.Write(file, content.ToArray());
        Console.Error.WriteLine(FormattableString.Invariant($"{run.Folder.Id}, step {run.Weights.State.Step}: {run.Weights.Arrays.Count} tensors in {file}"));
        return ExitCode.Success;
    }

    /// <summary>A model folder of the architecture that the run's shape is.</summary>
    public static ExitCode HuggingFace(string source, string folder)
    {
        OneRun run = OneRun.Load(source);
        var model = new HuggingFaceModel(run.Manifest.Config.Model, run.Manifest.Vocabulary);
        ITokenizer tokenizer = RunTokenizer.Of(run.Folder, run.Manifest, ProgramInfo.TokenCacheFolder);
        using (tokenizer as IDisposable)
        {
            try
            {
                model.Write(folder, run.Weights.Arrays, tokenizer);
            }
            catch (InvalidDataException error)
            {
                throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0603", $"the weights of {run.Folder.Id} are not those of its config: {error.Message}", null, "restore the run's folder"), error);
            }
        }

        if (!HuggingFaceModel.HasTokenizer(tokenizer))
            Console.Error.WriteLine($"warning: {run.Folder.Id} was trained on token ids that came without a tokenizer.json: there is none in {folder}");
        Console.Error.WriteLine(FormattableString.Invariant($"{run.Folder.Id}, step {run.Weights.State.Step}: {model.Name} in {folder}; to load it: transformers.AutoModelForCausalLM.from_pretrained(\"{folder}\")"));
        return ExitCode.Success;
    }
}
