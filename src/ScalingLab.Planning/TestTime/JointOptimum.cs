using ScalingLab.Laws;

namespace ScalingLab.Planning.TestTime;

/// <summary>What answers cost and are worth, for the split of a budget between training and answering.</summary>
/// <param name="Law">Loss of training.</param>
/// <param name="Pass">Chance that one answer is correct, from the loss.</param>
/// <param name="Concentration">a + b of the Beta mixture over problems: the larger, the more alike they are.</param>
/// <param name="Verifier">What picks the answer.</param>
/// <param name="VerifierCost">FLOPs of checking an answer over those of giving it.</param>
/// <param name="Queries">Problems over the model's life.</param>
/// <param name="TokensPerAnswer">Tokens of one answer.</param>
public sealed record TestTimeDemand(ChinchillaLaw Law, PassLink Pass, double Concentration, Verifier Verifier, double VerifierCost, double Queries, double TokensPerAnswer)
{
    /// <summary>FLOPs of all answers, k to each problem: 2·N a token.</summary>
    /// <remarks>Forward pass of Kaplan et al. 2020, arXiv:2001.08361, Sec. 2.1; attention to the context is left out.</remarks>
    public double AnswerFlops(double n, double k) => Queries * k * TokensPerAnswer * 2 * n * (1 + VerifierCost);

    /// <summary>Share of problems solved by a model of N parameters and D tokens with k answers.</summary>
    public double Solved(double n, double d, double k)
    {
        double mean = Pass.At(Law.Loss(n, d).Value);
        var mixture = new BetaMixture(mean * Concentration, (1 - mean) * Concentration);
        return Verifier == Verifier.Perfect ? mixture.At(k) : mixture.Expect(p => Verifier.Success(p, k));
    }
}

/// <summary>pass@1 from the loss: a straight line in ln(p/(1−p)), through two measured points.</summary>
/// <param name="Offset">u.</param>
/// <param name="Slope">v: ln(p/(1−p)) = u − v·L.</param>
/// <param name="LowLoss">Least loss that it was drawn through.</param>
/// <param name="HighLoss">Largest.</param>
public sealed record PassLink(double Offset, double Slope, double LowLoss, double HighLoss)
{
    /// <summary>pass@1 at a loss.</summary>
    public double At(double loss) => 1 / (1 + Math.Exp(Slope * loss - Offset));

    /// <summary>The line through two models: a lower loss must give a higher pass@1, each above 0 and below 1.</summary>
    public static PassLink Through((double Loss, double Pass) first, (double Loss, double Pass) second)
    {
        if (first.Loss == second.Loss || (first.Loss < second.Loss) != (first.Pass > second.Pass) || first.Pass is not (> 0 and < 1) || second.Pass is not (> 0 and < 1))
            throw new ArgumentException("Two losses, the lower with the higher pass rate between 0 and 1.", nameof(second));
        double slope = (Logit(first.Pass) - Logit(second.Pass)) / (second.Loss - first.Loss);
        return new(Logit(first.Pass) + slope * first.Loss, slope, Math.Min(first.Loss, second.Loss), Math.Max(first.Loss, second.Loss));

        static double Logit(double p) => Math.Log(p / (1 - p));
    }
}

/// <summary>How to spend a budget on parameters, training tokens and answers a problem.</summary>
/// <param name="Parameters">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="Answers">k, 1 or more; not rounded.</param>
/// <param name="Loss">Nats per token.</param>
/// <param name="PassAt1">Chance that one answer is correct.</param>
/// <param name="Solved">Share of problems solved.</param>
/// <param name="TrainingShare">Share of the FLOPs that training takes.</param>
public sealed record JointOptimum(double Parameters, double Tokens, double Answers, double Loss, double PassAt1, double Solved, double TrainingShare)
{
    private const int Grid = 32; // starts along each axis
    private const double Smallest = 1e4, Largest = 1e16; // parameters
    private const double MostAnswers = 1e6;
    private const double Settled = 1e-7; // of ln N and ln k

    /// <summary>The most problems solved for the budget: 6·N·D + queries·k·tokens·2·N·(1 + v) = C. Null when the budget cannot pay for one answer to each problem.</summary>
    /// <remarks>
    /// Roberts et al. 2026, arXiv:2604.01411, optimise N, D and k together; the pass rate here comes from the loss by a measured line and a Beta mixture.
    /// D follows from N and k. The best cell of a grid over (ln N, ln k) starts a compass search.
    /// </remarks>
    /// <param name="demand">Costs and worth of answers.</param>
    /// <param name="flops">C.</param>
    /// <param name="fixedAnswers">k held at a value; null to choose it.</param>
    /// <param name="tokensPerParameter">D/N held at a value; null to choose it.</param>
    public static JointOptimum? Of(TestTimeDemand demand, double flops, double? fixedAnswers = null, double? tokensPerParameter = null)
    {
        double lnLow = Math.Log(Smallest), lnHigh = Math.Log(Largest), lnMost = Math.Log(MostAnswers);
        (double X, double Y, double Value) best = (0, 0, double.NegativeInfinity);
        int columns = fixedAnswers is null ? Grid : 1;
        for (int j = 0; j < columns; j++)
        {
            double y = fixedAnswers is { } k ? Math.Log(k) : lnMost * j / (columns - 1);
            for (int i = 0; i <= Grid; i++)
                Try(lnLow + (lnHigh - lnLow) * i / Grid, y);
        }
        if (double.IsNegativeInfinity(best.Value))
            return null;
        double stepX = (lnHigh - lnLow) / Grid, stepY = fixedAnswers is null ? lnMost / Grid : 0;
        while (stepX > Settled)
        {
            (double x, double y, double before) = best;
            // The ridge runs aslant: a larger model leaves fewer answers. Steps go along the diagonals too.
            foreach ((int dx, int dy) in new[] { (1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1), (1, 1), (-1, -1) })
            {
                if (dy == 0 || stepY > 0)
                    Try(Math.Clamp(x + dx * stepX, lnLow, lnHigh), Math.Clamp(y + dy * stepY, fixedAnswers is null ? 0 : y, fixedAnswers is null ? lnMost : y));
            }
            if (best.Value <= before)
                (stepX, stepY) = (stepX / 2, stepY / 2);
        }
        double parameters = Math.Exp(best.X), answers = Math.Exp(best.Y), tokens = Tokens(parameters, answers);
        double loss = demand.Law.Loss(parameters, tokens).Value;
        return new(parameters, tokens, answers, loss, demand.Pass.At(loss), demand.Solved(parameters, tokens, answers), ChinchillaLaw.SixNd * parameters * tokens / flops);

        void Try(double x, double y)
        {
            double n = Math.Exp(x), k = Math.Exp(y), d = Tokens(n, k);
            if (!(d > 0) || (tokensPerParameter is not null && demand.AnswerFlops(n, k) + ChinchillaLaw.SixNd * n * d > flops * (1 + 1e-12)))
                return;
            double value = demand.Solved(n, d, k);
            if (value > best.Value)
                best = (x, y, value);
        }

        double Tokens(double n, double k) => tokensPerParameter is { } ratio ? ratio * n : (flops - demand.AnswerFlops(n, k)) / (ChinchillaLaw.SixNd * n);
    }
}
