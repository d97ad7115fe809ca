using System.Diagnostics;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Repeats work for about a given time.</summary>
public static class Repeated
{
    private const int Least = 5, Most = 100_000;
    private const double BatchSeconds = 2e-3; // beside which a synchronisation of some ten microseconds is small

    /// <summary>Times the work again and again; once before that, untimed.</summary>
    /// <param name="seconds">About how long; five times at least.</param>
    /// <param name="work">What to time.</param>
    public static Timings Time(double seconds, Action work) => Time(seconds, () =>
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });

    /// <summary>The same for work that a device does after the call has returned: so many calls at a time that they take a few milliseconds, and a wait for the device after each lot.</summary>
    /// <param name="seconds">About how long; five lots at least.</param>
    /// <param name="work">What to time.</param>
    /// <param name="synchronise">Waits until the device has done all; null for work that is done when it returns.</param>
    /// <returns>Seconds a call.</returns>
    public static Timings Time(double seconds, Action work, Action? synchronise)
    {
        if (synchronise is null)
            return Time(seconds, work);
        work(); // loads kernels
        synchronise();
        double one = Lot(1);
        int calls = (int)Math.Clamp(Math.Ceiling(BatchSeconds / Math.Max(one, 1e-9)), 1, 10_000);
        return Time(seconds, () => Lot(calls) / calls);

        double Lot(int count)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
                work();
            synchronise();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>The same for work that times a part of itself.</summary>
    /// <param name="seconds">About how long; five times at least.</param>
    /// <param name="timed">Does the work, and returns the seconds that count.</param>
    public static Timings Time(double seconds, Func<double> timed)
    {
        timed();
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < Least || (times.Count < Most && Stopwatch.GetElapsedTime(start).TotalSeconds < seconds))
            times.Add(timed());
        return Timings.Of(times);
    }
}
