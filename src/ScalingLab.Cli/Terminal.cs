using Spectre.Console;

namespace ScalingLab.Cli;

/// <summary>Where tables go. Spectre writes colour codes into pipes when TERM is set, so it is told what it writes to.</summary>
internal static class Terminal
{
    private const int MinWidth = 84; // of the narrowest table: a narrower terminal wraps its lines, which reads better than columns of two letters
    private const int PipeWidth = 200; // wide enough that no table of ours wraps in a file

    /// <summary>Standard output.</summary>
    public static IAnsiConsole Out { get; } = Make(Console.Out, Console.IsOutputRedirected);

    /// <summary>A console on a writer.</summary>
    public static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        bool plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = redirected ? PipeWidth : Math.Max(MinWidth, console.Profile.Width);
        return console;
    }
}
