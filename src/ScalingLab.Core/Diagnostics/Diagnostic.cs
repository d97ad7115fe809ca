namespace ScalingLab.Core.Diagnostics;

/// <summary>A place in a text file. Lines and columns count from 1.</summary>
/// <param name="File">Path as the user gave it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1; 0 when the whole line is meant.</param>
/// <param name="LineText">The line itself, shown beneath the message; null when it is not at hand.</param>
public sealed record SourceLocation(string File, int Line, int Column, string? LineText = null);

/// <summary>One thing that is wrong with what the user gave, and a way out.</summary>
/// <param name="Code">Stable identifier such as SL0312: SL01xx usage, SL03xx config, SL04xx tables, SL05xx device, SL06xx data, SL07xx disk.</param>
/// <param name="Message">What is wrong, with the offending value, in one line and without a full stop.</param>
/// <param name="Location">Where, when a file is at fault.</param>
/// <param name="Help">The nearest right thing, or the command that mends it.</param>
public sealed record Diagnostic(string Code, string Message, SourceLocation? Location = null, string? Help = null);
