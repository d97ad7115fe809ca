using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data.Shards;

/// <summary>Token files of llm.c and nanoGPT, written here by their published layouts.</summary>
public sealed class TokenShardTests : IDisposable
{
    private const int EndOfText = 50256;

    private static readonly int[][] Documents = [.. Enumerable.Range(0, 40).Select(d => Enumerable.Range(0, 5 + (d % 7)).Select(i => (d * 31 + i * 7) % 50000).ToArray())];

    private readonly TemporaryFolder temporary = new();

    private string Cache => Path.Combine(temporary.Path, "cache");

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void A_shard_of_llm_c_is_split_into_whole_documents_each_closed_by_end_of_text()
    {
        using PreparedCorpus corpus = TokenCache.Prepare(Config(Llmc("fineweb.bin")) with { HeldOutFraction = 0.2 }, Cache);
        Assert.Equal((32, 8), (corpus.TrainDocuments, corpus.HeldOutDocuments));
        Assert.Equal((50257, EndOfText), (corpus.Vocabulary, corpus.Tokenizer.EndOfDocument));
        string[] found = [.. Split(corpus.Train), .. Split(corpus.HeldOut)];
        Assert.Equal(Documents.Select(d => string.Join(' ', d)).Order(), found.Order());
        Assert.Equal(Documents.Sum(d => d.Length + 1), corpus.TrainTokens + corpus.HeldOutTokens);
        Assert.Equal(0, corpus.TrainBytes); // nobody knows the text
        corpus.Verify();
    }

    [Fact]
    public void Llama_3_shards_have_wider_tokens_and_another_opening_id()
    {
        byte[] shard = Header(20240801, 7, Documents.Sum(d => d.Length + 1), Documents.SelectMany(d => (int[])[128000, .. d]).SelectMany(BitConverter.GetBytes));
        using PreparedCorpus corpus = TokenCache.Prepare(Config(temporary.File("llama.bin", shard)) with { Vocabulary = 128256 }, Cache);
        Assert.Equal((4, 128000), (corpus.Train.Header.BytesPerToken, corpus.Tokenizer.EndOfDocument));
        Assert.Equal(40, corpus.TrainDocuments + corpus.HeldOutDocuments);
    }

    [Fact]
    public void NanoGpts_pair_of_files_is_taken_as_it_is_with_the_characters_of_meta_pkl()
    {
        string text = "hello there, general\n";
        char[] characters = [.. text.Distinct().Order()];
        string meta = temporary.File("meta.pkl", Pickle(characters));
        string train = temporary.File("train.bin", Raw(text.Select(c => Array.IndexOf(characters, c)))), validation = temporary.File("val.bin", Raw(text[..12].Select(c => Array.IndexOf(characters, c))));
        CorpusConfig config = Config(train) with { HeldOutPath = validation, TokenizerFile = meta, Vocabulary = characters.Length };
        for (int i = 0; i < 2; i++) // made, then opened
        {
            using PreparedCorpus corpus = TokenCache.Prepare(config, Cache);
            Assert.Equal((text.Length, 12, -1), (corpus.TrainTokens, corpus.HeldOutTokens, corpus.Tokenizer.EndOfDocument));
            var ids = new long[text.Length];
            corpus.Train.CopyTokens(0, ids);
            Assert.Equal(text, System.Text.Encoding.UTF8.GetString(corpus.Tokenizer.Decode([.. ids.Select(id => (int)id)])));
            Assert.Equal(text.Length, corpus.TrainBytes);
        }

        File.WriteAllBytes(validation, Raw([0, 1, 2]));
        using PreparedCorpus changed = TokenCache.Prepare(config, Cache);
        Assert.Equal(3, changed.HeldOutTokens);
    }

    [Fact]
    public void NanoGpts_openwebtext_closes_documents_where_llm_c_opens_them_and_the_tokens_are_the_same()
    {
        string nano = temporary.File("owt.bin", Raw(Documents.SelectMany(d => (int[])[.. d, EndOfText])));
        using PreparedCorpus first = TokenCache.Prepare(Config(nano) with { EndOfDocument = EndOfText }, Cache);
        using PreparedCorpus second = TokenCache.Prepare(Config(Llmc("fineweb.bin")), Cache);
        Assert.Equal(second.Train.Header.PayloadSha256, first.Train.Header.PayloadSha256);
        Assert.Equal(second.HeldOut.Header.PayloadSha256, first.HeldOut.Header.PayloadSha256);
    }

    [Fact]
    public void A_document_longer_than_a_piece_of_the_file_stays_one()
    {
        int[] longOne = [.. Enumerable.Range(0, 200_000).Select(i => i % 50000)];
        byte[] shard = Header(20240520, 1, longOne.Length + 4, new[] { EndOfText }.Concat(longOne).Concat([EndOfText, 1, 2]).SelectMany(id => BitConverter.GetBytes((ushort)id)));
        using PreparedCorpus corpus = TokenCache.Prepare(Config(temporary.File("long.bin", shard)), Cache);
        Assert.Equal((1, 1), (corpus.TrainDocuments, corpus.HeldOutDocuments));
        Assert.Equal(200_001 + 3, corpus.TrainTokens + corpus.HeldOutTokens);
    }

