namespace ScalingLab.Training.Stacks;

/// <summary>How many steps a stack takes between two readings: as many as fill a quarter of a second, 16 at least.</summary>
/// <remarks>
/// Between the last step of a block and the first of the next the device waits for the host, which reads, logs and fills tables. That
/// pause is the same for any number of steps, so where they are quick there are many of them to a pause.
/// </remarks>
/// <param name="most">Most steps of a block, for which there are tables; 1 or more.</param>
public sealed class StackPace(int most)
{
    private const int Least = 16;
    private const double Seconds = 0.25; // a stop and a divergence are noticed no later than that, and the counters of energy are renewed about as often

    /// <summary>Steps of the next block at most.</summary>
    public int Steps { get; private set; } = Math.Min(Least, most);

    /// <summary>A block was taken.</summary>
    /// <param name="steps">1 or more.</param>
    /// <param name="seconds">From its first launch to the reading of its losses, 0 or more.</param>
    public void Took(int steps, double seconds) => Steps = Math.Min(most, (int)Math.Clamp(steps * Seconds / seconds, Least, int.MaxValue)); // without end where no time passed
}
