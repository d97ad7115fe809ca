using System.Globalization;
using System.Text.Json;

namespace ScalingLab.Cli.Tests.Plans;

public sealed class FrontierAndClaimsTests : IDisposable
{
    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [Fact]
    public void Growth_is_printed_as_one_document_and_as_tables()
    {
        string models = Write("models.csv", "publication_date,training_flop,frontier_flag\n" + string.Concat(Enumerable.Range(0, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"{2012 + i}-01-01,{1e18 * Math.Pow(4, i):R},1\n"))));
        Ended json = sandbox.Run("plan", "frontier", "--data", models, "--bootstrap", "50", "--json"), text = sandbox.Run("plan", "frontier", "--data", models, "--bootstrap", "50", "--until", "2025");
        Assert.Equal((0, ""), (json.ExitCode, json.Error));
        using var document = JsonDocument.Parse(json.Output);
        Assert.Equal("scalinglab.plan.frontier/1", document.RootElement.GetProperty("schema").GetString());
        Assert.Equal(4, document.RootElement.GetProperty("growthPerYear").GetProperty("compute").GetProperty("value").GetDouble(), 0.01);
        Assert.Contains("4.00", text.Output);
        Assert.Contains("warning: no trend of cost", text.Output);
    }

    [Fact]
    public void Claims_are_recomputed_from_their_formulas()
    {
        string claims = Write("claims.csv", "id,claim,claimed_value,formula,unit\n7,GPT-3 energy,1300 MWh,,\n8,mine,500,1 GW * 1 day,MWh\n");
        Ended json = sandbox.Run("plan", "claims", "--data", claims, "--json"), markdown = sandbox.Run("plan", "claims", "--data", claims, "--markdown");
        using var document = JsonDocument.Parse(json.Output);
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["right", "wrong"], rows.Select(r => r.GetProperty("verdict").GetString()));
        Assert.Equal("1287 MWh", rows[0].GetProperty("recomputed").GetString());
        Assert.Equal("| 8 | mine | 500 | 24000 MWh | wrong |  |", markdown.Output.Split('\n')[3]);
    }

    [Theory]
    [InlineData("plan frontier --data none.csv", 2, "'none.csv' cannot be read")]
    [InlineData("plan frontier --data small.txt", 6, "no column 'publication_date'")]
    [InlineData("plan frontier --data small.txt --subset frontir", 2, "did you mean 'frontier'?")]
    [InlineData("plan data --tokens 5MWh", 2, "help: ")]
    [InlineData("plan data --tokens 0", 2, "help: ")]
    [InlineData("plan testtime", 2, "--counts FILE.csv, --beta A,B, --larger M")]
    [InlineData("plan testtime --beta 0.4,-1", 2, "--beta '-1' is not a number")]
    [InlineData("plan testtime --flops 1e23 --pass1 2.0=0.05,2.3=0.25", 2, "write --pass1 2.3=0.05,2.0=0.25")]
    [InlineData("plan claims --data small.txt", 6, "no column 'claim'")]
    public void Bad_input_is_refused_with_a_way_out(string arguments, int exitCode, string message)
    {
        Ended ended = sandbox.Run(arguments.Replace("small.txt", Write("small.csv", "a,b\n1,2\n")).Split(' '));
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains(message, ended.Error);
        Assert.DoesNotContain("   at ", ended.Error);
        Assert.Equal("", ended.Output);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(sandbox.Work, name);
        File.WriteAllText(path, text);
        return path;
    }
}