    [Theory]
    [InlineData("cut", "SL0662", "need")]
    [InlineData("version", "SL0661", "version is 2; this program reads 1")]
    [InlineData("evaluation", "SL0651", "evaluation file")]
    [InlineData("odd", "SL0668", "no file of uint16")]
    [InlineData("empty", "SL0668", "0 bytes")]
    [InlineData("vocabulary", "SL0666", "not below the vocabulary of 300")]
    [InlineData("no end", "SL0656", "nothing says where a document of this shard ends")]
    [InlineData("one document", "SL0656", "has 1 document between ids 50256")]
    [InlineData("missing", "SL0650", "there is no token shard")]
    [InlineData("missing tokenizer", "SL0650", "there is no tokenizer file")]
    [InlineData("other tokenizer", "SL0671", "has 257 ids, and corpus.vocabulary is 50257")]
    public void What_cannot_be_trained_on_is_told_with_a_way_out(string fault, string code, string message)
    {
        string good = Llmc("good.bin");
        byte[] bytes = File.ReadAllBytes(good);
        string path = fault switch
        {
            "cut" => temporary.File("x.bin", bytes[..^2]),
            "version" => temporary.File("x.bin", [.. bytes[..4], 2, 0, 0, 0, .. bytes[8..]]),
            "evaluation" => temporary.File("x.bin", [.. BitConverter.GetBytes(20240522), .. bytes[4..]]),
            "odd" => temporary.File("x.bin", [1, 2, 3]),
            "empty" => temporary.File("x.bin", []),
            "no end" => temporary.File("x.bin", Raw([1, 2, 3])),
            "one document" => temporary.File("x.bin", Header(20240520, 1, 3, Raw([EndOfText, 1, 2]))),
            "missing" => Path.Combine(temporary.Path, "nowhere.bin"),
            _ => good,
        };
        CorpusConfig config = Config(path) with
        {
            Vocabulary = fault == "vocabulary" ? 300 : 50257,
            TokenizerFile = fault switch { "missing tokenizer" => "nowhere.json", "other tokenizer" => temporary.File("tokenizer.json", new ByteTokenizer().ToJson()), _ => null },
        };
        UserErrorException error = Assert.Throws<UserErrorException>(() => TokenCache.Prepare(config, Cache).Dispose());
        Assert.Equal(code, error.Diagnostics[0].Code);
        Assert.Contains(message, error.Diagnostics[0].Message);
        Assert.NotNull(error.Diagnostics[0].Help);
    }

    [Fact]
    public void Text_goes_through_a_tokenizer_made_elsewhere()
    {
        string tokenizer = temporary.File("tokenizer.json", new ByteTokenizer().ToJson());
        string text = temporary.File("a.txt", "one\n<|endoftext|>\ntwo\n<|endoftext|>\n");
        using PreparedCorpus corpus = TokenCache.Prepare(new CorpusConfig { Path = text, Tokenizer = TokenizerKind.Bpe, TokenizerFile = tokenizer, Vocabulary = 257 }, Cache);
        Assert.Equal(8, corpus.TrainTokens + corpus.HeldOutTokens);
    }

    private static CorpusConfig Config(string path) => new() { Path = path, Tokenizer = TokenizerKind.Tokens, Vocabulary = 50257 };

    private string Llmc(string name) => temporary.File(name, Header(20240520, 1, Documents.Sum(d => d.Length + 1), Raw(Documents.SelectMany(d => (int[])[EndOfText, .. d]))));

    private static byte[] Raw(IEnumerable<int> ids) => [.. ids.SelectMany(id => BitConverter.GetBytes((ushort)id))];

    private static byte[] Header(int magic, int version, int count, IEnumerable<byte> tokens)
    {
        var header = new int[256];
        (header[0], header[1], header[2]) = (magic, version, count);
        return [.. header.SelectMany(BitConverter.GetBytes), .. tokens];
    }

    /// <summary>{"itos": {0: …}} in protocol 4, as Python writes it but for the memo.</summary>
    private static byte[] Pickle(char[] characters) =>
    [
        0x80, 4, (byte)'}', (byte)'(', 0x8C, 4, .. "itos"u8, (byte)'}', (byte)'(',
        .. characters.SelectMany((c, i) => (byte[])[(byte)'K', (byte)i, 0x8C, 1, (byte)c]), (byte)'u', (byte)'u', (byte)'.',
    ];

    private static IEnumerable<string> Split(TokenFile file)
    {
        var ids = new long[file.Count];
        file.CopyTokens(0, ids);
        Assert.Equal(EndOfText, ids[^1]);
        return string.Join(' ', ids).Split($"{EndOfText}", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
