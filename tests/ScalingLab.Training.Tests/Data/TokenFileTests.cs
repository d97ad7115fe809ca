using System.Buffers.Binary;
using System.Security.Cryptography;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class TokenFileTests : IDisposable
{
    private static readonly string Corpus = new('0', 64);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Written(params string[] documents)
    {
        string path = Path.Combine(folder.Path, "t.bin");
        using var writer = new TokenFileWriter(path, new ByteTokenizer(), Corpus);
        foreach (string document in documents) writer.Add(System.Text.Encoding.UTF8.GetBytes(document));
        writer.Publish();
        return path;
    }

    private string Changed(string path, Action<byte[]> change, bool mendChecksum = true)
    {
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        if (mendChecksum) SHA256.HashData(bytes.AsSpan(0, 224), bytes.AsSpan(224, 32));
        return folder.File("changed.bin", bytes);
    }

    private static UserErrorException Failure(string path, int? vocabulary = null)
    {
        var error = Assert.Throws<UserErrorException>(() => { using var _ = TokenFile.Open(path, vocabulary); });
        Assert.Equal(ExitCode.CorruptData, error.ExitCode);
        Assert.Contains("scalinglab data prepare", error.Diagnostics[0].Help);
        return error;
    }

    [Fact]
    public void Written_tokens_are_read_back()
    {
        using TokenFile file = TokenFile.Open(Written("ab", "é"), vocabulary: 257);
        var ids = new long[(int)file.Count];
        file.CopyTokens(0, ids);
        Assert.Equal([97, 98, 256, 0xC3, 0xA9, 256], ids);
        Assert.Equal((2, 4, 2), (file.Header.Documents, file.Header.TextBytes, file.Header.BytesPerToken));
        file.Verify();
    }

    [Fact]
    public void Tokens_outside_the_file_are_refused()
    {
        using TokenFile file = TokenFile.Open(Written("ab"));
        foreach ((long start, int length) in ((long, int)[])[(-1, 1), (0, 4), (3, 1), (long.MaxValue, 1), (long.MinValue, 1)])
            Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTokens(start, new long[length]));
        file.CopyTokens(3, []);
    }

    [Fact]
    public void A_disposed_file_is_not_read()
    {
        TokenFile file = TokenFile.Open(Written("ab"));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.CopyTokens(0, new long[1]));
        Assert.Throws<ObjectDisposedException>(file.Verify);
    }

    [Fact]
    public void An_unfinished_file_never_has_the_name()
    {
        string path = Path.Combine(folder.Path, "t.bin");
        using (var writer = new TokenFileWriter(path, new ByteTokenizer(), Corpus)) writer.Add("ab"u8);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_reported_with_the_numbers()
    {
        byte[] whole = File.ReadAllBytes(Written("ab"));
        for (int length = 0; length < whole.Length; length++)
            Assert.Contains(Failure(folder.File("cut.bin", whole.AsSpan(0, length))).Diagnostics[0].Code, (string[])["SL0660", "SL0662"]);
        Assert.Contains("3 tokens of 2 bytes need 262 bytes, 260 are there", Failure(folder.File("cut.bin", whole.AsSpan(0, 260))).Message);
        Assert.Contains("too long", Failure(folder.File("long.bin", [.. whole, 0])).Message);
    }

    [Fact]
    public void Any_changed_byte_of_the_header_is_reported()
    {
        string path = Written("ab");
        for (int at = 0; at < TokenFileHeader.Bytes; at++) Failure(Changed(path, b => b[at] ^= 0x40, mendChecksum: false));
    }

    [Fact]
    public void Random_headers_with_right_checksums_give_typed_errors_or_open()
    {
        string path = Written("ab");
        var random = new Random(5);
        for (int i = 0; i < 1000; i++)
        {
            string changed = Changed(path, b =>
            {
                for (int k = random.Next(1, 6); k > 0; k--) b[random.Next(12, 224)] = (byte)random.Next(256);
            });
            Exception? error = Record.Exception(() => { using var file = TokenFile.Open(changed); });
            Assert.True(error is null or UserErrorException, error?.ToString());
        }
    }

    [Fact]
    public void Other_versions_and_vocabularies_are_reported()
    {
        string path = Written("ab");
        Assert.Equal("SL0661", Failure(Changed(path, b => b[8] = 2)).Diagnostics[0].Code);
        Assert.Contains("vocabulary of 257; 1024 is expected", Failure(path, vocabulary: 1024).Message);
        Assert.Equal("SL0660", Failure(folder.File("text.bin", "some text")).Diagnostics[0].Code);
        Assert.Equal("SL0660", Failure("/nowhere/t.bin").Diagnostics[0].Code);
    }

    [Fact]
    public void A_count_that_overflows_is_refused() =>
        Assert.Equal("SL0665", Failure(Changed(Written("ab"), b => BinaryPrimitives.WriteInt64LittleEndian(b.AsSpan(24), long.MaxValue))).Diagnostics[0].Code);

    [Fact]
    public void A_changed_token_is_found_by_verifying_and_one_beyond_the_vocabulary_by_reading()
    {
        using TokenFile file = TokenFile.Open(Changed(Written("ab"), b => b[257] = 0x7F));
        Assert.Equal("SL0664", Assert.Throws<UserErrorException>(file.Verify).Diagnostics[0].Code);
        Assert.Equal("SL0666", Assert.Throws<UserErrorException>(() => file.CopyTokens(0, new long[3])).Diagnostics[0].Code);
    }

    [Fact]
    public void Large_vocabularies_take_four_bytes_a_token()
    {
        Assert.Equal((2, 4), (TokenFileHeader.WidthFor(65_536), TokenFileHeader.WidthFor(65_537)));
        var header = new TokenFileHeader
        {
            BytesPerToken = 4, Vocabulary = 100_000, EndOfDocument = 99_999, Tokens = 2, TextBytes = 5, Documents = 1,
            PayloadSha256 = Corpus, CorpusSha256 = Corpus, TokenizerSha256 = Corpus,
        };
        using TokenFile file = TokenFile.Open(folder.File("wide.bin", [.. header.ToBytes(), 0x9F, 0x86, 1, 0, 7, 0, 0, 0]));
        Assert.Equal(header, file.Header);
        var ids = new long[2];
        file.CopyTokens(0, ids);
        Assert.Equal([99_999, 7], ids);
    }
}
