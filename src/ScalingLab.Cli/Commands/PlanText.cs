using System.Globalization;
using ScalingLab.Planning.Reference;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>What the tables of all plans share: assumptions with sources, warnings, numbers as people read them.</summary>
internal static class PlanText
{
    public static void Assumptions(IEnumerable<Assumption> assumptions)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("assumed") { NoWrap = true });
        table.AddColumn(new TableColumn("value") { NoWrap = true, Alignment = Justify.Right });
        table.AddColumn(new TableColumn("source"));
        foreach (var a in assumptions)
            table.AddRow(Markup.Escape(a.Name), Markup.Escape(a.Value is { } v ? NumberTables.Number(v) + (a.Unit.Length > 0 ? " " + a.Unit : "") : "-"), Markup.Escape(a.Source));
        Terminal.Out.Write(table);
    }

    public static void Lines(string heading, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Console.Out.WriteLine($"{heading}: {line}");
    }

    public static void Row(Table table, params string[] cells) => table.AddRow([.. cells.Select(c => new Spectre.Console.Text(c))]);

    /// <summary>70.6 B, 1.4 T, 512 M: counts of parameters and tokens.</summary>
    public static string Count(double value) => value switch
    {
        >= 1e15 or < 1e3 => NumberTables.Number(value),
        >= 0.9995e12 => Text($"{Digits(value / 1e12)} T"),
        >= 0.9995e9 => Text($"{Digits(value / 1e9)} B"),
        >= 0.9995e6 => Text($"{Digits(value / 1e6)} M"),
        _ => Text($"{Digits(value / 1e3)} k"),
    };

    /// <summary>1.858 M USD, 443.6 M USD, 512 USD.</summary>
    public static string Usd(double? value) => value is { } v ? (v < 1e4 ? Text($"{v:0.##} USD") : v < 1e15 ? Count(v) + " USD" : NumberTables.Number(v) + " USD") : "-";

    /// <summary>80.2 GB, 3.6 TB.</summary>
    public static string Bytes(double value) => value >= 1e12 ? Text($"{value / 1e12:0.##} TB") : value >= 1e9 ? Text($"{value / 1e9:0.##} GB") : value >= 1e6 ? Text($"{value / 1e6:0.##} MB") : Text($"{value / 1e3:0.##} kB");

    public static string Band(double[]? band, Func<double, string> write) => band is [var low, var high] ? $"{write(low)} .. {write(high)}" : "-";

    public static string Percent(double share) => Text($"{share * 100:0.##} %");

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Digits(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
