using ScalingLab.Core.Units;
using ScalingLab.Training.Data;
using ScalingLab.Training.Model;

namespace ScalingLab.Training;

/// <summary>Held-out loss of a model.</summary>
public static class HeldOutLoss
{
    private const int Sequences = 32; // a pass; bounds the memory of the logits

    /// <summary>Loss over fixed windows, and the same in bits per byte; not finite for a model that has no finite loss.</summary>
    public static (NatsPerToken Loss, BitsPerByte Bits) Of(Gpt model, EvaluationWindows windows)
    {
        int context = windows.ContextTokens;
        Device device = model.Parameters.Device;
        double nats = 0;
        for (long first = 0; first < windows.Count; first += Sequences)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable _ = no_grad();
            int sequences = (int)Math.Min(Sequences, windows.Count - first);
            var inputs = new long[sequences * context];
            var targets = new long[sequences * context];
            windows.Fill(first, inputs, targets);
            nats += model.Loss(tensor(inputs, [sequences, context]).On(device), tensor(targets, [targets.Length]).On(device)).ToDouble() * targets.Length;
        }

        var loss = new NatsPerToken(nats / windows.PredictedTokens);
        return (loss, loss.ToBitsPerByte(windows.PredictedTokens, windows.PredictedBytes));
    }
}
