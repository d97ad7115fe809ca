using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>The errors of this folder, SL0650 to SL0689, all for <see cref="ExitCode.CorruptData"/> unless said.</summary>
/// <remarks>
/// Corpora: SL0650 missing, SL0651 not a text format, SL0652 not UTF-8, SL0653 binary, SL0654 damaged gzip, SL0655 JSON,
/// SL0656 too few documents, SL0657 too little text for the vocabulary. Token files: SL0660 not one, SL0661 version, SL0662 size,
/// SL0663 vocabulary, SL0664 checksum, SL0665 header, SL0666 token out of range, SL0667 of another corpus or tokenizer,
/// SL0668 no whole tokens. Tokenizers: SL0670 not usable, SL0671 not the config's. Batches: SL0680 too few tokens.
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
