using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Laws.Fitting;

/// <summary>What a residual is.</summary>
public enum ResidualScale
{
    /// <summary>r = ln L̂ − ln L: a relative error.</summary>
    Log,

    /// <summary>r = L̂ − L, nats per token.</summary>
    Raw,
}

/// <summary>Shape of the penalty on a residual.</summary>
public enum Penalty
{
    /// <summary>Huber 1964: r²/2 up to δ, δ(|r| − δ/2) beyond.</summary>
    Huber,

    /// <summary>|r|: least absolute deviation.</summary>
    Absolute,

    /// <summary>r².</summary>
    Squared,

    /// <summary>−r below 0, K·r above it: a prediction above the observation costs K times one as far below, so that the law follows the lower envelope.</summary>
    Asymmetric,
}

/// <summary>What a fit makes small: a sum over observations, or for the asymmetric penalty their mean, as its source has it.</summary>
/// <remarks>
/// Hoffmann et al. 2022, arXiv:2203.15556, Eq. 3: log-Huber with δ = 1e-3. Natural logarithms. The asymmetric penalty with K = 10 on raw
/// losses is that of kyo-takano/chinchilla (github.com, commit 75e5858f6e): the quantile regression (Koenker and Bassett 1978, doi:10.2307/1913643) of the quantile 1/(1 + K).
/// </remarks>
/// <param name="Scale">Logarithmic or raw residuals.</param>
/// <param name="Penalty">Shape of the penalty.</param>
/// <param name="Delta">Huber's δ, above 0; null for the others.</param>
/// <param name="Asymmetry">K of the asymmetric penalty, above 0; null for the others.</param>
public sealed record Objective(ResidualScale Scale, Penalty Penalty, double? Delta = null, double? Asymmetry = null)
{
    /// <summary>K in kyo-takano/chinchilla.</summary>
    public const double PublishedAsymmetry = 10;

    /// <summary>Hoffmann et al. 2022, Sec. 3.3.</summary>
    public const double HuberDelta = 1e-3;

    /// <summary>Log-Huber with <see cref="HuberDelta"/>.</summary>
    public static readonly Objective Default = new(ResidualScale.Log, Penalty.Huber, HuberDelta);

    /// <summary>As on the command line and in files: log-huber, log-l1, log-mse, huber, l1, mse, asymmetric.</summary>
    public string Name => (Scale == ResidualScale.Log ? "log-" : "") + Penalty switch
    {
        Penalty.Huber => "huber",
        Penalty.Absolute => "l1",
        Penalty.Asymmetric => "asymmetric",
        _ => "mse",
    };

    /// <summary>sum or mean, over observations.</summary>
    public string Reduction => Penalty == Penalty.Asymmetric ? "mean" : "sum";

    /// <summary>The value that is reported, from the sum over so many observations.</summary>
    public double Reduce(double sum, int observations) => Penalty == Penalty.Asymmetric ? sum / observations : sum;

    /// <summary>The sum over observations, from the reported value.</summary>
    public double Sum(double value, int observations) => Penalty == Penalty.Asymmetric ? value * observations : value;

    /// <summary>Penalty of one residual, predicted minus observed.</summary>
    public double Of(double residual) => Penalty switch
    {
        Penalty.Absolute => Math.Abs(residual),
        Penalty.Squared => residual * residual,
        Penalty.Asymmetric => residual > 0 ? Asymmetry!.Value * residual : -residual,
        _ => Math.Abs(residual) <= Delta!.Value
            ? residual * residual / 2
            : Delta.Value * (Math.Abs(residual) - Delta.Value / 2),
    };

    /// <summary>ρ'(r) of one residual; 0 at a kink.</summary>
    public double Slope(double residual) => Penalty switch
    {
        Penalty.Absolute => Math.Sign(residual),
        Penalty.Squared => 2 * residual,
        Penalty.Asymmetric => residual > 0 ? Asymmetry!.Value : -1,
        _ => Math.Clamp(residual, -Delta!.Value, Delta.Value),
    };

    /// <summary>Reads <c>log-huber:1e-3</c>, <c>log-huber</c>, <c>log-l1</c>, <c>log-mse</c>, <c>huber:0.01</c>, <c>l1</c>, <c>mse</c> or <c>asymmetric:10</c>.</summary>
    /// <exception cref="UserErrorException">Another name, or a number that is not above 0.</exception>
    public static Objective Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        double? delta = null;
        if (parts.Length == 2)
        {
            if (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !(value > 0) || !double.IsFinite(value))
                throw Refuse($"objective '{text}': '{parts[1]}' is not a number above 0", "write it as log-huber:1e-3");
            delta = value;
        }
        if (delta is not null && parts[0] is "log-l1" or "l1" or "log-mse" or "mse")
            throw Refuse($"objective '{parts[0]}' takes no number, and got '{parts[1]}'", $"write {parts[0]}");
        return parts[0] switch
        {
            "log-huber" => new(ResidualScale.Log, Penalty.Huber, delta ?? HuberDelta),
            "huber" => new(ResidualScale.Raw, Penalty.Huber, delta ?? HuberDelta),
            "log-l1" => new(ResidualScale.Log, Penalty.Absolute),
            "l1" => new(ResidualScale.Raw, Penalty.Absolute),
            "log-mse" => new(ResidualScale.Log, Penalty.Squared),
            "mse" => new(ResidualScale.Raw, Penalty.Squared),
            "asymmetric" => new(ResidualScale.Raw, Penalty.Asymmetric, Asymmetry: delta ?? PublishedAsymmetry),
            _ => throw Refuse($"objective '{text}' is not available", "available: " + Choices),
        };
    }

    /// <summary>What <see cref="Parse"/> reads, for help texts.</summary>
    public const string Choices = "log-huber:DELTA, log-l1, log-mse, huber:DELTA, l1, mse, asymmetric:K";

    private static UserErrorException Refuse(string message, string help) => new(ExitCode.Usage, new Diagnostic("SL0121", message, Help: help));
}
