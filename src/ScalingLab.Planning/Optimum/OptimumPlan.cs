using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.Optimum;

/// <summary>Intervals of a plan over the law's resamples.</summary>
/// <param name="Level">Share of resamples between the ends.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="TokensPerParam">D/N.</param>
/// <param name="Loss">Loss; null when the law predicts none.</param>
/// <param name="Resamples">Resamples that they rest on.</param>
public sealed record OptimumBands(double Level, double[] Params, double[] Tokens, double[] TokensPerParam, double[]? Loss, int Resamples);

/// <summary>What serving changes: the same loss trained with and without it in mind.</summary>
/// <param name="ServedTokens">T.</param>
/// <param name="ServingWeight">Price of a serving FLOP over that of a training FLOP.</param>
/// <param name="TrainingFlops">k·N·D of the plan.</param>
/// <param name="ServingFlops">k/3·N·T of the plan, unweighted.</param>
/// <param name="LifetimeFlops">Both, serving weighted.</param>
/// <param name="BaselineParams">N of the same loss at least training cost.</param>
/// <param name="BaselineTokens">D of it.</param>
/// <param name="BaselineLifetimeFlops">Its lifetime cost.</param>
/// <param name="SavedFlops">What the plan saves against it.</param>
/// <param name="SavedShare">The same over the baseline's cost.</param>
public sealed record ServingSaving(double ServedTokens, double ServingWeight, double TrainingFlops, double ServingFlops, double LifetimeFlops,
    double BaselineParams, double BaselineTokens, double BaselineLifetimeFlops, double SavedFlops, double SavedShare);

/// <summary>What a published law says to the same budget.</summary>
/// <param name="Law">Name.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="TokensPerParam">D/N.</param>
/// <param name="Loss">Loss by that law, nats a token: comparable only between laws fitted to the same data.</param>
/// <param name="Source">Citation.</param>
/// <param name="Extrapolation">Factor by which N or D, whichever is farther, lies outside the runs of the law; 1 inside them, null when they are unknown.</param>
public sealed record OptimumVariant(string Law, double Params, double Tokens, double TokensPerParam, double? Loss, string Source, double? Extrapolation);

