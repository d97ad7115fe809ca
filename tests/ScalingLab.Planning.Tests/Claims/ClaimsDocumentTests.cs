using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Claims;
using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.Tests.Claims;

public partial class ClaimsDocumentTests
{
    private static readonly Lazy<ClaimsDocument> Published = new(ReplayPublished);

    [PublishedFact]
    public void All_57_published_verdicts_follow_from_recomputation()
    {
        Assert.Equal(57, Published.Value.Rows.Count);
        Assert.Empty(Published.Value.Rows.Where(r => r.Verdict != r.TableVerdict).Select(r => $"{r.Id} {r.Claim}: {r.Verdict}, table {r.TableVerdict}"));
    }

    /// <summary>The table tells what each claim comes to in text; its numbers must be among ours to their printed digits, in whatever power of ten of the unit.</summary>
    [PublishedFact]
    public void The_numbers_that_the_table_recomputed_are_ours_to_their_digits()
    {
        var rows = ClaimTable.Read(Path.Combine(PublishedData.Folder!, "claims.csv")).ToDictionary(r => r.Id);
        var missing = new List<string>();
        int compared = 0;
        foreach (var ours in Published.Value.Rows.Where(r => r.Values.Count > 0))
        {
            double[] values = [.. ours.Values.SelectMany(v => new[] { v.Value, v.High ?? v.Value })];
            foreach (Match match in Numbers().Matches(rows[ours.Id].PublishedRecomputed))
            {
                string text = match.Value.Replace(",", "", StringComparison.Ordinal);
                double number = double.Parse(text, CultureInfo.InvariantCulture);
                compared++;
                if (!values.Any(v => SameDigits(text, number, v)))
                    missing.Add($"{ours.Id}: {match.Value}");
            }
        }
        Assert.True(compared > 80, $"{compared} numbers compared");
        Assert.True(ToldApart.SequenceEqual(missing), string.Join("\", \"", missing));
    }

    // Numbers in the table's text that are no results: inputs of the formulas (40 % of peak, 355 chip-years, 6ND), years, names (Grok 4, 70B). All others must come out.
    private static readonly string[] ToldApart =
    [
        "10: 1e18", "16: 40", "16: 100", "17: 40", "17: 100", "18: 40", "18: 100", "19: 40", "20: 355", "20: 1.50", "22: 6", "23: 6", "25: 1", "32: 1.1",
        "34: 6.0e25", "40: 2023", "42: 4", "44: 2023", "46: 3.14e23", "46: 3.6e23", "47: 3.6e23", "48: 90", "52: 2", "53: 3e11", "53: 3.2", "54: 6", "54: 6",
        "54: 12", "54: 70", "55: 4.4",
    ];

    [PublishedFact]
    public void Units_that_fit_are_named()
    {
        var units = Published.Value.Rows.Where(r => r.UnitThatFits is not null).ToDictionary(r => r.Id, r => r.UnitThatFits!);
        Assert.Equal(new Dictionary<string, string>
        {
            ["8"] = "PF-day", ["10"] = "EFLOP", ["16"] = "PF-day", ["17"] = "PF-day", ["18"] = "PF-day", ["19"] = "PF-day", ["41"] = "ZFLOP", ["42"] = "ZFLOP",
        }, units);
    }

    /// <summary>Nothing is echoed: with the table's own verdict and recomputation gone, and other claimed numbers, the answers follow the numbers.</summary>
    [Theory]
    [InlineData("6ND GPT-3", "3.15e23", "right", null)]
    [InlineData("6ND GPT-3", "3.15e22", "wrong", null)]
    [InlineData("6ND GPT-3", "315", "wrong", "ZFLOP")]
    [InlineData("6ND GPT-4 (2T,10T)", "1.2e26", "right", null)]
    [InlineData("Kaplan L(N) at 1e9 (comment)", "2.38", "right", null)]
    [InlineData("Kaplan L(N) at 1e10 (comment)", "1.99", "right", null)]
    [InlineData("A100 hours GPT-3", "7.0e5", "right", null)]
    [InlineData("20 runs of 50,000 MWh", "1 TWh", "right", null)]
    [InlineData("N_c", "8.8e13", "right", null)]
    [InlineData("MWh per PFLOP", "4.9e-7", "caution", null)]
    public void Verdicts_follow_the_claimed_number(string claim, string claimed, string verdict, string? unit)
    {
        var row = Assert.Single(Replay(Table($"{Quoted(claim)},{claimed}"), null).Rows);
        Assert.Equal((verdict, unit), (row.Verdict, row.UnitThatFits));
    }

    [Theory]
    [InlineData("2ND of 1B on 1T tokens,2e21,2 FLOP/param/token * 1B param * 1T token,FLOP,right,null")]
    [InlineData("the same in PFLOP,2e6,2 FLOP/param/token * 1B param * 1T token,PFLOP,right,null")]
    [InlineData("the same with the wrong prefix,2000,2 FLOP/param/token * 1B param * 1T token,PFLOP,wrong,EFLOP")]
    public void A_row_may_bring_its_own_formula(string row)
    {
        string[] cells = row.Split(',');
        var checkedRow = Assert.Single(Replay("claim,claimed_value,formula,unit\n" + string.Join(',', cells[..4]) + "\n", null).Rows);
        Assert.Equal((cells[4], cells[5] == "null" ? null : cells[5]), (checkedRow.Verdict, checkedRow.UnitThatFits));
    }

