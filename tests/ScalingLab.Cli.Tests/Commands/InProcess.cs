using System.Globalization;
using System.Text;

namespace ScalingLab.Cli.Tests.Commands;

/// <summary>Tests that run a command inside this process, with the console taken for themselves: one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class InProcess
{
    public const string Name = "commands in this process";

    /// <summary>Runs the program as its Main does.</summary>
    internal static Ended Run(params string[] arguments)
    {
        (TextWriter output, TextWriter error, CultureInfo culture) = (Console.Out, Console.Error, CultureInfo.CurrentCulture);
        StringWriter ownOutput = new(new StringBuilder(), CultureInfo.InvariantCulture), ownError = new(new StringBuilder(), CultureInfo.InvariantCulture);
        try
        {
            Console.SetOut(ownOutput);
            Console.SetError(ownError);
            int exit = CommandLineProgram.Run(arguments);
            return new Ended(exit, ownOutput.ToString(), ownError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
            CultureInfo.CurrentCulture = culture;
        }
    }
}

/// <summary>A folder with a table of 36 planted runs: L = 1.8 + 480/N^.35 + 2100/D^.37 and a sawtooth of up to half a percent in place of noise.</summary>
internal sealed class TableFolder : IDisposable
{
    public TableFolder()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Runs, Header + string.Concat(Rows));
    }

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "scalinglab-table-" + Guid.NewGuid().ToString("N"));

    public string Runs => Path.Combine(Root, "runs.csv");

    public static readonly string Header = "N,D,C,loss\n";

    public static readonly string[] Rows = [.. Enumerable.Range(0, 36).Select(k =>
    {
        double n = 1e7 * Math.Pow(4, k / 6), d = 2e8 * Math.Pow(4, k % 6), wobble = 0.005 * ((k * 7 % 11) / 5.0 - 1);
        return string.Create(CultureInfo.InvariantCulture, $"{n:R},{d:R},{6 * n * d:R},{(1.8 + 480 / Math.Pow(n, 0.35) + 2100 / Math.Pow(d, 0.37)) * Math.Exp(wobble):R}\n");
    })];

    /// <summary>A file in the folder.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
