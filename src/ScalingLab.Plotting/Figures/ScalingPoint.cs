namespace ScalingLab.Plotting.Figures;

/// <summary>An observation as figures see it, under the one convention of counting that the fit used.</summary>
/// <param name="Run">Name of the run; any text.</param>
/// <param name="Parameters">N; null when the source has none.</param>
/// <param name="Tokens">D.</param>
/// <param name="Flops">C.</param>
/// <param name="Loss">Nats per token; NaN for a run that diverged.</param>
/// <param name="InFit">False for an observation that the fit left out: drawn hollow.</param>
public sealed record ScalingPoint(string Run, double? Parameters, double? Tokens, double? Flops, double Loss, bool InFit = true)
{
    /// <summary>What a hover shows.</summary>
    internal string Tooltip =>
        $"{Run}: N {Quantity.Count(Parameters)}, D {Quantity.Count(Tokens)}, C {Quantity.Scientific(Flops)}, loss {Quantity.Loss(Loss)}{(InFit ? "" : ", not in the fit")}";
}