    [Fact]
    public void A_formula_in_the_wrong_unit_is_refused_with_the_units_that_fit()
    {
        var error = Assert.Throws<UserErrorException>(() => Replay("claim,claimed_value,formula,unit\na claim,5,2 FLOP/param/token * 1B param * 1T token,MWh\n", null));
        Assert.Equal(ExitCode.CorruptData, error.ExitCode);
        Assert.Equal(2, error.Diagnostics[0].Location!.Line);
        Assert.Contains("FLOP, GFLOP, TFLOP, PFLOP, EFLOP, ZFLOP, YFLOP, PF-day", $"{error.Message} {error.Diagnostics[0].Help}");
    }

    [Fact]
    public void A_claim_without_a_formula_is_unverified_and_the_nearest_one_is_named()
    {
        var row = Assert.Single(Replay(Table("GPT-3 enrgy,1300 MWh"), null).Rows);
        Assert.Equal(("unverified", null), (row.Verdict, row.Recomputed));
        Assert.Contains("'GPT-3 energy'", row.Why);
    }

    [Fact]
    public void Claims_of_growth_need_the_table_of_models()
    {
        var row = Assert.Single(Replay(Table("4.4x/yr since 2010,4.4"), null).Rows);
        Assert.Equal("unverified", row.Verdict);
        Assert.Contains("--models", row.Why);
    }

    [Fact]
    public void Claims_of_growth_are_measured_on_the_table_given()
    {
        using var models = Frontier.PlantedModels.Growing(scatter: 0.2);
        var rows = Replay(Table("4.4x/yr since 2010,4.9\n4.4x/yr since 2010,4.4\nmajority of scaling from larger clusters,majority"), ModelTable.Read(models.Path)).Rows;
        Assert.Equal(["right", "wrong", "wrong"], rows.Select(r => r.Verdict)); // planted: 4.914 a year, chips ln 1.8 of ln 4.914, 37 %
    }

    [Fact]
    public void Contract_names_are_in_the_document()
    {
        using var json = JsonDocument.Parse(Replay(Table("6ND GPT-3,3.15e23"), null).ToJson());
        var row = json.RootElement.GetProperty("rows")[0];
        foreach (string name in new[] { "id", "claim", "claimed", "recomputed", "verdict", "unitThatFits" })
            Assert.True(row.TryGetProperty(name, out _), name);
        Assert.Equal("3.15e23", row.GetProperty("recomputed").GetString());
    }

    [Fact]
    public void A_book_names_the_line_that_it_cannot_read()
    {
        var error = Assert.Throws<UserErrorException>(() => ClaimBook.Parse("my.book", "claim x\nvalu 3\n"));
        Assert.Equal((2, "did you mean 'value'?"), (error.Diagnostics[0].Location!.Line, error.Diagnostics[0].Help));
    }

    private static string Table(string rows) => "claim,claimed_value\n" + rows + "\n";

    private static string Quoted(string text) => $"\"{text}\"";

    private static ClaimsDocument Replay(string text, ModelTable? models)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return ClaimsDocument.Of(path, ClaimTable.Read(path), ClaimBook.BuiltIn, models);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static ClaimsDocument ReplayPublished() => ClaimsDocument.Of("claims.csv", ClaimTable.Read(Path.Combine(PublishedData.Folder!, "claims.csv")), ClaimBook.BuiltIn,
        ModelTable.Read(Path.Combine(PublishedData.Folder!, "epoch_notable_models.csv")));

    // Equal to the printed digits, where K, M, B, T, % and the unit's power of ten may stand between.
    private static bool SameDigits(string text, double printed, double ours)
    {
        string mantissa = text.Split('e', 'E')[0];
        int decimals = mantissa.Contains('.') ? mantissa.Length - mantissa.IndexOf('.') - 1 : 0;
        double last = Math.Pow(10, (text.Contains('e') ? int.Parse(text.Split('e')[1], CultureInfo.InvariantCulture) : 0) - decimals);
        int zeros = decimals == 0 ? mantissa.Length - mantissa.TrimEnd('0').Length : 0; // 99,500 is printed to hundreds
        last *= Math.Pow(10, zeros);
        return new[] { 1, 1e3, 1e6, 1e9, 1e12, 1e15, 1e18, 1e-2, 1e-3 }.Any(scale => Math.Abs(ours / scale - printed) <= 0.5000001 * last);
    }

    [GeneratedRegex(@"(?<![\w.])\d{1,3}(?:,\d{3})+|(?<![\w.-])\d+(?:\.\d+)?(?:e[+-]?\d+)?")]
    private static partial Regex Numbers();
}
