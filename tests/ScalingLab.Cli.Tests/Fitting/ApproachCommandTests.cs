using System.Globalization;
using System.Text.Json;

namespace ScalingLab.Cli.Tests.Fitting;

[Collection(Processes.Name)]
public sealed class ApproachCommandTests : IDisposable
{
    private readonly Sandbox sandbox = new();

    public ApproachCommandTests()
    {
        // Twelve models seen at ten token counts each, with a ripple in place of noise.
        var lines = from i in Enumerable.Range(0, 12)
                    from j in Enumerable.Range(0, 10)
                    let n = 1e7 * Math.Pow(1.5, i)
                    let d = 3e8 * Math.Pow(1.9, j)
                    let loss = (1.8 + 480 / Math.Pow(n, 0.35) + 2100 / Math.Pow(d, 0.37)) * (1 + 0.002 * Math.Sin(7 * i + 3 * j))
                    select string.Create(CultureInfo.InvariantCulture, $"n{i},{n},{n * 0.8},{d},{7 * n * d},{loss}");
        string[] rows = [.. lines];
        File.WriteAllLines(Path.Combine(sandbox.Work, "curves.csv"), ["run,N,N_no_embed,D,C,loss", .. rows]);
        File.WriteAllLines(Path.Combine(sandbox.Work, "points.csv"), ["N,D,loss", .. rows.Select(r => r.Split(',')).Select(c => $"{c[1]},{c[3]},{c[5]}")]);
    }

    public void Dispose() => sandbox.Dispose();

    [Theory]
    [InlineData("fit points.csv --approach envelope", 6, "Approach 1: needs three runs observed at two costs or more; 0 are", "--columns run=")]
    [InlineData("fit curves.csv --approach envelope --curve akima", 2, "--curve akima is of --approach isoflop", "minimum or hull")]
    [InlineData("fit curves.csv --approach isoflop --curve hull", 2, "--curve hull is of --approach envelope", "parabola or akima")]
    [InlineData("fit curves.csv --approach envelop", 2, "--approach 'envelop' is not known", "did you mean 'envelope'?")]
    [InlineData("fit curves.csv --approach envelope --bootstrap-kind case", 2, "--bootstrap-kind case is not for --approach envelope", "cluster")]
    [InlineData("fit curves.csv --approach envelope --law kaplan-nd", 2, "--approach envelope is for the chinchilla law", "leave out --approach")]
    [InlineData("fit points.csv --conventions", 6, "--conventions: the source allows one convention of N and C only", "params_non_embedding")]
    [InlineData("next curves.csv --quantity exponent", 2, "--quantity 'exponent' is not known", "did you mean 'exponentN'?")]
    [InlineData("next curves.csv --quantity loss", 2, "--quantity loss needs a budget", "loss@1e21")]
    [InlineData("next curves.csv --budget -1", 2, "--budget -1 is out of range", "above 0")]
    [InlineData("next curves.csv --budget 10", 6, "the cheapest run within the bounds costs", "raise --budget")]
    [InlineData("next curves.csv --runs 0", 2, "--runs 0 is out of range", "1 to 64")]
    [InlineData("next curves.csv --params 5", 2, "--params '5' is not a range", "--params 1e6..1e9")]
    [InlineData("next curves.csv --tokens 9..1", 2, "--tokens '9..1' is not a range", null)]
    [InlineData("next curves.csv --reach 0.5", 2, "--reach 0.5 is out of range", null)]
    [InlineData("next nowhere.csv", 2, "there is no file or folder 'nowhere.csv'", null)]
    public void What_cannot_be_done_is_refused_with_a_way_out(string arguments, int exitCode, string message, string? help)
    {
        Ended ended = sandbox.Run(arguments.Split(' '));
        Assert.True(ended.ExitCode == exitCode, ended.ToString());
        Assert.Contains(message, ended.Error);
        Assert.Contains(help ?? "", ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public void The_envelope_is_one_document_of_the_usual_schema_with_all_approaches()
    {
        Ended ended = sandbox.Run("fit", "curves.csv", "--approach", "envelope", "--bootstrap", "50", "--conventions", "--json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal("scalinglab.fit/1", d.GetProperty("schema").GetString());
        Assert.Equal("envelope", d.GetProperty("approach").GetString());
        double a = d.GetProperty("optimum").GetProperty("exponentN").GetDouble();
        Assert.Equal(0.37 / 0.72, a, 0.03);
        JsonElement[] approaches = [.. d.GetProperty("approaches").EnumerateArray()];
        Assert.Equal(5, approaches.Length);
        Assert.Equal(a, approaches.Single(r => r.GetProperty("curve").GetString() == "minimum").GetProperty("exponentN").GetDouble());
        Assert.Equal(5, d.GetProperty("conventions").GetArrayLength()); // Without embeddings: 6ND, the column; in all: 6ND, Kaplan's, the column.
    }

    [Fact]
    public void Next_runs_cost_no_more_than_the_budget_and_their_errors_agree()
    {
        Ended ended = sandbox.Run("next", "curves.csv", "--quantity", "N@1e22", "--budget", "1e20", "--json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement, chosen = d.GetProperty("chosen");
        Assert.Equal("scalinglab.next/1", d.GetProperty("schema").GetString());
        double[] costs = [.. d.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("flops").GetDouble())];
        Assert.InRange(costs.Length, 1, 4);
        Assert.InRange(costs.Sum(), 0, 1.000001e20);
        Assert.Equal(d.GetProperty("standardErrorNow").GetDouble() * chosen.GetProperty("shrinkage").GetDouble(), chosen.GetProperty("standardError").GetDouble(), 1e-9);
    }

    [Fact]
    public void Help_says_what_each_flag_is() => Assert.All(new[] { "next" }, command =>
    {
        Ended ended = sandbox.Run([.. command.Split(' '), "--help"]);
        Assert.Equal(0, ended.ExitCode);
        Approved.Equal($"Help.{command.Replace(' ', '-')}", ended.Output);
    });
}
