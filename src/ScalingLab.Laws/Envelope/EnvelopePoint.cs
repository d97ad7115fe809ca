namespace ScalingLab.Laws.Envelope;

/// <summary>A point of the lower envelope: what the best run had at a budget.</summary>
/// <param name="Flops">C.</param>
/// <param name="Parameters">N of the run.</param>
/// <param name="Tokens">D of the run by then.</param>
/// <param name="Loss">Its loss, nats per token.</param>
public readonly record struct EnvelopePoint(double Flops, double Parameters, double Tokens, double Loss);
