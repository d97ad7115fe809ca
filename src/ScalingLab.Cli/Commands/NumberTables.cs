using System.Globalization;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>Tables of numbers, and how numbers are written in them.</summary>
internal static class NumberTables
{
    /// <summary>A table whose first column is text and whose others are numbers, to the right.</summary>
    public static Table Table(params string[] headers)
    {
        var table = new Table { Border = TableBorder.Simple };
        for (int i = 0; i < headers.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(headers[i])) { NoWrap = true, Alignment = i == 0 ? Justify.Left : Justify.Right };
            table.AddColumn(column);
        }
        return table;
    }

    /// <summary>Four digits: 0.5139, 2143, 2.619e8.</summary>
    public static string Number(double value) => Math.Abs(value) is 0 or (>= 1e-3 and < 9999.5) // beyond that G4 would write 1.016E+04
        ? value.ToString("G4", CultureInfo.InvariantCulture)
        : value.ToString("0.###e0", CultureInfo.InvariantCulture);

    /// <summary>Nine digits, to compare with what others printed: 0.00101827402, 4.23196592e-8.</summary>
    public static string Precise(double value) => Math.Abs(value) is 0 or (>= 1e-4 and < 1e9) // beyond that G9 would write 4.2E-08
        ? value.ToString("G9", CultureInfo.InvariantCulture)
        : value.ToString("0.########e0", CultureInfo.InvariantCulture);
}
