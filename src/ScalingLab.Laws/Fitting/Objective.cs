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
}

/// <summary>The sum over observations that a fit makes small.</summary>
/// <remarks>Hoffmann et al. 2022, arXiv:2203.15556, Eq. 3: log-Huber with δ = 1e-3. Always a sum, natural logarithms.</remarks>
/// <param name="Scale">Logarithmic or raw residuals.</param>
/// <param name="Penalty">Shape of the penalty.</param>
/// <param name="Delta">Huber's δ, above 0; null for the others.</param>
public sealed record Objective(ResidualScale Scale, Penalty Penalty, double? Delta = null)
{
    /// <summary>Hoffmann et al. 2022, Sec. 3.3.</summary>
    public const double HuberDelta = 1e-3;

    /// <summary>Log-Huber with <see cref="HuberDelta"/>.</summary>
    public static readonly Objective Default = new(ResidualScale.Log, Penalty.Huber, HuberDelta);

    /// <summary>As on the command line and in files: log-huber, log-l1, log-mse, huber, l1, mse.</summary>
    public string Name => (Scale == ResidualScale.Log ? "log-" : "") + Penalty switch
    {
        Penalty.Huber => "huber",
        Penalty.Absolute => "l1",
        _ => "mse",
    };

    /// <summary>Penalty of one residual.</summary>
    public double Of(double residual) => Penalty switch
    {
        Penalty.Absolute => Math.Abs(residual),
        Penalty.Squared => residual * residual,
        _ => Math.Abs(residual) <= Delta!.Value
            ? residual * residual / 2
            : Delta.Value * (Math.Abs(residual) - Delta.Value / 2),
    };

    /// <summary>Reads <c>log-huber:1e-3</c>, <c>log-huber</c>, <c>log-l1</c>, <c>log-mse</c>, <c>huber:0.01</c>, <c>l1</c> or <c>mse</c>.</summary>
    /// <exception cref="UserErrorException">Another name, or a δ that is not above 0.</exception>
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
            _ => throw Refuse($"objective '{text}' is not available", "available: log-huber:DELTA, log-l1, log-mse, huber:DELTA, l1, mse"),
        };
    }

    private static UserErrorException Refuse(string message, string help) => new(ExitCode.Usage, new Diagnostic("SL0121", message, Help: help));
}
