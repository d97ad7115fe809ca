using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ScalingLab.Training.Data;

/// <summary>One token a character, as nanoGPT's character-level corpora have it: the vocabulary is the characters that occur. No token ends a document.</summary>
/// <remarks>github.com/karpathy/nanoGPT, data/shakespeare_char/prepare.py: meta.pkl is a dictionary of vocab_size, itos and stoi.</remarks>
public sealed class CharacterTokenizer : ITokenizer
{
    internal const string ModelType = "characters";

    private readonly string[] characters;
    private readonly Dictionary<Rune, int> ids = [];
    private readonly int[] lengths;
    private readonly byte[] json;

    /// <summary>A tokenizer of characters by id.</summary>
    /// <exception cref="FormatException">One is no single character, or comes twice.</exception>
    public CharacterTokenizer(IReadOnlyList<string> characters)
    {
        this.characters = [.. characters];
        for (int id = 0; id < characters.Count; id++)
        {
            bool single = Rune.TryGetRuneAt(characters[id] + "\0", 0, out Rune rune) && rune.Utf16SequenceLength == characters[id].Length;
            if (!single || !ids.TryAdd(rune, id)) throw new FormatException($"token {id} is no character of its own");
        }

        lengths = [.. characters.Select(Encoding.UTF8.GetByteCount)];
        var model = new JsonObject { ["type"] = ModelType, ["characters"] = new JsonArray([.. characters.Select(c => (JsonNode)c)]) };
        json = Encoding.UTF8.GetBytes(new JsonObject { ["version"] = "1.0", ["model"] = model }.ToJsonString() + "\n");
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(json));
    }

    /// <inheritdoc/>
    public int Vocabulary => characters.Length;

    /// <summary>−1: there is none.</summary>
    public int EndOfDocument => -1;

    /// <inheritdoc/>
    public ReadOnlySpan<int> BytesPerToken => lengths;

    /// <inheritdoc/>
    public string Sha256 { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A character is not in the vocabulary.</exception>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        foreach (Rune rune in Encoding.UTF8.GetString(text).EnumerateRunes())
            ids.Add(this.ids.TryGetValue(rune, out int id) ? id : throw new ArgumentException($"The vocabulary of {Vocabulary} characters has no '{rune}'."));
    }

    /// <inheritdoc/>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (int id in ids) text.Append(characters[id]);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <inheritdoc/>
    public byte[] ToJson() => [.. json];

    internal static CharacterTokenizer Read(JsonElement model) => new([.. model.GetProperty("characters").EnumerateArray().Select(c => c.GetString() ?? "")]);

    internal static CharacterTokenizer FromPickle(byte[] bytes)
    {
        if (PickleReader.Read(bytes) is not Dictionary<object, object> meta || meta.GetValueOrDefault("itos") is not Dictionary<object, object> characters)
            throw new FormatException("the pickle is no dictionary with 'itos'");
        var byId = new string[characters.Count];
        foreach ((object id, object character) in characters)
        {
            if (id is not long place || place < 0 || place >= byId.Length || character is not string text)
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'itos' does not map 0 to {byId.Length - 1} to characters"));
            byId[place] = text;
        }

        return new CharacterTokenizer(byId);
    }
}
