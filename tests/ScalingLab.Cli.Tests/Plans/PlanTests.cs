using System.Text.Json;

namespace ScalingLab.Cli.Tests.Plans;

[Collection(Processes.Name)]
public sealed class PlanTests : IDisposable
{
    private const string Bare = "--accelerator H100 --count 4096 --utilization 0.4 --usd-per-hour 4.50 --usd-per-kwh 0.10 --server-factor 1 --power-fraction 1 --pue 1 --kg-per-kwh 0.4";

    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [Fact]
    public void Train_prints_the_fields_that_others_rely_on()
    {
        JsonElement d = Document($"plan train --params 70B --tokens 1.4T {Bare} --json", "scalinglab.plan.train/1");
        Assert.Equal(5.88e23, d.GetProperty("flops").GetDouble(), tolerance: 1e10);
        Assert.Equal(4.1999813, d.GetProperty("days").GetDouble(), 5e-8);
        Assert.Equal(412_874.96, d.GetProperty("acceleratorHours").GetDouble(), tolerance: 0.5); // 4.1999813 · 24 · 4096, to its digits
        Assert.Equal(1.858e6, d.GetProperty("rentalUsd").GetDouble(), tolerance: 500);
        Assert.Equal(0.029e6, d.GetProperty("electricityUsd").GetDouble(), tolerance: 500);
        Assert.Equal(289.01247, d.GetProperty("energyMwh").GetDouble(), 5e-6);
        Assert.Equal(115.6, d.GetProperty("carbonTonnes").GetDouble(), 0.05);
    }

    [Fact]
    public void Optimum_prints_the_fields_that_others_rely_on()
    {
        JsonElement d = Document("plan optimum --law hoffmann2022-rounded --flops 5.76e23 --json", "scalinglab.plan.optimum/1");
        Assert.Equal(93, d.GetProperty("tokensPerParam").GetDouble(), tolerance: 0.5);
        Assert.Equal(d.GetProperty("tokens").GetDouble() / d.GetProperty("params").GetDouble(), d.GetProperty("tokensPerParam").GetDouble(), 1e-9);
        Assert.True(d.GetProperty("loss").GetDouble() is > 1.69 and < 2.2);
        Assert.Equal(JsonValueKind.Null, d.GetProperty("bands").ValueKind);
    }

    [Fact]
    public void Serving_and_limited_data_switch_the_constraint()
    {
        JsonElement served = Document("plan optimum --law sardana2024 --quality-of 13B --inference-tokens 2T --json", "scalinglab.plan.optimum/1");
        Assert.Equal(6.97e9, served.GetProperty("params").GetDouble(), tolerance: 5e6);
        Assert.Equal(0.174, served.GetProperty("serving").GetProperty("savedShare").GetDouble(), 5e-4);
        JsonElement limited = Document("plan optimum --law muennighoff2023 --params 6.34e9 --tokens 242e9 --unique-tokens 25e9 --json", "scalinglab.plan.optimum/1");
        Assert.Equal(2.2256440889984477, limited.GetProperty("loss").GetDouble(), 1e-14);
    }

    [Fact]
    public void Serving_a_dense_model_is_priced_naively_and_by_roofline()
    {
        JsonElement d = Document("plan infer --params 1.8T --tokens-per-day 100e9 --accelerator A100 --utilization 0.60 --usd-per-hour 2.50 --json", "scalinglab.plan.infer/1");
        Assert.Equal(22258, d.GetProperty("naive").GetProperty("accelerators").GetInt64());
        Assert.True(d.GetProperty("cost").GetProperty("accelerators").GetInt64() > 22258);
    }

