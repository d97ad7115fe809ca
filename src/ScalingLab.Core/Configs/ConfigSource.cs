using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>Where config values are read from, a file or one <c>--set</c>, and the problems found in it so far.</summary>
/// <param name="name">Path as the user gave it, or the flag with its argument.</param>
/// <param name="text">Text of the file; null for a flag, whose problems then carry no line.</param>
/// <param name="problems">Takes the problems, from all sources of one config.</param>
internal sealed class ConfigSource(string name, string? text, List<Diagnostic> problems)
{
    private readonly string[]? lines = text?.Split('\n');

    /// <summary>A place in this source, with its line's text.</summary>
    public SourceLocation At(int line, int column) =>
        lines is null || line < 1 || line > lines.Length
            ? new SourceLocation(name, 0, 0)
            : new SourceLocation(name, line, column, lines[line - 1].TrimEnd('\r'));

    /// <summary>The place of a node.</summary>
    public SourceLocation At(ConfigNode node) => At(node.Line, node.Column);

    /// <summary>Notes a problem and goes on.</summary>
    public void Report(string code, ConfigNode node, string message, string? help = null) =>
        problems.Add(new Diagnostic(code, message, At(node), help));

    /// <summary>A problem after which nothing more can be read: comes alone.</summary>
    public UserErrorException Fatal(string code, (int Line, int Column) place, string message, string? help) =>
        new(ExitCode.Config, new Diagnostic(code, message, At(place.Line, place.Column), help));
}
