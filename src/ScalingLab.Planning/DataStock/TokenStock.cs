using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.DataStock;

/// <summary>How much text there is to train on.</summary>
public static class TokenStock
{
    /// <summary>Stock of public human text after filtering, repeats counted at their worth: 300T tokens, 90 % interval 100T to 1000T.</summary>
    /// <remarks>Villalobos et al. 2024, arXiv:2211.04325v2; they expect it to be used up between 2026 and 2032.</remarks>
    public static readonly Threshold Published = new(FrontierQuantity.Tokens.Name, "stock of public text", 300e12, 100e12, 1000e12,
        "Villalobos et al. 2024, arXiv:2211.04325v2: 300T tokens, 90 % interval 100T to 1000T; their own date: 2026 to 2032");

    /// <summary>Probability that the stock is below a need, by the log-normal through median and ends.</summary>
    public static double ProbabilityBelow(Threshold stock, double tokens)
    {
        if (stock.Low == stock.High)
            return stock.Median < tokens ? 1 : 0;
        double log = Math.Log(tokens / stock.Median);
        double spread = (log < 0 ? Math.Log(stock.Median / stock.Low) : Math.Log(stock.High / stock.Median)) / 1.6448536269514722;
        return NormalBelow(log / spread);
    }

    private static double NormalBelow(double z) => 0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-z / Math.Sqrt(2));
}
