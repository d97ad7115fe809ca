using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Planning.Claims;
using ScalingLab.Planning.Frontier;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan claims --data claims.csv</c>: recomputes published claims and says which hold.</summary>
internal static class PlanClaimsCommand
{
    private const string ModelsBeside = "epoch_notable_models.csv";

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "CSV of claims: claim and claimed_value, perhaps id, source, and a formula and unit of your own.", Required = true };
        var models = new Option<string?>("--models") { Description = $"CSV of trained models for claims of growth; default: {ModelsBeside} beside the claims, if it is there." };
        var formulas = new Option<string?>("--formulas") { Description = "Book of formulas in place of the program's own." };
        var markdown = new Option<bool>("--markdown") { Description = "Print the table as Markdown." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.plan.claims/1)." };
        var command = new Command("claims", "Recompute published claims about compute, with verdict and the unit that would have fitted.") { data, models, formulas, markdown, json };
        command.SetAction(parse =>
        {
            string path = parse.GetValue(data)!;
            var rows = ClaimTable.Read(path);
            string beside = Path.Combine(Path.GetDirectoryName(path) ?? "", ModelsBeside);
            string? table = parse.GetValue(models) ?? (File.Exists(beside) ? beside : null);
            var book = parse.GetValue(formulas) is { } file ? ClaimBook.Parse(file, Text(file)) : ClaimBook.BuiltIn;
            var document = ClaimsDocument.Of(path, rows, book, table is null ? null : ModelTable.Read(table));
            if (parse.GetValue(json))
                System.Console.Out.WriteLine(document.ToJson());
            else if (parse.GetValue(markdown))
                Markdown(document);
            else
                Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FitRequest.Usage($"'{file}' cannot be read: {e.Message.TrimEnd('.')}", null);
        }
    }

    private static void Print(ClaimsDocument document)
    {
        foreach (var row in document.Rows)
        {
            System.Console.Out.WriteLine($"{row.Id,3}  {row.Verdict,-10}  {row.Claim}    claimed {row.Claimed}    recomputed {ClaimsDocument.WithUnit(row)}{(row.UnitThatFits is { } unit ? $"    unit that fits: {unit}" : "")}");
            foreach (var note in row.Values.Where(v => v.Kind == "note"))
                System.Console.Out.WriteLine($"     {note.Label}: {ClaimsDocument.Number(note.Value)}{(note.Unit.Length > 0 ? " " + note.Unit : "")}");
            string remark = string.Join("; ", new[] { row.Why, row.FormulaSource }.Where(t => t.Length > 0));
            if (remark.Length > 0)
                System.Console.Out.WriteLine($"     {remark}");
        }
        Terminal.Out.Write(Counts(document));
        foreach (string assumption in document.Assumptions)
            System.Console.Out.WriteLine($"assumed: {assumption}");
        if (document.AgreeWithTable is { } agree)
            System.Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{agree} of {document.Rows.Count} verdicts are those of the table"));
    }

    private static Table Counts(ClaimsDocument document)
    {
        var table = NumberTables.Table("verdict", "claims");
        foreach (var (verdict, count) in document.Verdicts)
            table.AddRow(verdict, count.ToString(CultureInfo.InvariantCulture));
        return table;
    }

    private static void Markdown(ClaimsDocument document)
    {
        System.Console.Out.WriteLine("| id | claim | claimed | recomputed | verdict | unit that fits |\n| --- | --- | --- | --- | --- | --- |");
        foreach (var row in document.Rows)
            System.Console.Out.WriteLine($"| {row.Id} | {Cell(row.Claim)} | {Cell(row.Claimed)} | {Cell(ClaimsDocument.WithUnit(row))} | {row.Verdict} | {row.UnitThatFits ?? ""} |");

        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("~", "\\~", StringComparison.Ordinal);
    }
}
