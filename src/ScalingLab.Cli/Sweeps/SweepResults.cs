using System.Text;
using System.Text.Json;
using ScalingLab.Cli.Commands;
using ScalingLab.Core.Files;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Cli.Sweeps;

/// <summary>Fits the laws to a finished sweep, and writes fit.json, report.html and the figures into its folder.</summary>
internal static class SweepResults
{
    public static void FitAndReport(string folder, bool json)
    {
        BuiltReport report = ReportBuilder.Build(folder, new ReportOptions { ProgramVersion = ProgramInfo.Version, ProgramCommit = ProgramInfo.Commit });
        string page = Path.Combine(folder, "report.html"), fit = Path.Combine(folder, "fit.json"), figures = Path.Combine(folder, "figures");
        report.Write(page, PlotlyBundle.Find(AppContext.BaseDirectory));
        report.WriteFigures(figures);
        if (report.Fit is { } document)
            AtomicFile.Write(fit, Encoding.UTF8.GetBytes(document.ToJson() + "\n"));
        if (json)
        {
            Console.Out.WriteLine(Document(folder, page, report));
            return;
        }

        if (report.Fit is { } found)
            FitText.Print(found);
        foreach (ReportWarning warning in report.Content.Warnings.Where(w => report.Fit is null || w.Section == ReportSection.Runs))
            Console.Out.WriteLine($"warning: {warning.Text}");
        Console.Out.WriteLine($"report: {page}");
    }

    private static string Document(string folder, string page, BuiltReport report)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "scalinglab.sweep/1");
            writer.WriteString("folder", folder);
            writer.WriteString("report", page);
            writer.WriteStartArray("runs");
            foreach (RunRow run in report.Content.Runs)
            {
                writer.WriteStartObject();
                writer.WriteString("run", run.Id);
                writer.WriteString("state", run.State.ToString().ToLowerInvariant());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WritePropertyName("fit");
            writer.WriteRawValue(report.Fit is { } fit ? (fit with { Resamples = null }).ToJson() : "null");
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
