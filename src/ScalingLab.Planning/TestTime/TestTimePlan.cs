using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.TestTime;

/// <summary>Builds the parts of <c>plan testtime</c>.</summary>
public static class TestTimePlan
{
    private const int MostFitPoints = 40; // of k, spaced evenly in ln k, for exp(a k^b)

    /// <summary>Coverage as counted and by both laws, with intervals over resamples of the problems.</summary>
    /// <param name="problems">Counts, two problems or more.</param>
    /// <param name="answers">k of the rows.</param>
    /// <param name="resamples">Resamples of the problems.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="level">Of intervals.</param>
    /// <param name="warnings">Takes what a reader should know.</param>
    /// <returns>The document and the mixture that it holds.</returns>
    public static (CoverageDocument Document, BetaMixture Mixture) Cover(IReadOnlyList<SampleCount> problems, IReadOnlyList<double> answers, int resamples, long seed, double level, List<string> warnings)
    {
        if (problems.All(p => p.Correct == 0) || problems.All(p => p.Correct == p.Samples))
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0409", $"{(problems[0].Correct == 0 ? "no" : "every")} answer is correct: the counts hold no coverage law",
                Help: problems[0].Correct == 0 ? "count more answers a problem, or easier problems" : "count harder problems"));
        }
        int most = problems.Min(p => p.Samples);
        int[] fitted = [.. Enumerable.Range(0, MostFitPoints).Select(i => (int)Math.Round(Math.Exp(Math.Log(most) * i / (MostFitPoints - 1)))).Distinct()];
        var power = CoverageLaw.Fit([.. fitted.Select(k => ((double)k, Coverage.At(problems, k)!.Value))]);
        var beta = BetaMixture.Fit(problems);
        if (power is null)
            warnings.Add("no fit of exp(a k^b): fewer than three k have a coverage between 0 and 1 that rises");
        if (beta.AtBound)
            warnings.Add("the Beta mixture ran to its bounds: the problems are as alike, or as split, as the counts can show");
        if (answers.Any(k => k > most))
            warnings.Add(FormattableString.Invariant($"beyond k = {most} both laws extrapolate: the least-sampled problem has no more answers"));

        var drawn = new SampleCount[resamples][];
        for (int r = 0; r < resamples; r++)
        {
            var random = new RandomStream(seed, r);
            drawn[r] = [.. Enumerable.Range(0, problems.Count).Select(_ => problems[random.NextIndex(problems.Count)])];
        }
        var refits = new BetaMixture?[resamples];
        Parallel.For(0, resamples, r => refits[r] = drawn[r].All(p => p.Correct == 0) || drawn[r].All(p => p.Correct == p.Samples) ? null : BetaMixture.Fit(drawn[r]));
        CoverageRow[] rows = [.. answers.Select(k =>
        {
            double? counted = k == Math.Floor(k) && k <= most ? Coverage.At(problems, (int)k) : null;
            return new CoverageRow(k, counted, counted is null ? null : Ends(drawn.Select(d => Coverage.At(d, (int)k)!.Value)), power?.At(k), beta.At(k), Ends(refits.OfType<BetaMixture>().Select(b => b.At(k))));
        })];
        return (new(problems.Count, problems.Sum(p => (long)p.Samples),
            power is null ? null : new Dictionary<string, double> { ["a"] = power.A, ["b"] = power.B, ["rootMeanSquare"] = power.RootMeanSquare },
            Describe(beta), rows), beta);

        double[]? Ends(IEnumerable<double> values) => Interval.Percentile(values, level) is { } i ? [i.Low, i.High] : null;
    }

    /// <summary>Coverage of a mixture that is given.</summary>
    public static CoverageDocument Cover(BetaMixture mixture, IReadOnlyList<double> answers) =>
        new(0, 0, null, Describe(mixture), [.. answers.Select(k => new CoverageRow(k, null, null, null, mixture.At(k), null))]);

    /// <summary>Best of n over the problems of a mixture.</summary>
    public static BestOfNDocument BestOf(BetaMixture mixture, Verifier verifier, double verifierCost, IReadOnlyList<double> answers)
    {
        double ceiling = verifier == Verifier.Perfect ? 1 : mixture.Expect(verifier.Ceiling);
        return new(verifier.TruePositiveRate, verifier.FalsePositiveRate, verifierCost, ceiling, [.. answers.Select(n =>
        {
            double coverage = mixture.At(n), success = verifier == Verifier.Perfect ? coverage : mixture.Expect(p => verifier.Success(p, n)), cost = n * (1 + verifierCost);
            return new BestOfNRow(n, success, coverage, cost, cost / success);
        })]);
    }

    /// <summary>The exchange of training for test-time compute at several ratios.</summary>
    public static ExchangeDocument ExchangeFor(double larger, IReadOnlyList<double> ratios) => new(larger, [.. ratios.Select(r => new ExchangeRow(r, Exchange.InferenceMultiple(larger, r)))]);

    /// <summary>The joint optimum beside what leaves out one of its choices.</summary>
    /// <exception cref="UserErrorException">The budget pays for no answers.</exception>
    public static JointDocument Joint(TestTimeDemand demand, string law, double flops, List<string> warnings)
    {
        var best = JointOptimum.Of(demand, flops) ?? throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0143", "the budget does not pay for one answer to each problem, even of a model of 10,000 parameters", Help: "raise --flops, or lower --queries or --answer-tokens"));
        var rows = new List<JointRow> { new("N, D and k", best, best.Tokens / best.Parameters) };
        if (JointOptimum.Of(demand, flops, fixedAnswers: 1) is { } single)
            rows.Add(new("N and D, one answer", single, single.Tokens / single.Parameters));
        const double Chinchilla = 20; // tokens a parameter, the rule of thumb of Hoffmann et al. 2022
        if (JointOptimum.Of(demand, flops, tokensPerParameter: Chinchilla) is { } rule)
            rows.Add(new("20 tokens a parameter", rule, Chinchilla));
        if (best.Loss < demand.Pass.LowLoss || best.Loss > demand.Pass.HighLoss)
            warnings.Add(FormattableString.Invariant($"the loss of the optimum, {best.Loss:0.###}, lies outside the {demand.Pass.LowLoss:0.###} to {demand.Pass.HighLoss:0.###} that --pass1 was measured at: its pass rate is extrapolated"));
        return new(flops, law, demand.Queries, demand.TokensPerAnswer, demand.Concentration, rows);
    }

    private static Dictionary<string, double> Describe(BetaMixture b) => new() { ["a"] = b.A, ["b"] = b.B, ["mean"] = b.Mean };
}
