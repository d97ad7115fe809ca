namespace ScalingLab.Laws.Design;

/// <summary>Runs chosen together, and the error expected after them.</summary>
/// <param name="Runs">The runs, dearest first.</param>
/// <param name="StandardError">Expected standard error of the quantity, or of its logarithm.</param>
public sealed record RunChoice(IReadOnlyList<CandidateRun> Runs, double StandardError)
{
    /// <summary>Cost of all.</summary>
    public double Flops => Runs.Sum(r => r.Flops);
}

/// <summary>Chooses runs within a budget: greedily, then by exchange (Fedorov 1972) until no run can be replaced by a better one.</summary>
public static class RunChooser
{
    private const double LeastGain = 1e-4; // Relative, of the standard error: below it an exchange is not worth its pass.
    private const int MostPasses = 20;

    /// <summary>The best choice found of at most so many runs within a budget; the fewer runs of equal ones.</summary>
    /// <param name="model">Error of the quantity.</param>
    /// <param name="candidates">Runs to choose among; a run may be chosen twice, with another seed.</param>
    /// <param name="budgetFlops">Cost of all chosen at most.</param>
    /// <param name="mostRuns">Runs at most.</param>
    public static RunChoice Choose(DesignModel model, IReadOnlyList<CandidateRun> candidates, double budgetFlops, int mostRuns)
    {
        CandidateRun[] able = [.. candidates.Where(c => c.Flops <= budgetFlops)];
        var parts = new DesignModel.Information[able.Length];
        for (int i = 0; i < able.Length; i++)
            model.Add(parts[i] = new DesignModel.Information(), 1, able[i]);
        List<int> best = [];
        double least = double.PositiveInfinity;
        // One dear run or many cheap ones: greedy starts that allow a run the whole remaining budget, or an even share of it.
        foreach (bool even in new[] { false, true })
        {
            for (int runs = mostRuns; runs >= 1; runs = runs > 1 ? runs / 2 : 0)
            {
                var chosen = Greedy(model, able, parts, budgetFlops, runs, even);
                double error = Exchange(model, able, parts, budgetFlops, mostRuns, chosen);
                if (error < least * (1 - LeastGain))
                    (best, least) = (chosen, error);
            }
        }
        return new RunChoice([.. best.Select(i => able[i]).OrderByDescending(r => r.Flops)], best.Count == 0 ? model.StandardError(model.Present) : least);
    }

    private static List<int> Greedy(DesignModel model, CandidateRun[] able, DesignModel.Information[] parts, double budget, int runs, bool even)
    {
        var chosen = new List<int>();
        var sum = model.Present.Copy();
        double left = budget;
        for (int k = 0; k < runs; k++)
        {
            int best = Best(model, able, parts, sum, even ? left / (runs - k) : left, model.StandardError(sum));
            if (best < 0)
                break;
            chosen.Add(best);
            sum.Add(parts[best], 1);
            left -= able[best].Flops;
        }
        return chosen;
    }

    // Replaces one run at a time by the best that the money allows, and adds runs while there is room.
    private static double Exchange(DesignModel model, CandidateRun[] able, DesignModel.Information[] parts, double budget, int mostRuns, List<int> chosen)
    {
        var sum = model.Present.Copy();
        foreach (int i in chosen)
            sum.Add(parts[i], 1);
        double error = model.StandardError(sum);
        for (int pass = 0; pass < MostPasses; pass++)
        {
            double before = error;
            for (int slot = 0; slot <= chosen.Count && slot < mostRuns; slot++)
            {
                int old = slot < chosen.Count ? chosen[slot] : -1;
                if (old >= 0)
                    sum.Add(parts[old], -1);
                double left = budget - chosen.Where((_, k) => k != slot).Sum(i => able[i].Flops);
                int best = Best(model, able, parts, sum, left, error);
                if (best < 0)
                {
                    if (old < 0)
                        break;
                    sum.Add(parts[old], 1);
                    continue;
                }
                sum.Add(parts[best], 1);
                error = model.StandardError(sum);
                if (old >= 0)
                    chosen[slot] = best;
                else
                    chosen.Add(best);
            }
            if (error > before * (1 - LeastGain))
                break;
        }
        return error;
    }

    // The candidate that leaves the least error, if that is below the bar; the cheaper of equals.
    private static int Best(DesignModel model, CandidateRun[] able, DesignModel.Information[] parts, DesignModel.Information sum, double most, double bar)
    {
        int best = -1;
        double least = bar * (1 - LeastGain);
        var with = sum.Copy();
        for (int i = 0; i < able.Length; i++)
        {
            if (able[i].Flops > most * (1 + 1e-12))
                continue;
            sum.M.CopyTo(with.M, 0);
            sum.S.CopyTo(with.S, 0);
            with.Add(parts[i], 1);
            double error = model.StandardError(with);
            if (error < least)
                (best, least) = (i, error);
        }
        return best;
    }
}
