using System.Text.Json;

namespace ScalingLab.Cli.Tests.Commands;

/// <summary>fit, backtest, reproduce and plan optimum as a user calls them: exit codes, the fields that others rely on, and what is said of bad input.</summary>
[Collection(InProcess.Name)]
public sealed class LawCommandTests : IDisposable
{
    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Fit_has_every_agreed_field_and_nothing_else_on_standard_output()
    {
        var ended = InProcess.Run("fit", folder.Runs, "--bootstrap", "50", "--json");
        Assert.Equal(0, ended.ExitCode);
        var fit = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal("scalinglab.fit/1", fit.GetProperty("schema").GetString());
        Assert.Equal("chinchilla", fit.GetProperty("law").GetString());
        Assert.Equal(36, fit.GetProperty("observations").GetInt32());
        Has(fit, "approach", "objective", "parameters", "standardErrors", "intervals", "bootstrap", "solver", "optimum", "optima", "warnings", "seconds");
        Has(fit.GetProperty("objective"), "name", "delta", "reduction", "value");
        foreach (string part in new[] { "parameters", "standardErrors", "intervals" })
            Has(fit.GetProperty(part), "A", "B", "E", "alpha", "beta");
        Has(fit.GetProperty("bootstrap"), "kind", "resamples", "seed", "seconds");
        Has(fit.GetProperty("solver"), "reason", "starts", "startsAgreeing", "gradientNorm", "condition", "basins");
        Has(fit.GetProperty("optimum"), "exponentN", "exponentD", "exponentNInterval");
        Has(fit.GetProperty("optima")[0], "flops", "params", "tokens", "loss");
        Assert.Equal("sum", fit.GetProperty("objective").GetProperty("reduction").GetString());
        Assert.Equal(JsonValueKind.Null, fit.GetProperty("profile").ValueKind);
        AssertFinite(fit);
    }

    [Fact]
    public void Fit_answers_at_points_with_profiles_and_prediction_intervals()
    {
        var ended = InProcess.Run("fit", folder.Runs, "--bootstrap", "50", "--intervals", "both", "--at", "flops=2e23", "--at", "params=1e8,tokens=5e9", "--level", "0.9", "--json");
        Assert.Equal(0, ended.ExitCode);
        var fit = JsonDocument.Parse(ended.Output).RootElement;
        var (optimum, run) = (fit.GetProperty("at")[0], fit.GetProperty("at")[1]);
        Assert.True(optimum.GetProperty("optimal").GetBoolean());
        Assert.Equal(2e23, optimum.GetProperty("flops").GetDouble());
        Has(optimum.GetProperty("profile"), "params", "tokens", "tokensPerParam", "loss");
        foreach (string name in new[] { "lossInterval", "predictionInterval", "paramsInterval", "tokensInterval", "tokensPerParamInterval" })
            Assert.True(optimum.GetProperty(name)[0].GetDouble() < optimum.GetProperty(name)[1].GetDouble(), name);
        Assert.Equal(1e8, run.GetProperty("params").GetDouble());
        Assert.True(run.GetProperty("predictionInterval")[0].GetDouble() < run.GetProperty("lossInterval")[0].GetDouble());
        Has(fit.GetProperty("profile"), "A", "B", "E", "alpha", "beta", "exponentN", "exponentD");
        Has(fit.GetProperty("profile").GetProperty("alpha"), "estimate", "interval", "lowReason", "highReason", "criticalDeviance", "dispersion", "points");
        Assert.Contains(fit.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.StartsWith("at 2e23 FLOPs C is", StringComparison.Ordinal));
        AssertFinite(fit);
    }

    [Fact]
    public void Profiles_alone_draw_no_resamples()
    {
        var fit = JsonDocument.Parse(InProcess.Run("fit", folder.Runs, "--intervals", "profile", "--json").Output).RootElement;
        Assert.Equal(0, fit.GetProperty("bootstrap").GetProperty("resamples").GetInt32());
        Assert.Equal("none", fit.GetProperty("bootstrap").GetProperty("kind").GetString());
        Assert.Equal(2, fit.GetProperty("profile").GetProperty("exponentN").GetProperty("interval").GetArrayLength());
    }

    [Fact]
    public void Backtest_and_plan_have_their_fields()
    {
        var backtest = InProcess.Run("backtest", folder.Runs, "--laws", "chinchilla", "--json");
        Assert.Equal(0, backtest.ExitCode);
        Assert.Equal("scalinglab.backtest/1", JsonDocument.Parse(backtest.Output).RootElement.GetProperty("schema").GetString());
        string fitted = folder.Write("fit.json", InProcess.Run("fit", folder.Runs, "--bootstrap", "30", "--json").Output);
        foreach (string law in new[] { fitted, "besiroglu2024" })
        {
            var plan = InProcess.Run("plan", "optimum", "--law", law, "--flops", "1e21", "--json");
            Assert.Equal(0, plan.ExitCode);
            Has(JsonDocument.Parse(plan.Output).RootElement, "params", "tokens", "tokensPerParam", "loss", "bands");
        }
    }