    [Theory]
    [InlineData("plan optimum", "there is no budget", "give one of --flops 5.76e23, ")]
    [InlineData("plan optimum --flops 1e24 --usd 5M", "there are two budgets: --flops and --usd", "give one of ")]
    [InlineData("plan optimum --flops 300MWh", "'300MWh' is an energy, and a number of FLOPs is wanted", "--energy takes an energy")]
    [InlineData("plan optimum --flops 1e24 --lifetime", "--lifetime is about serving", "give --inference-tokens 2T")]
    [InlineData("plan optimum --law besiroglu --flops 1e24", "'besiroglu' is neither a published law nor a file", "did you mean 'besiroglu2024'?")]
    [InlineData("plan optimum --flops 1e24 --memory 10B", "the memory holds less than one parameter", "give more memory")]
    [InlineData("plan train --params 70GB --tokens 1T --accelerator h100 --count 8", "'70GB' is an amount of memory, and a number of parameters is wanted", "write it as 70B or 7e10")]
    [InlineData("plan train --params 70B --tokens 1T --accelerator h10 --count 8", "unknown accelerator 'h10'", "did you mean 'h100'?")]
    [InlineData("plan train --params 70B --tokens 1T --accelerator h100", "neither --count nor --days is given", "the other follows")]
    [InlineData("plan train --params 70B --tokens 1T --accelerator h100 --count 0", "'0' is too small", "write it as 4096 or 16k")]
    [InlineData("plan train --params -7B --tokens 1T --accelerator h100 --count 8", "'-7B' is too small", "write it as 70B or 7e10")]
    [InlineData("plan train --params 1e400 --tokens 1T --accelerator h100 --count 8", "'1e400' is too large", "write it as 70B or 7e10")]
    [InlineData("plan memory --params 70B --accelerator h100 --count 4", "do not fit: at best ", "the smallest layout that fits has ")]
    [InlineData("plan infer --model llama-3-70b --accelerator h100 --batch 9999 --accelerators-per-copy 4", "--batch 9999: beside the weights", "or less")]
    [InlineData("plan trian", "unknown command 'trian'", "did you mean 'train'?")]
    public void What_cannot_be_planned_is_refused_with_the_nearest_that_can(string arguments, string message, string help)
    {
        Ended ended = sandbox.Run(arguments.Split(' '));
        Assert.True(ended.ExitCode == 2, ended.ToString());
        Assert.Contains(message, ended.Error.Split('\n')[0]);
        Assert.Contains(help, ended.Error);
        Assert.Empty(ended.Output);
    }

    [Theory, InlineData("plan-optimum", "plan optimum --law hoffmann2022 --quality-of 13B --inference-tokens 2T --trade-off --all-laws"), InlineData("plan-train", "plan train --model llama-3-8b --tokens 15T --accelerator h100 --count 512"),
        InlineData("plan-memory", "plan memory --model llama-3-70b --accelerator h100"), InlineData("plan-infer", "plan infer --model mixtral-8x7b --accelerator h100 --tokens-per-day 1B")]
    public void Each_plan_reads_as_approved(string name, string arguments)
    {
        Ended ended = sandbox.Run(arguments.Split(' '));
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Approved.Equal(name, string.Join('\n', ended.Output.Split('\n').Select(l => l.TrimEnd())));
    }

    [Fact]
    public void The_trade_off_is_drawn_where_it_is_asked_for()
    {
        Ended ended = sandbox.Run("plan", "optimum", "--flops", "1e21", "--figure", "trade-off.svg", "--json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.StartsWith("<svg ", File.ReadAllText(Path.Combine(sandbox.Work, "trade-off.svg")));
        JsonDocument.Parse(ended.Output);
        File.WriteAllText(Path.Combine(sandbox.Work, "plan.json"), ended.Output);
        Ended drawn = sandbox.Run("plot", "plan.json", "-o", "figures");
        Assert.True(drawn.ExitCode == 0, drawn.ToString());
        Assert.True(File.Exists(Path.Combine(sandbox.Work, "figures", "over-training.svg")), drawn.ToString());
    }

    private JsonElement Document(string arguments, string schema)
    {
        sandbox.Environment["LANG"] = "de_DE.UTF-8";
        Ended ended = sandbox.Run(arguments.Split(' '));
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal(schema, d.GetProperty("schema").GetString());
        return d;
    }
}
