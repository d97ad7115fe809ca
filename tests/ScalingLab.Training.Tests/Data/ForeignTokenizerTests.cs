using System.Text;
using System.Text.Json.Nodes;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

/// <summary>Tokenizers made elsewhere.</summary>
public sealed class ForeignTokenizerTests
{
    private const string Text = "The man that the hat that he had was that of the man's theatre.\nAnd the cat, the bat. ";

    [Fact]
    public void Ids_are_those_of_the_file_and_merges_those_of_the_plain_encoder()
    {
        BpeTokenizer plain = Trained();
        ITokenizer foreign = Load(Shuffled(plain, out int[] idOf));
        Assert.IsType<ForeignBpeTokenizer>(foreign);
        byte[] text = Encoding.UTF8.GetBytes(Text + "Dès Noël où un zéphyr haï… " + new string('a', 5000));
        List<int> ours = [], theirs = [];
        plain.Encode(text, ours);
        foreign.Encode(text, theirs);
        Assert.Equal(ours.Select(id => idOf[id]), theirs);
        Assert.Equal(text, foreign.Decode([.. theirs]));
        Assert.Equal(text.Length, theirs.Sum(id => foreign.BytesPerToken[id]));
        Assert.Equal((plain.Vocabulary + 1, 1), (foreign.Vocabulary, foreign.EndOfDocument)); // one more special token than ours has
        Assert.Empty(foreign.Decode([0, 1]));
    }

    [Fact]
    public void A_saved_one_loads_to_the_same_bytes()
    {
        ITokenizer foreign = Load(Shuffled(Trained(), out _));
        ITokenizer again = Load(JsonNode.Parse(foreign.ToJson())!.AsObject(), foreign.ToJson());
        Assert.Equal(foreign.Sha256, again.Sha256);
    }

    [Fact]
    public void Two_merges_of_one_spelling_give_one_token()
    {
        // "ab" + "c" and "a" + "bc" spell abc; after either, abc + d must merge.
        JsonObject json = Shuffled(new BpeTokenizer([new('a', 'b'), new('b', 'c'), new(256, 'c')]), out int[] idOf);
        json["model"]!["merges"]!.AsArray().Add("a bc");
        json["model"]!["merges"]!.AsArray().Add("abc d");
        int next = json["model"]!["vocab"]!.AsObject().Max(p => (int)p.Value!) + 1;
        json["model"]!["vocab"]!["abcd"] = next;
        ITokenizer foreign = Load(json);
        List<int> ids = [];
        foreign.Encode("abcd"u8, ids);
        Assert.Equal([next], ids);
        ids.Clear();
        json["model"]!["merges"] = new JsonArray("b c", "a bc", "a b", "ab c", "abc d"); // the other way round
        Load(json).Encode("abcd"u8, ids);
        Assert.Equal([next], ids);
        ids.Clear();
        Load(json).Encode(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("abcd", 60))), ids); // beyond the length that is scanned
        Assert.Equal(Enumerable.Repeat(next, 60), ids);
        Assert.Equal(259, idOf.Length - 1);
    }

    [Theory]
    [InlineData("normalizer", """{"type": "NFC"}""", "its normalizer NFC changes the text")]
    [InlineData("pre_tokenizer", """{"type": "ByteLevel", "add_prefix_space": true}""", "its pre_tokenizer puts a space before the text")]
    [InlineData("pre_tokenizer", """{"type": "Whitespace"}""", "its pre_tokenizer is Whitespace, not ByteLevel")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\p{N}"}, "behavior": "Isolated"}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}""", "its pre_tokenizer cuts text by another expression than GPT-2's")]
    [InlineData("added_tokens", """[{"id": 0, "content": "<pad>", "special": false}]""", "its added token '<pad>' is not special: text would be cut at it")]
    [InlineData("added_tokens", "[]", "it has no special token, and a document needs one to end")]
    [InlineData("model.ignore_merges", "true", "model.ignore_merges is true: whole words come before merges")]
    [InlineData("model.dropout", "0.1", "model.dropout is not 0: ids would be random")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix is '##'")]
    [InlineData("model.type", "\"Unigram\"", "model.type is not BPE")]
    [InlineData("model.vocab", """{"a": 3, "<|endoftext|>": 1}""", "the vocabulary has no 'Ā'")]
    public void What_would_give_other_ids_than_its_maker_is_refused_by_name(string key, string value, string reason)
    {
        JsonObject json = Shuffled(Trained(), out _);
        JsonObject section = key.StartsWith("model.", StringComparison.Ordinal) ? json["model"]!.AsObject() : json;
        section[key.Split('.')[^1]] = JsonNode.Parse(value);
        UserErrorException error = Assert.Throws<UserErrorException>(() => Load(json));
        Assert.Contains($"this tokenizer cannot be used: {reason}", error.Diagnostics[0].Message);
    }

    [Fact]
    public void Gpt2s_pieces_may_be_written_as_a_split()
    {
        JsonObject json = Shuffled(Trained(), out _);
        ITokenizer before = Load(json);
        json["pre_tokenizer"] = JsonNode.Parse("""{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}""");
        List<int> first = [], second = [];
        before.Encode(Encoding.UTF8.GetBytes(Text), first);
        Load(json).Encode(Encoding.UTF8.GetBytes(Text), second);
        Assert.Equal(first, second);
    }

    private static BpeTokenizer Trained()
    {
        var trainer = new BpeTrainer();
        trainer.Add(Encoding.UTF8.GetBytes(Text));
        return trainer.Train(277, "test");
    }

    /// <summary>The same tokenizer as others write it: special tokens first, then ids in another order, merges as pairs.</summary>
    private static JsonObject Shuffled(BpeTokenizer plain, out int[] idOf)
    {
        int count = plain.Vocabulary - 1;
        const int stride = 11; // no divisor of the counts here, so that every id comes once
        idOf = [.. Enumerable.Range(0, count).Select(id => 2 + (id * stride % count)), 1];
        JsonObject json = JsonNode.Parse(plain.ToJson())!.AsObject();
        var vocabulary = new JsonObject { ["<pad>"] = 0, ["<|endoftext|>"] = 1 };
        foreach ((string token, JsonNode? id) in json["model"]!["vocab"]!.AsObject())
            if (token != "<|endoftext|>")
                vocabulary[token] = idOf[(int)id!];
        json["model"]!["vocab"] = vocabulary;
        json["model"]!["merges"] = new JsonArray([.. json["model"]!["merges"]!.AsArray().Select(m => (JsonNode)new JsonArray([.. ((string)m!).Split(' ').Select(p => (JsonNode)p)]))]);
        json["added_tokens"] = JsonNode.Parse("""[{"id": 0, "content": "<pad>", "special": true}, {"id": 1, "content": "<|endoftext|>", "special": true}]""");
        return json;
    }

    private static ITokenizer Load(JsonObject json, byte[]? bytes = null)
    {
        using var folder = new TemporaryFolder();
        return TokenizerJson.Load(folder.File("tokenizer.json", bytes ?? Encoding.UTF8.GetBytes(json.ToJsonString())));
    }
}
