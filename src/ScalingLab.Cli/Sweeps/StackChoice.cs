using System.Globalization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Sweeps;

/// <summary>What <c>--stack</c> asks for: whether runs of one shape share a step, and how many at most.</summary>
/// <param name="MostRuns">Largest E; null for as many as memory holds.</param>
/// <param name="OnCpu">Whether runs are stacked on a CPU too, where one process a core is faster (docs/log.md).</param>
internal sealed record StackChoice(int? MostRuns, bool OnCpu)
{
    private const int Largest = 4096;

    /// <summary>As many as memory holds on a GPU, where a run that stacks with no other is a stack of one; none on a CPU.</summary>
    public static StackChoice Auto { get; } = new(null, OnCpu: false);

    /// <summary>Every run alone, operator by operator on a GPU too.</summary>
    public static StackChoice Off { get; } = new(1, OnCpu: false);

    /// <summary>Reads <c>auto</c>, <c>off</c> or a number; adds what is wrong with another text to the problems.</summary>
    public static StackChoice Read(string text, List<Diagnostic> problems)
    {
        if (text is "auto" or "off")
            return text == "auto" ? Auto : Off;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int runs) && runs is >= 1 and <= Largest)
            return new StackChoice(runs, OnCpu: true);
        problems.Add(new Diagnostic("SL0149", $"--stack is '{text}'", null, $"auto, off or a number of runs from 1 to {Largest}"));
        return Auto;
    }

    /// <summary>Whether runs are to be put into stacks on a device. On a GPU a stack of one has a use: its step is one CUDA graph.</summary>
    public bool IsOn(bool cuda) => cuda ? this != Off : OnCpu && MostRuns != 1;
}
