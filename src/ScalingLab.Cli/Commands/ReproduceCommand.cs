using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Reproduction;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab reproduce FOLDER</c>: published fits beside ours.</summary>
internal static class ReproduceCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of data sets, each a folder with expected.json and its runs; or one of them." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.reproduce/1)." };
        var command = new Command("reproduce", "Refit published data sets and compare; exit code 6 when a number is off.") { folder, json };
        command.SetAction(parse =>
        {
            var document = ReproduceDocument.Of(Reproducer.Run(parse.GetValue(folder)!));
            if (parse.GetValue(json))
                System.Console.Out.WriteLine(document.ToJson());
            else
                Print(document);
            return (int)(document.Off == 0 ? ExitCode.Success : ExitCode.CorruptData);
        });
        return command;
    }

    private static void Print(ReproduceDocument document)
    {
        foreach (var set in document.DataSets)
        {
            if (set.Rows.Count > 0)
            {
                var table = NumberTables.Table(set.Name, "published", "refitted", "difference", "verdict");
                foreach (var row in set.Rows)
                    table.AddRow(row.Quantity, NumberTables.Precise(row.Published), row.Refitted is { } v ? NumberTables.Precise(v) : "-", row.RelativeDifference is { } d ? Text($"{d:0.0e+0}") : "-", row.Verdict);
                Terminal.Out.Write(table);
                foreach (string note in set.Rows.Select(r => r.Note).OfType<string>().Distinct())
                    System.Console.Out.WriteLine($"note: {note}");
            }
            foreach (var part in set.NotServed)
                System.Console.Out.WriteLine($"{set.Name}, not served: {part.Part}: {part.Reason}");
        }
        System.Console.Out.WriteLine(Text($"{document.Rows} numbers: {document.Reproduced} reproduced, {document.Bettered} bettered, {document.Refused} refused, {document.Off} off; {document.Seconds:0.0} s"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
