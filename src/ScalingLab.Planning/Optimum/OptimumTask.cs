using ScalingLab.Laws;

namespace ScalingLab.Planning.Optimum;

/// <summary>What the budget of a plan is for, and what limits it.</summary>
public sealed record OptimumTask
{
    /// <summary>C, training FLOPs.</summary>
    public required double Budget { get; init; }

    /// <summary>T, tokens that will be served.</summary>
    public double ServedTokens { get; init; }

    /// <summary>Price of a serving FLOP over that of a training FLOP.</summary>
    public double ServingWeight { get; init; } = 1;

    /// <summary>True when the budget pays for serving too; false when it sets the quality, which is then reached at the least total cost.</summary>
    public bool BudgetCoversServing { get; init; }

    /// <summary>U, distinct tokens; null for no limit.</summary>
    public double? UniqueTokens { get; init; }

    /// <summary>Largest N that memory allows; null for no limit.</summary>
    public double? MostParameters { get; init; }

    /// <summary>N that is held instead of chosen; null to choose it.</summary>
    public double? HeldParameters { get; init; }

    /// <summary>D that is held instead of chosen; null to choose it.</summary>
    public double? HeldTokens { get; init; }

    /// <summary>Whether the user fixed N or D: then the plan evaluates instead of optimising.</summary>
    public bool Held => HeldParameters is not null || HeldTokens is not null;

    /// <summary>Nothing but a training budget: the closed form of Hoffmann et al. holds.</summary>
    public bool Plain => ServedTokens == 0 && UniqueTokens is null && MostParameters is null && !Held;

    /// <summary>Name of the constraint that is active.</summary>
    public string Mode => Held ? UniqueTokens is null ? "held" : "held, data-limited" : (ServedTokens > 0 ? BudgetCoversServing ? "lifetime" : "inference-aware" : "training")
        + (UniqueTokens is null ? "" : ", data-limited") + (MostParameters is null ? "" : ", memory-limited");

    /// <summary>The cost of an allocation.</summary>
    public Spending Spending(double flopsPerParameterToken) => new(flopsPerParameterToken, ServedTokens, ServingWeight);

    /// <summary>The best allocation on a surface; null when the budget buys nothing.</summary>
    public Allocation? Best(LossSurface surface, double flopsPerParameterToken)
    {
        if (Held)
            return HeldAt(flopsPerParameterToken);
        if (ServedTokens > 0 && BudgetCoversServing)
            return AllocationSearch.LeastLoss(surface, Spending(flopsPerParameterToken), Budget, MostParameters);
        var trained = AllocationSearch.LeastLoss(surface, new(flopsPerParameterToken), Budget, MostParameters);
        return trained is { } at && ServedTokens > 0 ? AllocationSearch.LeastCost(surface, Spending(flopsPerParameterToken), surface.Loss(at.Parameters, at.Tokens), at) : trained;
    }

    /// <summary>What would be trained for the same loss without serving in mind.</summary>
    public Allocation Baseline(LossSurface surface, double flopsPerParameterToken, Allocation best)
    {
        var training = new Spending(flopsPerParameterToken);
        return ServedTokens == 0 ? best
            : BudgetCoversServing ? SameLossForTraining(surface, training, best)
            : AllocationSearch.LeastLoss(surface, training, Budget, MostParameters) ?? best;
    }

    // What the budget leaves for the one that is not held.
    private Allocation HeldAt(double flopsPerParameterToken)
    {
        double nd = Budget / flopsPerParameterToken;
        return new(HeldParameters ?? nd / HeldTokens!.Value, HeldTokens ?? nd / HeldParameters!.Value);
    }

    // The budget, without serving in mind, that reaches the loss of an allocation: by bisection, since loss falls with the budget.
    private Allocation SameLossForTraining(LossSurface surface, Spending training, Allocation at)
    {
        double loss = surface.Loss(at.Parameters, at.Tokens);
        double low = Math.Log(training.Training(at)) - 12, high = Math.Log(training.Training(at));
        var best = at;
        while (high - low > 1e-11)
        {
            double middle = (low + high) / 2;
            if (AllocationSearch.LeastLoss(surface, training, Math.Exp(middle), MostParameters) is { } trial && surface.Loss(trial.Parameters, trial.Tokens) <= loss)
                (high, best) = (middle, trial);
            else
                low = middle;
        }
        return best;
    }
}
