using System.Text;

namespace ScalingLab.Training.Data;

/// <summary>The printable alphabet in which byte-level vocabularies are written: a character a byte.</summary>
/// <remarks>Radford et al. 2019 (GPT-2), encoder.py, bytes_to_unicode: printable Latin-1 stands for itself, the others take U+0100 and on in order.</remarks>
internal static class ByteLevelVocabulary
{
    private static readonly char[] ByteToCharacter = MakeByteToCharacter();
    private static readonly Dictionary<char, byte> CharacterToByte = Enumerable.Range(0, 256).ToDictionary(b => ByteToCharacter[b], b => (byte)b);

    /// <summary>The 256 single bytes, in order.</summary>
    public static IReadOnlyList<byte[]> SingleBytes { get; } = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })];

    /// <summary>Bytes as the alphabet writes them.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte b in bytes) text.Append(ByteToCharacter[b]);
        return text.ToString();
    }

    /// <summary>The bytes of a spelling; null when a character is not in the alphabet.</summary>
    public static byte[]? Read(string spelling)
    {
        byte[] bytes = new byte[spelling.Length];
        for (int i = 0; i < spelling.Length; i++)
            if (!CharacterToByte.TryGetValue(spelling[i], out bytes[i])) return null;
        return bytes;
    }

    private static char[] MakeByteToCharacter()
    {
        var characters = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
            characters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
        return characters;
    }
}
