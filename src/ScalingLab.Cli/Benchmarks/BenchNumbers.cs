using System.CommandLine;
using System.Globalization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>Flags that several benchmarks share besides model and engine.</summary>
internal static class BenchNumbers
{
    private const double LongestSeconds = 600;

    /// <summary>--seconds: how long to repeat a measurement.</summary>
    public static Option<double> SecondsOption(double value) =>
        new("--seconds") { Description = "Seconds to repeat each measurement.", DefaultValueFactory = _ => value, HelpName = "S" };

    public static double ReadSeconds(ParseResult parsed, Option<double> option, List<Diagnostic> problems)
    {
        double seconds = parsed.GetValue(option);
        if (!(seconds > 0 && seconds <= LongestSeconds))
            problems.Add(new Diagnostic("SL0141", string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {seconds}; it must be above 0 and at most {LongestSeconds}")));
        return seconds;
    }

    /// <summary>Whole numbers separated by commas, each once.</summary>
    public static int[] ReadList(ParseResult parsed, Option<string> option, int most, List<Diagnostic> problems)
    {
        var numbers = new List<int>();
        foreach (string word in parsed.GetValue(option)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1 || number > most)
                problems.Add(new Diagnostic("SL0141", $"{option.Name}: '{word}' is no whole number from 1 to {most}", null, $"write {option.Name} 128,256"));
            else if (!numbers.Contains(number))
                numbers.Add(number);
        }

        if (numbers.Count == 0 && problems.Count == 0)
            problems.Add(new Diagnostic("SL0141", $"{option.Name} names no number", null, $"write {option.Name} 128,256"));
        return [.. numbers];
    }
}
