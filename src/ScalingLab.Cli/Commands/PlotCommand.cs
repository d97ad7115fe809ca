using System.CommandLine;
using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Resampling;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Files;
using ScalingLab.Plotting.Report;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Cli.Commands;

/// <summary><c>plot SOURCE</c>: figures of runs, of a CSV, or of the JSON that another command printed.</summary>
internal static class PlotCommand
{
    public static Command Create()
    {
        var source = new Argument<string[]>("source") { Description = $"Folder of runs, a CSV of observations, or documents that --json printed: {string.Join(", ", DocumentFigures.Schemas)}.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "Folder for the figures.", DefaultValueFactory = _ => "figures" };
        var figure = new Option<string[]>("--figure") { Description = "Only these figures, by name; an unknown name lists them.", AllowMultipleArgumentsPerToken = true };
        var format = new Option<string[]>("--format") { Description = "svg, png, pdf. SVG, its data (.tsv) and a script that draws it again (.gnuplot) are always written; png and pdf need rsvg-convert.", AllowMultipleArgumentsPerToken = true };
        var theme = new Option<string>("--theme") { Description = "automatic (an SVG that follows the screen), light or dark.", DefaultValueFactory = _ => "automatic" };
        var columns = new Option<string?>("--columns") { Description = "Which column of a CSV is which: params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to fit; the others are shown hollow." };
        var resamples = new Option<int>("--bootstrap") { Description = "Resamples behind the bands, 0 for none.", DefaultValueFactory = _ => 1000 };
        var seed = new Option<long>("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print what was written as one JSON document (schema scalinglab.plot/1)." };
        var command = new Command("plot", "Draw figures of runs, of a CSV, or of printed documents: SVG with its data and a gnuplot script, PNG and PDF on request.")
        {
            source, output, figure, format, theme, columns, where, resamples, seed, json,
        };
        command.SetAction(parsed =>
        {
            Theme colours = One("--theme", parsed.GetRequiredValue(theme), Enum.GetValues<Theme>());
            PictureFormat[] pictures = [.. (parsed.GetValue(format) ?? []).Where(f => f != "svg").Select(f => One("--format", f, Enum.GetValues<PictureFormat>())).Distinct()];
            if (parsed.GetValue(resamples) is < 0 or > 1_000_000)
                throw FitRequest.Usage($"--bootstrap {parsed.GetValue(resamples)} is out of range", "0 to 1000000 resamples");
            string[] paths = parsed.GetRequiredValue(source);
            if (paths.Length > 1 && paths.FirstOrDefault(p => !DocumentFigures.IsDocument(p)) is string other)
                throw FitRequest.Usage($"'{other}' is not a .json document: several sources are drawn together only when they all are", "plot a folder of runs or a CSV by itself");
            IReadOnlyList<Figure> all = DocumentFigures.IsDocument(paths[0]) ? DocumentFigures.Read(paths) : OfObservations(paths[0], new ReportOptions
            {
                Columns = parsed.GetValue(columns),
                Where = parsed.GetValue(where),
                Bootstrap = new BootstrapOptions { Resamples = parsed.GetValue(resamples), Seed = parsed.GetValue(seed) },
            });
            IReadOnlyList<Figure> chosen = Choose(all, parsed.GetValue(figure) ?? []);
            IReadOnlyList<string> written = FigureFiles.Write(chosen, parsed.GetRequiredValue(output), pictures, colours);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(Document(paths, chosen, written));
            else
                foreach (string file in written)
                    Console.Out.WriteLine(file);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static IReadOnlyList<Figure> OfObservations(string source, ReportOptions options)
    {
        BuiltReport report = ReportBuilder.Build(source, options);
        foreach (ReportWarning warning in report.Content.Warnings)
            Console.Error.WriteLine($"warning: {warning.Text}");
        return [.. report.Content.Figures.Select(f => f.Figure)];
    }

    private static IReadOnlyList<Figure> Choose(IReadOnlyList<Figure> all, string[] names)
    {
        foreach (string name in names)
            if (all.All(f => f.Name != name))
                throw FitRequest.Usage($"no figure '{name}' of this source", Suggestions.DidYouMean(name, all.Select(f => f.Name)) ?? $"there are: {string.Join(", ", all.Select(f => f.Name))}");
        return names.Length == 0 ? all : [.. all.Where(f => names.Contains(f.Name))];
    }

    private static T One<T>(string option, string text, T[] values)
        where T : struct, Enum
    {
        foreach (T value in values)
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return value;
        string[] names = [.. values.Select(v => v.ToString()!.ToLowerInvariant())];
        throw FitRequest.Usage($"{option} {text} is unknown", Suggestions.DidYouMean(text, names) ?? $"choose from {string.Join(", ", names)}");
    }

    private static string Document(string[] sources, IReadOnlyList<Figure> figures, IReadOnlyList<string> files)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "scalinglab.plot/1");
            writer.WriteStartArray("sources");
            foreach (string source in sources)
                writer.WriteStringValue(source);
            writer.WriteEndArray();
            writer.WriteStartArray("figures");
            foreach (Figure figure in figures)
            {
                writer.WriteStartObject();
                writer.WriteString("name", figure.Name);
                writer.WriteString("title", figure.Title);
                writer.WriteString("caption", figure.Caption);
                writer.WriteStartArray("files");
                foreach (string file in files.Where(f => Path.GetFileNameWithoutExtension(f) == figure.Name))
                    writer.WriteStringValue(file);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
