using System.Diagnostics;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Repeats work for about a given time.</summary>
public static class Repeated
{
    private const int Least = 5, Most = 100_000;

    /// <summary>Times the work again and again; once before that, untimed.</summary>
    /// <param name="seconds">About how long; five times at least.</param>
    /// <param name="work">What to time.</param>
    public static Timings Time(double seconds, Action work) => Time(seconds, () =>
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });

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
