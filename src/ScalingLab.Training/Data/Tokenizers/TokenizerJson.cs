using System.Text.Encodings.Web;
using System.Text.Json;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Reads tokenizers, and writes this program's as Hugging Face <c>tokenizer.json</c>: model BPE, ByteLevel pieces and decoder, one added token.</summary>
/// <remarks>There the text <c>&lt;|endoftext|&gt;</c> inside a document becomes the special token; here it stays text.</remarks>
public static class TokenizerJson
{
    /// <summary>How the end-of-document token is spelt.</summary>
    public const string EndOfDocument = "<|endoftext|>";

    private const long MostBytes = 64 << 20;

    /// <summary>Reads a tokenizer: one that this program wrote, a byte-level BPE that another made, or nanoGPT's meta.pkl.</summary>
    /// <exception cref="UserErrorException">The file is missing, or of another make; the message says in what.</exception>
    public static ITokenizer Load(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw Unusable(path, "there is no such file");
            if (file.Length > MostBytes) throw Unusable(path, $"{file.Length} bytes are too many for a tokenizer");
            byte[] bytes = File.ReadAllBytes(path);
            if (Path.GetExtension(path) == ".pkl") return CharacterTokenizer.FromPickle(bytes);
            using JsonDocument json = JsonDocument.Parse(bytes);
            return json.RootElement.GetProperty("model").GetProperty("type").GetString() switch
            {
                CharacterTokenizer.ModelType => CharacterTokenizer.Read(json.RootElement.GetProperty("model")),
                NoTokenizer.ModelType => NoTokenizer.Read(json.RootElement.GetProperty("model")),
                _ => ByteLevelJson.Read(json.RootElement, bytes),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw Unusable(path, e.Message.Split('\n')[0].TrimEnd('.'), e);
        }
    }

    /// <summary>The file's bytes.</summary>
    /// <param name="tokens">Bytes of each id but end-of-document, which comes after them.</param>
    /// <param name="merges">Merges by rank.</param>
    /// <param name="splitsWords">Whether text is cut into pieces first.</param>
    internal static byte[] Write(IReadOnlyList<byte[]> tokens, IReadOnlyList<BpeMerge> merges, bool splitsWords)
    {
        var spellings = tokens.Select(t => ByteLevelVocabulary.Spell(t)).ToArray();
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedToken(json, tokens.Count);
            json.WriteNull("normalizer");
            WriteByteLevel(json, "pre_tokenizer", splitsWords);
            json.WriteNull("post_processor");
            WriteByteLevel(json, "decoder", splitsWords);
            WriteModel(json, spellings, merges);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteAddedToken(Utf8JsonWriter json, int id)
    {
        json.WriteStartArray("added_tokens");
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("content", EndOfDocument);
        foreach (string off in (string[])["single_word", "lstrip", "rstrip", "normalized"]) json.WriteBoolean(off, false);
        json.WriteBoolean("special", true);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string name, bool splitsWords)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", splitsWords);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, string[] spellings, IReadOnlyList<BpeMerge> merges)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (string absent in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"]) json.WriteNull(absent);
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < spellings.Length; id++) json.WriteNumber(spellings[id], id);
        json.WriteNumber(EndOfDocument, spellings.Length);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((int left, int right) in merges) json.WriteStringValue(spellings[left] + " " + spellings[right]);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static UserErrorException Unusable(string path, string why, Exception? inner = null) =>
        DataError.In(path, "SL0670", $"this tokenizer cannot be used: {why}", "one that this program made: `scalinglab data prepare CONFIG --rebuild`; another's: a byte-level BPE with GPT-2's pieces", inner);
}
