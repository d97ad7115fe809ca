namespace ScalingLab.Laws.Design;

/// <summary>A run that could be trained: one model, observed once at its end or also on the way.</summary>
/// <param name="Parameters">N.</param>
/// <param name="Tokens">D at each observation, ascending; the last is what it is trained on.</param>
/// <param name="Flops">Cost of the whole run.</param>
public sealed record CandidateRun(double Parameters, IReadOnlyList<double> Tokens, double Flops);
