using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Planning.Units;

namespace ScalingLab.Planning;

/// <summary>The compute-efficient allocation of Kaplan et al. 2020, arXiv:2001.08361, Tables 5 and 6.</summary>
/// <remarks>N is without embeddings, C the least compute at small batches, in PF-days; it puts far more into N than later laws do.</remarks>
public static class KaplanAllocation
{
    /// <summary>As on the command line.</summary>
    public const string Name = "kaplan2020";

    /// <summary>Citation.</summary>
    public const string Source = "Kaplan et al. 2020, arXiv:2001.08361, Tables 5 and 6: N_opt = 1.3e9 C^0.73, D_opt = 2e10 C^0.27, L = (3.1e8/C)^0.050 with C in PF-days, N without embeddings";

    /// <summary>"768 to 1.5 billion non-embedding parameters" on 22 million to 23 billion tokens (Sec. 3).</summary>
    public static readonly FittedRange Runs = new(768, 1.5e9, 22e6, 23e9);

    /// <summary>Table 6. The two were fitted apart: 6·N·D is 1.8 times C.</summary>
    public static Allocation At(Flops budget) => new(1.3e9 * Math.Pow(PetaflopDays(budget), 0.73), 2e10 * Math.Pow(PetaflopDays(budget), 0.27));

    /// <summary>Table 5: L(C_min), nats a token.</summary>
    public static double Loss(Flops budget) => Math.Pow(3.1e8 / PetaflopDays(budget), 0.050);

    private static double PetaflopDays(Flops budget) => budget.Count / Dimension.PetaflopDay;
}
