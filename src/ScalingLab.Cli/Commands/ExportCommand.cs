using System.CommandLine;
using ScalingLab.Cli.Exports;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Commands;

/// <summary><c>export SOURCE --format FORMAT</c>: runs in forms that other tools read.</summary>
internal static class ExportCommand
{
    private static readonly string[] Formats = ["csv", "jsonl", "tensorboard", "safetensors", "hf"];
    private static readonly string[] Tables = ["observations", "log", "evaluations"];

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs; for safetensors and hf, of one run." };
        var format = new Option<string>("--format")
        {
            Description = "csv, jsonl: a table; tensorboard: a log folder with scalars and hyper-parameters; safetensors: the weights; hf: a model folder for Hugging Face's transformers.",
            DefaultValueFactory = _ => "csv",
            HelpName = "FORMAT",
        };
        var table = new Option<string>("--table") { Description = "Rows of csv and jsonl: observations (what fit reads), log (training steps) or evaluations.", DefaultValueFactory = _ => "observations", HelpName = "TABLE" };
        var output = new Option<string?>("--output", "-o") { Description = "File to write, standard output without it; folder for tensorboard and hf.", HelpName = "PATH" };
        format.CompletionSources.Add(Formats);
        table.CompletionSources.Add(Tables);
        var command = new Command("export", "Write runs for other tools.") { source, format, table, output };
        command.SetAction(parsed =>
        {
            string name = OneOf("--format", parsed.GetValue(format)!, Formats), rows = OneOf("--table", parsed.GetValue(table)!, Tables), from = parsed.GetRequiredValue(source);
            string? to = parsed.GetValue(output);
            return (int)(name switch
            {
                "csv" or "jsonl" => TableExport.Write(from, rows, json: name == "jsonl", to),
                "tensorboard" => TensorBoardFolder.Write(from, to ?? throw NoOutput("a log folder, e.g. --output tensorboard")),
                "safetensors" => ModelExport.SafeTensors(from, to ?? throw NoOutput("a file, e.g. --output model.safetensors")),
                _ => ModelExport.HuggingFace(from, to ?? throw NoOutput("a folder, e.g. --output model")),
            });
        });
        return command;

        UserErrorException NoOutput(string what) =>
            new(ExitCode.Usage, new Diagnostic("SL0185", "this format does not go to standard output", null, $"name {what}"));
    }

    private static string OneOf(string option, string value, string[] known) => known.Contains(value) ? value : throw new UserErrorException(
        ExitCode.Usage,
        new Diagnostic("SL0108", $"unknown {option[2..]} '{value}'", null, Suggestions.DidYouMean(value, known) ?? $"{option} takes {string.Join(", ", known)}"));
}
