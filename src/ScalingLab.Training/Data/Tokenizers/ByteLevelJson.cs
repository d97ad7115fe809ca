using System.Text.Json;

namespace ScalingLab.Training.Data;

/// <summary>Reads the byte-level BPE of a <c>tokenizer.json</c>, and refuses what would give other ids than Hugging Face's tokenizers.</summary>
/// <remarks>github.com/huggingface/tokenizers: the fields of a serialised Tokenizer, models::BPE and pre_tokenizers::ByteLevel.</remarks>
internal static class ByteLevelJson
{
    private const string Gpt2Pieces = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const int MostIds = 1 << 20;

    // What models in use call the token that ends a document, the commonest first.
    private static readonly string[] EndNames = [TokenizerJson.EndOfDocument, "<|end_of_text|>", "</s>", "<eos>", "<|eos|>", "[EOS]", "<EOS>"];

    /// <summary>The tokenizer of a file.</summary>
    /// <exception cref="FormatException">It is another kind of tokenizer.</exception>
    public static ITokenizer Read(JsonElement root, byte[] json)
    {
        JsonElement model = root.GetProperty("model");
        Require(Text(model, "type") == "BPE", "model.type is not BPE");
        Require(IsAbsent(root, "normalizer"), $"its normalizer {Type(root, "normalizer")} changes the text");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            Require(Text(model, affix) is null or "", $"model.{affix} is '{Text(model, affix)}'");
        Require(!Truth(model, "ignore_merges", ifAbsent: false), "model.ignore_merges is true: whole words come before merges");
        Require(IsAbsent(model, "dropout") || model.GetProperty("dropout").GetDouble() == 0, "model.dropout is not 0: ids would be random");
        bool splitsWords = SplitsWords(root.GetProperty("pre_tokenizer"));

        var ids = new Dictionary<string, int>();
        foreach (JsonProperty token in model.GetProperty("vocab").EnumerateObject())
        {
            int id = token.Value.GetInt32();
            Require(id is >= 0 and < MostIds, $"the id {id} of '{token.Name}' is not within 0 to {MostIds - 1}");
            ids.Add(token.Name, id);
        }

        List<(string Left, string Right)> merges = [.. model.GetProperty("merges").EnumerateArray().Select(Pair)];
        Dictionary<string, int> special = Special(root, ids);
        if (Own(ids, merges, splitsWords, special) is { } own) return own;
        Require(splitsWords, "its pre_tokenizer does not cut text into words");
        Require(special.Count > 0, "it has no special token, and a document needs one to end");
        string? end = EndNames.FirstOrDefault(special.ContainsKey) ?? (special.Count == 1 ? special.Keys.Single() : null);
        Require(end is not null, $"none of its special tokens ({string.Join(", ", special.Keys.Take(8))}) is known to end a document");
        return new ForeignBpeTokenizer(ids, merges, special, end!, json);
    }

    /// <summary>This program's own layout: bytes are ids 0 to 255, then one id a merge, end-of-document last.</summary>
    private static ITokenizer? Own(Dictionary<string, int> ids, List<(string Left, string Right)> merges, bool splitsWords, Dictionary<string, int> special)
    {
        if (special.Count != 1 || special.GetValueOrDefault(TokenizerJson.EndOfDocument, -1) != ids.Count - 1 || ids.Count != 257 + merges.Count) return null;
        for (int b = 0; b < 256; b++)
            if (ids.GetValueOrDefault(ByteLevelVocabulary.Spell([(byte)b]), -1) != b) return null;
        for (int rank = 0; rank < merges.Count; rank++)
            if (ids.GetValueOrDefault(merges[rank].Left + merges[rank].Right, -1) != 256 + rank) return null;
        return splitsWords ? new BpeTokenizer([.. merges.Select(m => new BpeMerge(ids[m.Left], ids[m.Right]))]) : merges.Count == 0 ? new ByteTokenizer() : null;
    }

    /// <summary>Whether the pieces are GPT-2's; false for the whole text as one piece.</summary>
    private static bool SplitsWords(JsonElement pieces)
    {
        JsonElement[] parts = Text(pieces, "type") == "Sequence" ? [.. pieces.GetProperty("pretokenizers").EnumerateArray()] : [pieces];
        JsonElement last = parts[^1];
        Require(Text(last, "type") == "ByteLevel", $"its pre_tokenizer is {Text(pieces, "type")}, not ByteLevel");
        Require(!Truth(last, "add_prefix_space", ifAbsent: true), "its pre_tokenizer puts a space before the text");
        bool splits = Truth(last, "use_regex", ifAbsent: true);
        if (parts.Length == 1) return splits;
        bool gpt2 = parts.Length == 2 && !splits && Text(parts[0], "type") == "Split" && parts[0].GetProperty("pattern").TryGetProperty("Regex", out JsonElement regex)
            && regex.GetString() == Gpt2Pieces && Text(parts[0], "behavior") == "Isolated" && !Truth(parts[0], "invert", ifAbsent: false);
        Require(gpt2, "its pre_tokenizer cuts text by another expression than GPT-2's");
        return true;
    }

    private static Dictionary<string, int> Special(JsonElement root, Dictionary<string, int> vocabulary)
    {
        var special = new Dictionary<string, int>();
        if (IsAbsent(root, "added_tokens")) return special;
        foreach (JsonElement token in root.GetProperty("added_tokens").EnumerateArray())
        {
            string content = Text(token, "content") ?? "";
            int id = token.GetProperty("id").GetInt32();
            Require(id is >= 0 and < MostIds, $"the id {id} of '{content}' is not within 0 to {MostIds - 1}");
            Require(Truth(token, "special", ifAbsent: false), $"its added token '{content}' is not special: text would be cut at it");
            Require(vocabulary.GetValueOrDefault(content, id) == id, $"'{content}' has two ids");
            special[content] = id;
        }
        return special;
    }

    // Files of older programs write "a b", newer ones ["a", "b"].
    private static (string, string) Pair(JsonElement merge)
    {
        string[] parts = merge.ValueKind == JsonValueKind.String ? merge.GetString()!.Split(' ') : [.. merge.EnumerateArray().Select(e => e.GetString() ?? "")];
        Require(parts.Length == 2, "a merge has not two parts");
        return (parts[0], parts[1]);
    }

    private static bool IsAbsent(JsonElement node, string name) => !node.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null;

    private static string? Text(JsonElement node, string name) => IsAbsent(node, name) ? null : node.GetProperty(name).GetString();

    private static string? Type(JsonElement node, string name) => IsAbsent(node, name) ? null : Text(node.GetProperty(name), "type");

    private static bool Truth(JsonElement node, string name, bool ifAbsent) => IsAbsent(node, name) ? ifAbsent : node.GetProperty(name).GetBoolean();

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new FormatException(otherwise);
    }
}
