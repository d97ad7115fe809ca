using System.Text;
using System.Text.RegularExpressions;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class TokenizerTests
{
    private const string Sample = "The cat's hat isn't on the mat; they'll say 'twas 1,234 cats, we've 5 of them.\n\n  Indented   text\tand tabs \n Über naïve café 東京 こんにちは 👍🏽 – “quoted” e\u0301 x\u00A0y\u2003z ½ Ⅷ \u0085 end  ";
    private static readonly BpeTokenizer Bpe = TrainedOn(Sample + " the hat the mat the cat that sat", 300);

    private static BpeTokenizer TrainedOn(string text, int vocabulary)
    {
        var trainer = new BpeTrainer();
        trainer.Add(Encoding.UTF8.GetBytes(text));
        return trainer.Train(vocabulary, "sample");
    }

    private static List<string> Pieces(string text)
    {
        var pieces = new List<string>();
        foreach (ReadOnlySpan<byte> piece in new PreTokenizer(Encoding.UTF8.GetBytes(text))) pieces.Add(Encoding.UTF8.GetString(piece));
        return pieces;
    }

    private static List<int> Ids(ITokenizer tokenizer, ReadOnlySpan<byte> text)
    {
        var ids = new List<int>();
        tokenizer.Encode(text, ids);
        return ids;
    }

    private static IEnumerable<string> RandomTexts(string alphabet, int count, int length)
    {
        var random = new Random(1);
        Rune[] runes = [.. alphabet.EnumerateRunes()];
        for (int i = 0; i < count; i++) yield return string.Concat(Enumerable.Range(0, random.Next(length)).Select(_ => runes[random.Next(runes.Length)]));
    }

    [Fact]
    public void Pieces_are_those_of_the_gpt2_expression()
    {
        // .NET's \p{L} sees UTF-16 units, so the comparison stays in the basic plane; \s and White_Space agree there.
        var expression = new Regex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant);
        foreach (string text in RandomTexts("  \n\t'''stmdrevlabé東1½Ⅷ.,!–\u00A0\u2003\u0085\u200B", 4000, 24))
            Assert.Equal(expression.Matches(text).Select(m => m.Value), Pieces(text));
    }

    [Fact]
    public void Signs_beyond_the_basic_plane_keep_their_kind() => Assert.Equal(["𝒳𐐀", "𝟙𝟚", " 👍🏽!"], Pieces("𝒳𐐀𝟙𝟚 👍🏽!"));

    [Fact]
    public void Training_is_the_plain_algorithm()
    {
        string text = string.Concat(RandomTexts("ab c", 60, 12));
        Assert.Equal(PlainMerges(text, 40), TrainedOn(text, 257 + 40).Merges);
    }

    [Fact]
    public void Equal_counts_are_merged_in_the_order_of_their_ids() =>
        Assert.Equal([new('a', 'b'), new('c', 'd')], TrainedOn("cd,ab,cd,ab", 259).Merges);

    [Fact]
    public void Encoding_is_the_plain_algorithm_for_short_and_long_pieces()
    {
        var ranks = Bpe.Merges.Select((m, i) => (m, i)).ToDictionary(x => x.m, x => x.i);
        foreach (string text in RandomTexts("thehatcs é", 300, 30).Concat(RandomTexts("thehatcsmé", 30, 400)).Concat(RandomTexts("thehatcsmé", 4, 4000)))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            var plain = new List<int>();
            foreach (ReadOnlySpan<byte> piece in new PreTokenizer(bytes)) plain.AddRange(PlainEncode(piece, ranks));
            Assert.Equal(plain, Ids(Bpe, bytes));
        }
    }

    [Fact]
    public void Decoding_gives_back_any_bytes()
    {
        var random = new Random(2);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            Assert.Equal(bytes, Bpe.Decode([.. Ids(Bpe, bytes)]));
            Assert.Equal(bytes, new ByteTokenizer().Decode([.. Ids(new ByteTokenizer(), bytes)]));
        }
    }

    [Fact]
    public void Decoding_gives_back_unicode_text_and_the_lengths_add_up()
    {
        foreach (string text in RandomTexts(Sample, 300, 200))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            List<int> ids = Ids(Bpe, bytes);
            Assert.Equal(bytes, Bpe.Decode([.. ids]));
            Assert.Equal(bytes.Length, ids.Sum(id => Bpe.BytesPerToken[id]));
        }
    }

    [Fact]
    public void The_separator_within_a_document_is_text()
    {
        List<int> ids = Ids(Bpe, "a<|endoftext|>b"u8);
        Assert.DoesNotContain(Bpe.EndOfDocument, ids);
        Assert.Equal("a<|endoftext|>b"u8.ToArray(), Bpe.Decode([.. ids]));
    }

    [Fact]
    public void A_megabyte_of_one_letter_is_encoded_in_bounded_time()
    {
        byte[] bytes = Enumerable.Repeat((byte)'a', 1_000_000).ToArray();
        BpeTokenizer doubling = new([new('a', 'a'), new(256, 256), new(257, 257)]);
        Assert.Equal(125_000, Ids(doubling, bytes).Count);
    }

    [Fact]
    public void Byte_tokens_are_the_bytes_and_256_ends_a_document()
    {
        var tokenizer = new ByteTokenizer();
        Assert.Equal((257, 256), (tokenizer.Vocabulary, tokenizer.EndOfDocument));
        Assert.Equal([0, 97, 255], Ids(tokenizer, [0, 97, 255]));
        Assert.Equal(0, tokenizer.BytesPerToken[256]);
    }

    [Fact]
    public void A_saved_tokenizer_loads_to_the_same_one()
    {
        using var folder = new TemporaryFolder();
        foreach (ITokenizer tokenizer in (ITokenizer[])[Bpe, new ByteTokenizer()])
        {
            ITokenizer loaded = TokenizerJson.Load(folder.File("tokenizer.json", tokenizer.ToJson()));
            Assert.Equal(tokenizer.GetType(), loaded.GetType());
            Assert.Equal(tokenizer.Sha256, loaded.Sha256);
            Assert.Equal(Ids(tokenizer, Encoding.UTF8.GetBytes(Sample)), Ids(loaded, Encoding.UTF8.GetBytes(Sample)));
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"model": {"type": "WordPiece"}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 97}, "merges": ["a z"]}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 97}, "merges": [7]}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}}""")]
    public void A_tokenizer_of_another_make_is_refused(string json)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("tokenizer.json", json);
        Assert.Equal("SL0670", Assert.Throws<UserErrorException>(() => TokenizerJson.Load(path)).Diagnostics[0].Code);
    }

    [Fact]
    public void A_tokenizer_file_with_any_byte_changed_or_cut_gives_a_typed_error_or_loads()
    {
        using var folder = new TemporaryFolder();
        byte[] json = Bpe.ToJson();
        var random = new Random(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] changed = [.. json];
            changed[random.Next(json.Length)] = (byte)random.Next(256);
            string path = folder.File("tokenizer.json", i % 3 == 0 ? json.AsSpan(0, random.Next(json.Length)) : changed);
            Assert.True(Record.Exception(() => TokenizerJson.Load(path)) is null or UserErrorException);
        }
    }

    [Fact]
    public void Merges_that_double_without_end_are_refused() =>
        Assert.Throws<ArgumentException>(() => new BpeTokenizer([.. Enumerable.Range(0, 60).Select(i => i == 0 ? new BpeMerge('a', 'a') : new BpeMerge(255 + i, 255 + i))]));

    [Fact]
    public void Too_little_text_for_a_vocabulary_is_reported_with_the_largest_that_works()
    {
        var trainer = new BpeTrainer();
        trainer.Add("abc"u8);
        var error = Assert.Throws<UserErrorException>(() => trainer.Train(1024, "tiny.txt"));
        Assert.Contains("at most 259", error.Diagnostics[0].Help);
    }

    /// <summary>Counts all pairs anew for each merge.</summary>
    private static List<BpeMerge> PlainMerges(string text, int count)
    {
        List<int[]> pieces = [.. Pieces(text).Select(p => Encoding.UTF8.GetBytes(p).Select(b => (int)b).ToArray())];
        var spelt = new Dictionary<int, string>();
        string Spell(int id) => spelt.GetValueOrDefault(id) ?? ((char)id).ToString();
        var merges = new List<BpeMerge>();
        while (merges.Count < count)
        {
            BpeMerge best = pieces.SelectMany(p => p.Zip(p.Skip(1), (l, r) => new BpeMerge(l, r)))
                .Where(m => !spelt.ContainsValue(Spell(m.Left) + Spell(m.Right)))
                .GroupBy(m => m).OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Left).ThenBy(g => g.Key.Right).First().Key;
            int merged = 256 + merges.Count;
            spelt[merged] = Spell(best.Left) + Spell(best.Right);
            pieces = [.. pieces.Select(p => ReplaceAll(p, best, merged))];
            merges.Add(best);
        }
        return merges;
    }

    private static int[] PlainEncode(ReadOnlySpan<byte> piece, Dictionary<BpeMerge, int> ranks)
    {
        int[] ids = new int[piece.Length];
        for (int i = 0; i < ids.Length; i++) ids[i] = piece[i];
        while (true)
        {
            BpeMerge[] present = [.. ids.Zip(ids.Skip(1), (l, r) => new BpeMerge(l, r)).Where(ranks.ContainsKey)];
            if (present.Length == 0) return ids;
            BpeMerge lowest = present.MinBy(m => ranks[m]);
            ids = ReplaceAll(ids, lowest, 256 + ranks[lowest]);
        }
    }

    private static int[] ReplaceAll(int[] ids, BpeMerge pair, int merged)
    {
        var replaced = new List<int>();
        for (int i = 0; i < ids.Length; i++)
        {
            bool here = i + 1 < ids.Length && ids[i] == pair.Left && ids[i + 1] == pair.Right;
            replaced.Add(here ? merged : ids[i]);
            if (here) i++;
        }
        return [.. replaced];
    }
}