/// <summary>What <c>plan optimum --json</c> prints: how to spend a budget.</summary>
public sealed record OptimumPlan
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.optimum/1";

    /// <summary>Name of the law or path of the fit.</summary>
    public required string Law { get; init; }

    /// <summary>Where its constants come from.</summary>
    public required string Source { get; init; }

    /// <summary>training, inference-aware or lifetime; then data-limited and memory-limited.</summary>
    public required string Mode { get; init; }

    /// <summary>C of the budget.</summary>
    public required double Flops { get; init; }

    /// <summary>N.</summary>
    public required double Params { get; init; }

    /// <summary>D.</summary>
    public required double Tokens { get; init; }

    /// <summary>D/N.</summary>
    public required double TokensPerParam { get; init; }

    /// <summary>Predicted loss, nats per token; null when the law predicts none.</summary>
    public required double? Loss { get; init; }

    /// <summary>Bands; null for a law without resamples.</summary>
    public required OptimumBands? Bands { get; init; }

    /// <summary>Distinct tokens there are; null for no limit.</summary>
    public double? UniqueTokens { get; init; }

    /// <summary>Times that they are read; null without a limit.</summary>
    public double? Epochs { get; init; }

    /// <summary>Largest N that memory allows; null for no limit.</summary>
    public double? MostParams { get; init; }

    /// <summary>The optimum of the same FLOPs, where N or D was held; null otherwise.</summary>
    public OptimumVariant? Best { get; init; }

    /// <summary>What serving changes; null when none was asked about.</summary>
    public ServingSaving? Serving { get; init; }

    /// <summary>The published laws side by side; null when not asked for.</summary>
    public IReadOnlyList<OptimumVariant>? Variants { get; init; }

    /// <summary>Price of training on more or fewer tokens a parameter; null for a law without a surface.</summary>
    public IReadOnlyList<OverTrainingRow>? OverTraining { get; init; }

    /// <summary>FLOPs of a budget in money, hours or energy, over the spread of utilisation and rent; null for one in FLOPs, or where both were given.</summary>
    public double[]? FlopsBand { get; init; }

    /// <summary>What was taken for granted, and from where.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.OptimumPlan);

    /// <summary>The plan for a training budget.</summary>
    public static OptimumPlan For(PlanningLaw law, Flops budget) => For(law, new OptimumTask { Budget = budget.Count });

    /// <summary>The plan for a task.</summary>
    /// <exception cref="UserErrorException">The law gives no loss surface where one is needed, or the budget buys nothing.</exception>
    public static OptimumPlan For(PlanningLaw law, OptimumTask task)
    {
        if (law.Surface is not { } surface)
            return ByPowerLaws(law, task);
        double k = law.FlopsPerParameterToken;
        surface = surface with { UniqueTokens = task.UniqueTokens };
        if (task.Best(surface, k) is not { } best)
            throw Nothing(task, k);
        double loss = surface.Loss(best.Parameters, best.Tokens);
        var resampled = law.ResampledSurfaces.Select(s => s with { UniqueTokens = task.UniqueTokens }).Select(s => (Surface: s, At: task.Best(s, k)))
            .Where(r => r.At is { } at && double.IsFinite(at.Parameters) && double.IsFinite(at.Tokens))
            .Select(r => (At: r.At!.Value, Loss: (double?)r.Surface.Loss(r.At.Value.Parameters, r.At.Value.Tokens))).ToArray();
        var trained = task.Held ? AllocationSearch.LeastLoss(surface, new(k), task.Budget) ?? best : task.ServedTokens > 0 ? task.Baseline(surface, k, best) : best;
        return Plan(law, task, best, loss, resampled) with
        {
            Best = task.Held ? new(law.Name, trained.Parameters, trained.Tokens, trained.TokensPerParameter, surface.Loss(trained.Parameters, trained.Tokens), law.Source, law.Range?.Factor(trained)) : null,
            Serving = task.ServedTokens > 0 && !task.Held ? Saving(task, k, best, trained) : null,
            OverTraining = Optimum.OverTraining.Around(surface, trained, k, Optimum.OverTraining.Multiples),
            Assumptions = [.. Taken(law, task)],
        };
    }

    /// <summary>Every published law on the same task; those without a surface only where a training budget is all there is.</summary>
    public static IReadOnlyList<OptimumVariant> PublishedVariants(OptimumTask task) =>
        [.. PlanningLaw.AllPublished.Where(l => l.Surface is not null || task.Plain).Select(l => (Law: l, Plan: For(l, task)))
            .Select(p => new OptimumVariant(p.Plan.Law, p.Plan.Params, p.Plan.Tokens, p.Plan.TokensPerParam, p.Plan.Loss, p.Plan.Source, p.Law.Range?.Factor(new(p.Plan.Params, p.Plan.Tokens))))];

    private static OptimumPlan ByPowerLaws(PlanningLaw law, OptimumTask task)
    {
        if (!task.Plain)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0136", $"{law.Name} gives the optimum of a training budget and no loss surface: it cannot plan for {task.Mode}",
                Help: "use a law of losses such as besiroglu2024, or fit one with scalinglab fit --approach parametric"));
        }
        var (at, loss) = law.Power!(new Flops(task.Budget));
        return Plan(law, task, at, loss, [.. law.ResampledPowers.Select(p => p(new Flops(task.Budget))).Where(r => double.IsFinite(r.At.Parameters) && double.IsFinite(r.At.Tokens))]);
    }

    private static OptimumPlan Plan(PlanningLaw law, OptimumTask task, Allocation at, double? loss, (Allocation At, double? Loss)[] resampled)
    {
        double[]? Ends(Func<(Allocation At, double? Loss), double> quantity) => Interval.Percentile(resampled.Select(quantity), law.Level) is { } i ? [i.Low, i.High] : null;
        return new()
        {
            Law = law.Name,
            Source = law.Source,
            Mode = task.Mode,
            Flops = task.Budget,
            Params = at.Parameters,
            Tokens = at.Tokens,
            TokensPerParam = at.TokensPerParameter,
            Loss = loss,
            Bands = resampled.Length < 2 ? null
                : new(law.Level, Ends(r => r.At.Parameters)!, Ends(r => r.At.Tokens)!, Ends(r => r.At.TokensPerParameter)!, Ends(r => r.Loss ?? double.NaN), resampled.Length),
            UniqueTokens = task.UniqueTokens,
            Epochs = at.Tokens / task.UniqueTokens,
            MostParams = task.MostParameters,
            Warnings = [.. law.Range?.Beyond(at) ?? ["the file does not say which runs its law was fitted to: whether this extrapolates is unknown"],
                .. resampled.Length < 2 ? ["this law carries no resamples: no bands"] : Array.Empty<string>()],
        };
    }

    private static ServingSaving Saving(OptimumTask task, double k, Allocation best, Allocation baseline)
    {
        var spending = task.Spending(k);
        double lifetime = spending.Lifetime(best), before = spending.Lifetime(baseline);
        return new(task.ServedTokens, task.ServingWeight, spending.Training(best), spending.Serving(best), lifetime, baseline.Parameters, baseline.Tokens, before, before - lifetime, (before - lifetime) / before);
    }

    private static IEnumerable<string> Taken(PlanningLaw law, OptimumTask task)
    {
        yield return FormattableString.Invariant($"training costs {law.FlopsPerParameterToken:0.###} N D FLOPs (Hoffmann et al. 2022, arXiv:2203.15556, Eq. 4)");
        if (task.ServedTokens > 0)
        {
            yield return FormattableString.Invariant($"serving costs {law.FlopsPerParameterToken / 3:0.###} N a token, each FLOP {task.ServingWeight:0.###} times the price of one in training (Sardana et al. 2024, arXiv:2401.00448, Eq. 2)");
            yield return task.BudgetCoversServing ? "the budget pays for training and serving" : "the budget sets the quality: the loss that it would buy in training alone is reached at the least cost of training and serving";
        }
        if (task.UniqueTokens is not null)
        {
            var decay = law.Surface?.Decay;
            yield return $"repeated tokens decay with rd {Decay((decay ?? RepetitionDecay.Muennighoff).Rd)} and excess parameters with rn {Decay((decay ?? RepetitionDecay.Muennighoff).Rn)}"
                + (decay is null ? " of Muennighoff et al. 2023 (arXiv:2305.16264), which this law's own source did not fit" : " of this law");
        }
    }

    private static string Decay(double multiple) => multiple > 1e9 ? "infinite (none)" : FormattableString.Invariant($"{multiple:0.####}");

    private static UserErrorException Nothing(OptimumTask task, double k) => new(ExitCode.Usage, new Diagnostic("SL0137", task.ServedTokens > 0
        ? FormattableString.Invariant($"a budget of {task.Budget:0.###e0} FLOPs cannot serve {task.ServedTokens:0.###e0} tokens with even one parameter left to train")
        : task.MostParameters < 1 ? "the memory holds less than one parameter"
        : FormattableString.Invariant($"a budget of {task.Budget:0.###e0} FLOPs trains nothing: one parameter on one token costs {k:0.###}"), Help: task.MostParameters < 1 ? "give more memory" : "give a larger budget"));
}
