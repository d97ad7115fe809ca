using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Laws;
using ScalingLab.Planning;
using ScalingLab.Planning.TestTime;
using ScalingLab.Planning.Units;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan testtime</c>: what more answers are worth, with and without a verifier, and against more training.</summary>
internal static class PlanTestTimeCommand
{
    private const string Need = "--counts FILE.csv, --beta A,B, --larger M, or --flops C with --pass1 LOSS=RATE,LOSS=RATE";

    private static readonly Option<string?> Counts = new("--counts") { Description = "CSV of answers: samples and correct (or n and c), one row a problem." };
    private static readonly Option<string?> Beta = new("--beta") { Description = "Beta mixture in place of counts, as a,b." };
    private static readonly Option<string> K = new("--k") { Description = "Answers a problem, a list.", DefaultValueFactory = _ => "1,2,5,10,20,50,100,1000,10000" };
    private static readonly Option<double> TruePositives = new("--verifier-accepts-right") { Description = "Share of correct answers that the verifier accepts.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> FalsePositives = new("--verifier-accepts-wrong") { Description = "Share of wrong answers that it accepts.", DefaultValueFactory = _ => 0 };
    private static readonly Option<double> VerifierCost = new("--verifier-cost") { Description = "FLOPs of a check over those of an answer.", DefaultValueFactory = _ => 0 };
    private static readonly Option<double?> Larger = new("--larger") { Description = "Compare with a model so many times larger, trained on the same tokens." };
    private static readonly Option<string> Ratios = new("--inference-ratio") { Description = "Inference tokens over training tokens, a list.", DefaultValueFactory = _ => "0.16,0.79,22" };
    private static readonly Option<string?> Flops = new("--flops") { Description = "Budget of training and answering together: 1e24, 3640PF-day." };
    private static readonly Option<string> Law = new("--law") { Description = $"{string.Join(", ", PublishedLaw.All.Select(l => l.Name))}, or a file that fit --json wrote.", DefaultValueFactory = _ => "besiroglu2024" };
    private static readonly Option<string?> Pass1 = new("--pass1") { Description = "pass@1 measured at two losses: 2.3=0.05,2.0=0.25." };
    private static readonly Option<double> Concentration = new("--concentration") { Description = "a + b of the mixture over problems, without --counts or --beta.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> Queries = new("--queries") { Description = "Problems to answer over the model's life.", DefaultValueFactory = _ => 1e9 };
    private static readonly Option<double> AnswerTokens = new("--answer-tokens") { Description = "Tokens of one answer.", DefaultValueFactory = _ => 1000 };
    private static readonly Option<int> Resamples = new("--bootstrap") { Description = "Resamples of the problems.", DefaultValueFactory = _ => 200 };
    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> Level = new("--level") { Description = "Level of the intervals.", DefaultValueFactory = _ => 0.95 };
    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document (schema scalinglab.plan.testtime/1)." };

    public static Command Create()
    {
        var command = new Command("testtime", "Worth of more answers: coverage, best of n, exchange with training, joint optimum.")
        {
            Counts, Beta, K, TruePositives, FalsePositives, VerifierCost, Larger, Ratios, Flops, Law, Pass1, Concentration, Queries, AnswerTokens, Resamples, Seed, Level, Json,
        };
        command.SetAction(parse =>
        {
            var document = Document(parse);
            if (parse.GetValue(Json))
                System.Console.Out.WriteLine(document.ToJson());
            else
                PlanTestTimeText.Print(document, parse.GetValue(Level));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static TestTimeDocument Document(ParseResult parse)
    {
        var warnings = new List<string>();
        double[] answers = Numbers("--k", parse.GetValue(K)!, least: 1);
        var verifier = new Verifier(Share("--verifier-accepts-right", parse.GetValue(TruePositives)), Share("--verifier-accepts-wrong", parse.GetValue(FalsePositives)));
        double verifierCost = parse.GetValue(VerifierCost);
        if (!(verifierCost >= 0 && double.IsFinite(verifierCost)))
            throw FitRequest.Usage(FormattableString.Invariant($"--verifier-cost {verifierCost} is out of range"), "0 or more: FLOPs of a check over those of an answer");
        (CoverageDocument Document, BetaMixture Mixture)? coverage = null;
        if (parse.GetValue(Counts) is { } file)
        {
            if (parse.GetValue(Beta) is not null)
                throw FitRequest.Usage("--counts and --beta exclude each other", "the mixture is fitted to the counts");
            if (parse.GetValue(Resamples) is < 0 or > 100_000 || parse.GetValue(Level) is not (> 0 and < 1))
                throw FitRequest.Usage("--bootstrap or --level is out of range", "0 to 100000 resamples, a level above 0 and below 1");
            coverage = TestTimePlan.Cover(SampleTable.Read(file), answers, parse.GetValue(Resamples), parse.GetValue(Seed), parse.GetValue(Level), warnings);
        }
        else if (parse.GetValue(Beta) is { } beta)
        {
            var mixture = Numbers("--beta", beta, least: 0) is [> 0 and var a, > 0 and var b] ? new BetaMixture(a, b) : throw FitRequest.Usage($"--beta '{beta}' is not two numbers above 0", "write --beta 0.4,2.5");
            coverage = (TestTimePlan.Cover(mixture, answers), mixture);
        }
        double? larger = parse.GetValue(Larger);
        if (larger is not null and not (>= 1 and < double.PositiveInfinity))
            throw FitRequest.Usage(FormattableString.Invariant($"--larger {larger} is out of range"), "1 or more: parameters over parameters");
        var joint = parse.GetValue(Flops) is { } budget ? Joint(parse, budget, coverage?.Mixture, verifier, verifierCost, warnings)
            : parse.GetValue(Pass1) is null ? null : throw FitRequest.Usage("--pass1 needs a budget", "add --flops 1e24");
        if (coverage is null && larger is null && joint is null)
            throw FitRequest.Usage("nothing to plan", $"give {Need}");
        return new TestTimeDocument
        {
            Coverage = coverage?.Document,
            BestOfN = coverage is { } c ? TestTimePlan.BestOf(c.Mixture, verifier, verifierCost, answers) : null,
            Exchange = larger is { } m ? TestTimePlan.ExchangeFor(m, Ratio(parse.GetValue(Ratios)!)) : null,
            Joint = joint,
            Assumptions = [.. Assumptions(coverage is not null, larger is not null, joint is not null)],
            Warnings = warnings,
        };
    }

    private static JointDocument Joint(ParseResult parse, string budget, BetaMixture? mixture, Verifier verifier, double verifierCost, List<string> warnings)
    {
        double concentration = mixture is null ? parse.GetValue(Concentration) : mixture.A + mixture.B, queries = parse.GetValue(Queries), tokens = parse.GetValue(AnswerTokens);
        if (!(concentration > 0 && queries > 0 && tokens > 0 && double.IsFinite(concentration * queries * tokens)))
            throw FitRequest.Usage("--concentration, --queries and --answer-tokens must be above 0", null);
        string text = parse.GetValue(Pass1) ?? throw FitRequest.Usage("--flops needs pass rates", "add --pass1 2.3=0.05,2.0=0.25: pass@1 at two losses");
        var points = text.Split(',', StringSplitOptions.TrimEntries).Select(p => p.Split('=') is [var l, var r] && double.TryParse(l, NumberStyles.Float, CultureInfo.InvariantCulture, out double loss) && double.TryParse(r, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate)
            && loss > 0 && double.IsFinite(loss) && rate is > 0 and < 1 ? (loss, rate) : throw FitRequest.Usage($"--pass1 '{p}' is not LOSS=RATE", "a loss in nats per token and a rate above 0 and below 1: 2.3=0.05")).ToArray();
        if (points.Length != 2 || (points[0].loss < points[1].loss) != (points[0].rate > points[1].rate) || points[0].loss == points[1].loss)
            throw FitRequest.Usage($"--pass1 '{text}' is not two losses, the lower with the higher rate", "write --pass1 2.3=0.05,2.0=0.25");
        var law = LossLaw(parse.GetValue(Law)!);
        var demand = new TestTimeDemand(law, PassLink.Through(points[0], points[1]), concentration, verifier, verifierCost, queries, tokens);
        return TestTimePlan.Joint(demand, parse.GetValue(Law)!, QuantityText.Parse(budget, Dimension.Flops, "--flops"), warnings);
    }

    private static ChinchillaLaw LossLaw(string nameOrPath) => PlanningLaw.Load(nameOrPath).Surface?.Law
        ?? throw FitRequest.Usage($"'{nameOrPath}' has no loss over parameters and tokens", $"one that has: {string.Join(", ", PublishedLaw.All.Select(l => l.Name))}, or a fit --approach parametric");

    private static double[] Numbers(string flag, string list, double least) => [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= 1e12 ? value
            : throw FitRequest.Usage($"{flag} '{word}' is not a number from {least.ToString(CultureInfo.InvariantCulture)} to 1e12", "write a list such as 1,10,100"))];

    private static double[] Ratio(string list) => Numbers("--inference-ratio", list, least: 0) is var all && all.All(r => r > 0) ? all : throw FitRequest.Usage("--inference-ratio must be above 0", "tokens generated over tokens trained on, such as 0.16,0.79,22");

    private static double Share(string flag, double value) => value is >= 0 and <= 1 ? value : throw FitRequest.Usage(FormattableString.Invariant($"{flag} {value} is no share"), "a number from 0 to 1");

    private static IEnumerable<string> Assumptions(bool coverage, bool exchange, bool joint)
    {
        if (coverage)
        {
            yield return "pass@k counted: 1 - C(n-c,k)/C(n,k), Chen et al. 2021, arXiv:2107.03374, Eq. 1";
            yield return "laws: exp(a k^b), Brown et al. 2024, arXiv:2407.21787, Eq. 3; 1 - B(a,b+k)/B(a,b), Schaeffer et al. 2025, arXiv:2502.17578";
            yield return "best of n: one of the accepted answers at random, of all when none is accepted; answers independent, the verifier equally good on every problem";
        }
        if (exchange)
            yield return "exchange: M + 3(M-1)/R, Snell et al. 2024, arXiv:2408.03314, Sec. 7; it equates FLOPs, not results";
        if (joint)
            yield return "joint: 6ND + queries k tokens 2N (1 + verifier); ln(p/(1-p)) of pass@1 a line in the loss through --pass1; problems a Beta mixture of fixed a + b; after Roberts et al. 2026, arXiv:2604.01411";
    }
}

/// <summary>The same as tables.</summary>
internal static class PlanTestTimeText
{
    public static void Print(TestTimeDocument document, double level)
    {
        string interval = Text($"{level * 100:0.##} %");
        if (document.Coverage is { } coverage)
        {
            System.Console.Out.WriteLine(coverage.Problems > 0 ? Text($"Coverage of {coverage.Problems} problems, {coverage.Answers} answers") : "Coverage");
            if (coverage.Power is { } power)
                System.Console.Out.WriteLine(Text($"  exp(a k^b)     a {power["a"]:G4}, b {power["b"]:G4}, root mean square error {power["rootMeanSquare"]:G2}"));
            System.Console.Out.WriteLine(Text($"  Beta mixture   a {coverage.Beta["a"]:G4}, b {coverage.Beta["b"]:G4}, mean {coverage.Beta["mean"]:G4}"));
            var table = NumberTables.Table("k", "counted", interval, "exp(a k^b)", "Beta mixture", interval);
            foreach (var row in coverage.Rows)
                table.AddRow(NumberTables.Number(row.K), Share(row.Unbiased), Pair(row.UnbiasedInterval), Share(row.Power), Share(row.Beta), Pair(row.BetaInterval));
            Terminal.Out.Write(table);
        }
        if (document.BestOfN is { } best)
        {
            System.Console.Out.WriteLine(Text($"Best of n: the verifier accepts {best.TruePositiveRate * 100:0.##} % of right and {best.FalsePositiveRate * 100:0.##} % of wrong answers, a check costs {best.VerifierCost:0.###} of an answer; ceiling {best.Ceiling * 100:0.00} %"));
            var table = NumberTables.Table("n", "solved", "covered", "cost, answers", "cost a success");
            foreach (var row in best.Rows)
                table.AddRow(NumberTables.Number(row.N), Share(row.Success), Share(row.Coverage), NumberTables.Number(row.RelativeCost), NumberTables.Number(row.CostPerSuccess));
            Terminal.Out.Write(table);
        }
        if (document.Exchange is { } exchange)
        {
            var table = NumberTables.Table("inference over training tokens, R", Text($"inference compute that costs as much as a {exchange.M:0.###} times larger model"));
            foreach (var row in exchange.Rows)
                table.AddRow(NumberTables.Number(row.R), "x " + NumberTables.Number(row.Multiplier));
            Terminal.Out.Write(table);
        }
        if (document.Joint is { } joint)
        {
            var table = NumberTables.Table($"{NumberTables.Number(joint.Flops)} FLOPs, {joint.Law}, chosen:", "N", "D", "D/N", "k", "loss", "pass@1", "solved", "in training");
            foreach (var row in joint.Rows)
                table.AddRow(row.Name, NumberTables.Number(row.At.Parameters), NumberTables.Number(row.At.Tokens), NumberTables.Number(row.TokensPerParameter), NumberTables.Number(row.At.Answers), NumberTables.Number(row.At.Loss), Share(row.At.PassAt1), Share(row.At.Solved), Share(row.At.TrainingShare));
            Terminal.Out.Write(table);
        }
        foreach (string assumption in document.Assumptions)
            System.Console.Out.WriteLine($"assumed: {assumption}");
        foreach (string warning in document.Warnings)
            System.Console.Out.WriteLine($"warning: {warning}");
    }

    private static string Share(double? share) => share is { } s ? Text($"{s * 100:0.00} %") : "-";

    private static string Pair(double[]? ends) => ends is [var low, var high] ? Text($"{low * 100:0.00} .. {high * 100:0.00}") : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