    [Theory]
    [InlineData("fit {csv} --law chincilla", 2, "--law 'chincilla' is not known", "did you mean 'chinchilla'?")]
    [InlineData("fit {csv} --where D<1", 2, "leaves none of 36 rows", "loosen a condition")]
    [InlineData("fit {csv} --where params>1,DD=3", 2, "--where names no column: 'DD'", "did you mean 'D'?")]
    [InlineData("fit {csv} --columns params=M", 2, "has no column 'M'", "did you mean 'N'?")]
    [InlineData("fit {csv} --objective log-hubber", 2, "objective 'log-hubber' is not available", "log-huber:DELTA")]
    [InlineData("fit {csv} --intervals profil", 2, "--intervals 'profil' is not known", "did you mean 'profile'?")]
    [InlineData("fit {csv} --deviance x", 2, "--deviance 'x' is not known", "robust, likelihood")]
    [InlineData("fit {csv} --at flop=1e20", 2, "--at 'flop' is not known", "did you mean 'flops'?")]
    [InlineData("fit {csv} --at flops=-1", 2, "not NAME=NUMBER with a number above 0", "--at flops=1e21")]
    [InlineData("fit {csv} --at flops=1e20,flops=1e21", 2, "--at names flops twice", "--at flops=1e21")]
    [InlineData("fit {csv} --at params=1e9", 2, "neither a budget nor a model with its tokens", "params=7e9,tokens=1e12")]
    [InlineData("fit {csv} --law kaplan-nd --at flops=1e20", 2, "--at lacks params=, which kaplan-nd reads", "(N, D)")]
    [InlineData("fit {csv} --approach isoflop --intervals profile", 2, "--intervals profile needs a likelihood", "leave out --approach")]
    [InlineData("fit {csv} --level 95", 2, "--level 95 is out of range", "such as 0.95")]
    [InlineData("fit {csv} --fix gamma=1", 2, "the Chinchilla law has no such parameter", "its parameters are A, B, E, alpha, beta")]
    [InlineData("fit {root}", 2, "there are no runs in", "scalinglab sweep")]
    [InlineData("fit {root}/nowhere.csv", 2, "there is no file or folder", "give a CSV file or a folder of runs")]
    [InlineData("backtest {csv} --laws chincilla", 2, "--laws 'chincilla' is not known", "did you mean 'chinchilla'?")]
    [InlineData("backtest {csv} --cuts 1e19,x", 2, "'x' is not a number of FLOPs", "--cuts 1e19,1e20")]
    [InlineData("reproduce {root}", 2, "there is no data set in", "expected.json")]
    [InlineData("plan optimum --law besirogl2024 --flops 1e20", 2, "'besirogl2024' is neither a published law nor a file", "besiroglu2024")]
    [InlineData("plan optimum --law besiroglu2024 --flops much", 2, "'much' is not a number of FLOPs", "5.76e23")]
    public void A_wrong_flag_is_refused_in_one_line_with_a_way_out(string line, int exit, string message, string help)
    {
        var ended = InProcess.Run(line.Replace("{csv}", folder.Runs).Replace("{root}", folder.Root).Split(' '));
        Refused(ended, exit, message, help);
    }

    [Theory]
    [InlineData("", "the file is empty", "it needs a header line")]
    [InlineData("N,D,loss\n", "the file has a header and no rows", "")]
    [InlineData("parms,D,loss\n1e7,1e9,3\n", "no column params_total", "column 'parms' was not read; if it holds params_total, give --columns params_total=parms")]
    [InlineData("N,D,los\n1e7,1e9,3\n", "no column 'loss'", "is it 'los'? then give --columns loss=los")]
    [InlineData("N,D,loss\n1e7,1e9,NaN\n", "loss is NaN; it must be finite", "runs.csv:2")]
    [InlineData("N,D,loss\n1e7,1e9,-3\n", "loss is -3; it must be above 0", "runs.csv:2")]
    [InlineData("N,D,loss\n1e7,1e9,3\n2e7,1e9,2.9\n1e7,2e9,2.8\n", "3 observations at 3 distinct (N, D) cannot determine 5 free parameters", "at least 5 distinct (N, D)")]
    [InlineData("N;D;loss\n1e7;1e9;3,1\n", "loss is '3,1', not a number", "write decimals with a point")]
    public void A_table_that_cannot_be_fitted_is_told_with_its_place(string table, string message, string help)
    {
        File.WriteAllText(folder.Runs, table);
        foreach (string command in new[] { "fit", "backtest" })
        {
            var ended = InProcess.Run(command, folder.Runs, "--json");
            if (command == "fit" || !message.Contains("3 observations", StringComparison.Ordinal)) // A backtest asks for more than that.
                Refused(ended, 6, message, help);
        }
    }

    [Fact]
    public void Three_rows_are_too_few_for_a_backtest()
    {
        File.WriteAllText(folder.Runs, TableFolder.Header + string.Concat(TableFolder.Rows.Take(3)));
        Refused(InProcess.Run("backtest", folder.Runs), 6, "a backtest needs 10 distinct (N, D)", "add cheaper runs");
    }

    private static void Refused(Ended ended, int exit, string message, string help)
    {
        Assert.True(ended.ExitCode == exit, ended.ToString());
        Assert.Contains("error[SL", ended.Error);
        Assert.Contains(message, ended.Error);
        Assert.Contains(help, ended.Error);
        Assert.DoesNotContain("   at ", ended.Error); // No stack trace.
        Assert.Empty(ended.Output);
    }

    private static void Has(JsonElement element, params string[] names) => Assert.All(names, n => Assert.True(element.TryGetProperty(n, out _), n));

    // JSON has no NaN: a writer that meets one writes a word, which the parser would have refused, or a string.
    private static void AssertFinite(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number)
            Assert.True(double.IsFinite(element.GetDouble()));
        else if (element.ValueKind == JsonValueKind.Object)
            Assert.All(element.EnumerateObject(), p => AssertFinite(p.Value));
        else if (element.ValueKind == JsonValueKind.Array)
            Assert.All(element.EnumerateArray(), AssertFinite);
        else if (element.ValueKind == JsonValueKind.String)
            Assert.DoesNotContain("NaN", element.GetString()!);
    }
}
