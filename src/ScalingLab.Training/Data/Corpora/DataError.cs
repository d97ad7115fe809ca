using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>The errors of this folder, SL0600 to SL0699, all for <see cref="ExitCode.CorruptData"/> unless said.</summary>
/// <remarks>
/// Corpora: SL0600 missing, SL0601 not a text format, SL0602 not UTF-8, SL0603 binary, SL0604 damaged gzip, SL0605 JSON,
/// SL0606 too few documents, SL0607 too little text for the vocabulary. Token files: SL0610 not one, SL0611 version, SL0612 size,
/// SL0613 vocabulary, SL0614 checksum, SL0615 header, SL0616 token out of range, SL0617 of another corpus or tokenizer.
/// Tokenizers: SL0620. Batches: SL0630 too few tokens.
/// </remarks>
internal static class DataError
{
    /// <summary>A problem with a file as a whole.</summary>
    public static UserErrorException In(string file, string code, string message, string help, Exception? inner = null) =>
        new(ExitCode.CorruptData, new Diagnostic(code, $"{file}: {message}", null, help), inner);

    /// <summary>A problem at a line of a file.</summary>
    public static UserErrorException At(SourceLocation place, string code, string message, string help, Exception? inner = null) =>
        new(ExitCode.CorruptData, new Diagnostic(code, message, place, help), inner);
}
