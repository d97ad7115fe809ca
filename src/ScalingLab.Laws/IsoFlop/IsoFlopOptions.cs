using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>Curve drawn through the losses of one budget.</summary>
public enum Curve
{
    /// <summary>Least-squares parabola of loss in ln N: Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.2.</summary>
    Parabola,

    /// <summary>Akima spline of ln loss in ln N: Porian et al. 2024, arXiv:2406.19146.</summary>
    Akima,
}

/// <summary>How isoFLOP profiles are made and read.</summary>
public sealed record IsoFlopOptions
{
    /// <summary>Curve.</summary>
    public Curve Curve { get; init; } = Curve.Parabola;

    /// <summary>Observations within this relative distance of a budget's cheapest belong to it.</summary>
    public double Tolerance { get; init; } = 0.05;

    /// <summary>Resamples, seed and noise. Parabolas: residuals within each budget. Akima, which has none: Gaussian noise.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    /// <summary>Fewest points a parabola is fitted to.</summary>
    public const int FewestPoints = 3;

    /// <summary>Fewest points of an Akima spline: below five its ends meet.</summary>
    public const int FewestAkimaPoints = 5;
}
