using System.CommandLine;
using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Resampling;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Cli.Commands;

/// <summary><c>report SOURCE -o report.html</c>: one self-contained page from a folder of runs or a CSV.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs, or a CSV of observations." };
        var output = new Option<string>("--output", "-o") { Description = "The page to write.", DefaultValueFactory = _ => "report.html" };
        var title = new Option<string?>("--title") { Description = "Title of the page." };
        var columns = new Option<string?>("--columns") { Description = "Which column of a CSV is which: params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to fit, e.g. \"in_fit=1,D<1e12\"; the others are shown hollow." };
        var resamples = new Option<int>("--bootstrap") { Description = "Resamples behind the intervals, 0 for none.", DefaultValueFactory = _ => 1000 };
        var seed = new Option<long>("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
        var figures = new Option<bool>("--figures") { Description = "Also write each figure as .svg and its data as .tsv into <output>.figures/." };
        var json = new Option<bool>("--json") { Description = "Print what was written as one JSON document." };
        resamples.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--bootstrap must be 0 or more");
        });
        var command = new Command("report", "Fit the laws and write one self-contained HTML page with figures, tables and provenance.")
        {
            source, output, title, columns, where, resamples, seed, figures, json,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(output);
            if (Directory.Exists(path))
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0119", $"'{path}' is a folder", null, $"name a file: -o {Path.Combine(path, "report.html")}"));
            BuiltReport report = ReportBuilder.Build(parsed.GetRequiredValue(source), new ReportOptions
            {
                Title = parsed.GetValue(title),
                Columns = parsed.GetValue(columns),
                Where = parsed.GetValue(where),
                Bootstrap = new BootstrapOptions { Resamples = parsed.GetValue(resamples), Seed = parsed.GetValue(seed) },
                ProgramVersion = ProgramInfo.Version,
                ProgramCommit = ProgramInfo.Commit,
            });
            report.Write(path, PlotlyBundle.Find(AppContext.BaseDirectory));
            IReadOnlyList<string> drawn = parsed.GetValue(figures) ? report.WriteFigures(Path.ChangeExtension(path, null) + ".figures") : [];
            foreach (ReportWarning warning in report.Content.Warnings)
                Console.Error.WriteLine($"warning: {warning.Text}");
            if (parsed.GetValue(json))
                Console.Out.WriteLine(Document(path, drawn, report));
            else
                Console.Error.WriteLine($"wrote {path}{(drawn.Count > 0 ? $" and {drawn.Count} figures in {Path.GetDirectoryName(drawn[0])}" : "")}");
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static string Document(string path, IReadOnlyList<string> figures, BuiltReport report)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "scalinglab.report/1");
            writer.WriteString("report", path);
            WriteStrings(writer, "figures", figures);
            writer.WriteNumber("runs", report.Content.Runs.Count);
            writer.WriteNumber("observations", report.Fit?.Observations ?? 0);
            WriteStrings(writer, "warnings", report.Content.Warnings.Select(w => w.Text));
            writer.WritePropertyName("fit");
            writer.WriteRawValue(report.Fit is { } fit ? (fit with { Resamples = null }).ToJson() : "null");
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
