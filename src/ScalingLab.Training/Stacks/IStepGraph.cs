namespace ScalingLab.Training.Stacks;

/// <summary>A training step that is told once and done many times, on other numbers in the same tensors.</summary>
/// <remarks>
/// What the step may do: call operators on tensors that outlive it, and make tensors that die inside it. It may not read a
/// number back to the host, nor take one from it but as a constant: the CaptureGuard of our binding refuses both.
/// </remarks>
public interface IStepGraph : IDisposable
{
    /// <summary>Takes the step in.</summary>
    /// <param name="step">What each replay does.</param>
    /// <param name="warmUp">The same step with whatever puts back what it moves on, so that a run changes nothing: run first, some times, where a capture needs that.</param>
    void Capture(Action step, Action warmUp);

    /// <summary>Does the step once; returns as soon as the device has been told to.</summary>
    void Replay();
}

/// <summary>Runs the step as it stands each time: what there is on a CPU.</summary>
public sealed class EagerStepGraph : IStepGraph
{
    private Action? captured;

    /// <inheritdoc/>
    public void Capture(Action step, Action warmUp) => captured = step;

    /// <inheritdoc/>
    public void Replay() => (captured ?? throw new InvalidOperationException("There is no step to replay: capture one first."))();

    /// <inheritdoc/>
    public void Dispose() => captured = null;
}
