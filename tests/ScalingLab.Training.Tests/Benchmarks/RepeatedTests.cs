using System.Diagnostics;
using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Training.Tests.Benchmarks;

public sealed class RepeatedTests
{
    /// <summary>A device that takes 0.1 ms a call and is only heard of at a wait.</summary>
    [Fact]
    public void Work_that_a_device_does_later_is_timed_in_lots_with_a_wait_after_each()
    {
        int calls = 0, waits = 0, queued = 0, mostQueued = 0;
        Timings times = Repeated.Time(
            0.02,
            () =>
            {
                calls++;
                mostQueued = Math.Max(mostQueued, ++queued);
            },
            () =>
            {
                waits++;
                long start = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 0.1 * queued)
                {
                }

                queued = 0;
            });
        Assert.Equal(0, queued); // nothing is left to the next measurement
        Assert.InRange(mostQueued, 2, 20); // lots of about two milliseconds
        Assert.True(waits >= 5 + 2, $"{waits} waits, {calls} calls");
        Assert.InRange(times.Min, 0.099e-3, 0.3e-3); // of one call; a busy machine makes it longer, never shorter
    }
}
