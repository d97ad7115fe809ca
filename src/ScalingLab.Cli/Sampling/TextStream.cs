using System.Text;
using ScalingLab.Training.Data;

namespace ScalingLab.Cli.Sampling;

/// <summary>Tokens as text while they come: a character is written once all its bytes are there.</summary>
/// <param name="tokenizer">Gives the bytes of a token.</param>
/// <param name="output">Takes UTF-8; what is no UTF-8 becomes U+FFFD.</param>
/// <param name="terminal">Whether a terminal reads it: control characters of the text must not drive that.</param>
internal sealed class TextStream(ITokenizer tokenizer, Stream output, bool terminal)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Decoder decoder = Utf8.GetDecoder();

    /// <summary>Writes a token.</summary>
    public void Add(int token) => Write(tokenizer.Decode([token]), flush: false);

    /// <summary>Writes what is left of a character that was never finished, and a newline.</summary>
    public void End()
    {
        Write([], flush: true);
        output.Write("\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[Utf8.GetMaxCharCount(bytes.Length + 4)];
        string text = new(characters, 0, decoder.GetChars(bytes, characters, flush));
        if (terminal)
            text = string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c));
        if (text.Length > 0)
            output.Write(Utf8.GetBytes(text));
    }
}
