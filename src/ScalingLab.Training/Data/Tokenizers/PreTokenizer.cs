using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScalingLab.Training.Data;

/// <summary>Cuts text into the pieces within which merges stay: contractions, words, numbers, other signs, white space.</summary>
/// <remarks>
/// Radford et al. 2019 (GPT-2), encoder.py, scanned by hand instead of by its expression
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>; the test compares both.
/// \s is Unicode White_Space, as in Hugging Face's tokenizers. Bytes that are not UTF-8 count as other signs.
/// </remarks>
public ref struct PreTokenizer
{
    private enum Kind : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }

    private static readonly Kind[] Ascii = [.. Enumerable.Range(0, 128).Select(c => KindOf(new Rune(c)))];
    private readonly ReadOnlySpan<byte> text;
    private int end;

    /// <summary>Starts at the beginning of a text.</summary>
    public PreTokenizer(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>The piece found last.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>This, so that <c>foreach</c> takes it.</summary>
    public readonly PreTokenizer GetEnumerator() => this;

    /// <summary>Finds the next piece; false at the end. The pieces together are the text.</summary>
    public bool MoveNext()
    {
        if (end == text.Length) return false;
        int start = end;
        end = EndOfPiece(start);
        Current = text[start..end];
        return true;
    }

    private readonly int EndOfPiece(int start)
    {
        byte first = text[start];
        if (first == '\'' && ContractionLength(text[start..]) is > 0 and int contraction) return start + contraction;
        Kind kind = KindAt(start, out int length);
        int at = start + length;
        if (first == ' ' && at < text.Length && KindAt(at, out int second) is not Kind.Space and Kind following)
        {
            kind = following;
            at += second;
        }
        int previous = start; // start of the run's last sign
        while (at < text.Length && KindAt(at, out length) == kind)
        {
            previous = at;
            at += length;
        }
        // \s+(?!\S): a run of spaces before something else leaves its last one to that.
        return kind == Kind.Space && at < text.Length && previous > start ? previous : at;
    }

    private static int ContractionLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2) return 0;
        if (text[1] is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d') return 2;
        return text.StartsWith("'re"u8) || text.StartsWith("'ve"u8) || text.StartsWith("'ll"u8) ? 3 : 0;
    }

    private readonly Kind KindAt(int at, out int length)
    {
        byte b = text[at];
        if (b < 128)
        {
            length = 1;
            return Ascii[b];
        }
        return Rune.DecodeFromUtf8(text[at..], out Rune rune, out length) == OperationStatus.Done ? KindOf(rune) : Kind.Other;
    }

    private static Kind KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => Kind.Letter, // Lu, Ll, Lt, Lm, Lo
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Other,
    };
}
