namespace ScalingLab.Core.Diagnostics;

/// <summary>One thing that a record finds wrong with itself. Whoever read it from a file adds the place.</summary>
/// <param name="Key">Name of the offending member as a config file spells it, e.g. <c>width</c>.</param>
/// <param name="Message">What is wrong, with the value, in one line and without a full stop.</param>
/// <param name="Help">A way out; null when none is known.</param>
public sealed record Problem(string Key, string Message, string? Help = null)
{
    /// <summary>The same problem with its key inside a section.</summary>
    public Problem Under(string section) => this with { Key = $"{section}.{Key}", Message = $"{section}.{Message}" };
}
