namespace ScalingLab.Core.Diagnostics;

/// <summary>The user's input cannot be used. Carries every problem that was found, not only the first.</summary>
public sealed class UserErrorException : Exception
{
    /// <summary>All the problems of one input.</summary>
    /// <param name="exitCode">What the process shall return.</param>
    /// <param name="diagnostics">At least one problem.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public UserErrorException(ExitCode exitCode, IReadOnlyList<Diagnostic> diagnostics, Exception? inner = null)
        : base(string.Join("; ", diagnostics.Select(d => d.Message)), inner)
    {
        ArgumentOutOfRangeException.ThrowIfZero(diagnostics.Count);
        ExitCode = exitCode;
        Diagnostics = diagnostics;
    }

    /// <summary>A single problem.</summary>
    public UserErrorException(ExitCode exitCode, Diagnostic diagnostic, Exception? inner = null)
        : this(exitCode, [diagnostic], inner)
    {
    }

    /// <summary>What the process shall return.</summary>
    public ExitCode ExitCode { get; }

    /// <summary>All problems, in the order of their places.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}
