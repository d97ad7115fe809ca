using System.Globalization;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>The runs that a sweep makes, in order, and what was left out of them.</summary>
/// <param name="Runs">Grid points × shapes × seeds × token counts, each config once.</param>
/// <param name="Warnings">Shapes that the bounds on tokens per parameter left without a run.</param>
public sealed record SweepPlan(IReadOnlyList<PlannedRun> Runs, IReadOnlyList<string> Warnings)
{
    /// <summary>Plans a sweep whose corpus has a known vocabulary.</summary>
    /// <param name="sweep">A config without problems.</param>
    /// <param name="vocabulary">Tokens that the corpus's tokenizer knows.</param>
    /// <remarks>
    /// 1. A budget C gives a shape C / (FLOPs per token) tokens, by the exact count of matrix products.
    /// 2. Pairs outside the bounds on tokens per parameter go; tokens are not yet rounded there.
    /// 3. Under a constant schedule the longest count is trained, and all of them are evaluated on the way (a trunk);
    ///    under any other, each count is a run of its own.
    /// 4. The batch comes from its rule at the run's tokens and is written into the config as a fixed one, so that
    ///    the rounding of tokens to whole steps cannot change it. The learning rate keeps its rule: its value, unlike
    ///    a whole number of sequences, may differ in the last bit between machines, and run ids must not.
    /// 5. Tokens become the nearest whole number of steps, at least one.
    /// </remarks>
    public static SweepPlan Of(SweepConfig sweep, int vocabulary)
    {
        var runs = new Dictionary<string, PlannedRun>();
        var warnings = new List<string>();
        foreach (SweepConfig point in SweepGrid.Points(sweep))
            foreach (ModelShape shape in ShapesOf(point))
            {
                double[] counts = [.. TokenCounts(point, shape, vocabulary)];
                if (counts.Length == 0)
                    warnings.Add($"{shape.SizeName} has no run: {Bounds(point.Sweep)} leaves out all its token counts");
                foreach (int seed in point.Sweep.Seeds)
                    foreach (PlannedRun run in RunsOf(point, shape, seed, counts, vocabulary))
                        runs.TryAdd(CanonicalJson.Sha256(run.Config), run);
            }
        return new SweepPlan([.. runs.Values], [.. warnings.Distinct()]);
    }

    /// <summary>Training FLOPs of all runs.</summary>
    public double Flops => Runs.Sum(r => r.Flops);

    /// <summary>Training tokens of all runs.</summary>
    public long Tokens => Runs.Sum(r => r.Tokens);

    private static IEnumerable<ModelShape> ShapesOf(SweepConfig point) =>
        point.Sweep.Shapes.Count == 0 ? [point.Model] : point.Sweep.Shapes.Select(s => s.Resolve(point.Model)).Distinct();

    /// <summary>Steps 1 and 2.</summary>
    private static IEnumerable<double> TokenCounts(SweepConfig point, ModelShape shape, int vocabulary)
    {
        double flopsPerToken = FlopCounts.MatrixProducts(shape, vocabulary);
        double parameters = ParameterCounts.Of(shape, vocabulary).Total;
        IEnumerable<double> wanted = [.. point.Sweep.Flops.Select(c => c / flopsPerToken), .. point.Sweep.Tokens.Select(t => (double)t)];
        return wanted.DefaultIfEmpty(point.Training.Tokens)
            .Where(t => !(t / parameters < point.Sweep.MinTokensPerParameter) && !(t / parameters > point.Sweep.MaxTokensPerParameter));
    }

    /// <summary>Step 3.</summary>
    private static IEnumerable<PlannedRun> RunsOf(SweepConfig point, ModelShape shape, int seed, double[] counts, int vocabulary)
    {
        if (counts.Length == 0)
            return [];
        return point.Training.Schedule.Kind == ScheduleKind.Constant
            ? [Run(point, shape, seed, counts.Max(), counts, vocabulary)]
            : counts.Select(tokens => Run(point, shape, seed, tokens, [], vocabulary));
    }

    /// <summary>Steps 4 and 5.</summary>
    private static PlannedRun Run(SweepConfig point, ModelShape shape, int seed, double tokens, double[] evaluated, int vocabulary)
    {
        long batch = HyperParameters.BatchTokens(point.Training, ParameterCounts.Of(shape, vocabulary), shape.ContextTokens, (long)Math.Round(tokens));
        long trained = WholeSteps(tokens, batch);
        var config = new RunConfig
        {
            Corpus = point.Corpus,
            Model = shape,
            Training = point.Training with { Tokens = trained, BatchRule = HyperParameterRule.Fixed, BatchTokens = batch, Seed = seed },
            Evaluation = point.Evaluation with
            {
                AtTokens = [.. point.Evaluation.AtTokens.Select(t => (double)t).Concat(evaluated).Select(t => WholeSteps(t, batch)).Where(t => t <= trained).Distinct().Order()],
            },
        };
        return new PlannedRun(CanonicalJson.RunId(config), config, vocabulary);
    }

    private static long WholeSteps(double tokens, long batch) => Math.Max(1, (long)Math.Round(tokens / batch)) * batch;

    private static string Bounds(SweepAxes axes) => (axes.MinTokensPerParameter, axes.MaxTokensPerParameter) switch
    {
        ({ } low, { } high) => string.Create(CultureInfo.InvariantCulture, $"the bound of {low} to {high} tokens per parameter"),
        ({ } low, null) => string.Create(CultureInfo.InvariantCulture, $"the bound of at least {low} tokens per parameter"),
        (_, var high) => string.Create(CultureInfo.InvariantCulture, $"the bound of at most {high} tokens per parameter"),
    };
}
