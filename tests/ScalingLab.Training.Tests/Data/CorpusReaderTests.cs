using System.IO.Compression;
using System.Text;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class CorpusReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static string[] Read(string path, string separator = "<|endoftext|>") =>
        [.. new CorpusReader(path, separator).Documents().Select(d => Encoding.UTF8.GetString(d.Span))];

    private static byte[] Gzip(ReadOnlySpan<byte> text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(text);
        return compressed.ToArray();
    }

    private UserErrorException Failure(string name, ReadOnlySpan<byte> content)
    {
        string path = folder.File(name, content);
        var error = Assert.Throws<UserErrorException>(() => Read(path));
        Assert.Equal(ExitCode.CorruptData, error.ExitCode);
        Assert.NotNull(error.Diagnostics[0].Help);
        return error;
    }

    [Fact]
    public void The_committed_corpus_is_what_its_readme_says()
    {
        CorpusFacts facts = CorpusFacts.Read(new CorpusReader(CommittedCorpus.Path, "<|endoftext|>"));
        Assert.Equal((CommittedCorpus.Sha256, CommittedCorpus.FileBytes, CommittedCorpus.Documents), (facts.Sha256, facts.FileBytes, facts.Documents));
    }

    [Theory]
    [InlineData("a\n<|endoftext|>\nb\n<|endoftext|>\n")]
    [InlineData("\uFEFFa\r\n<|endoftext|>\r\n\r\nb")]
    [InlineData("<|endoftext|>\n\n<|endoftext|>\na\n\n<|endoftext|>\nb\n<|endoftext|>")]
    public void Separator_lines_end_documents_and_line_breaks_at_the_ends_are_dropped(string text) => Assert.Equal(["a", "b"], Read(folder.File("a.txt", text)));

    [Fact]
    public void A_separator_within_a_line_is_text() => Assert.Equal(["a <|endoftext|>\nb"], Read(folder.File("a.txt", "a <|endoftext|>\nb\n")));

    [Fact]
    public void An_empty_separator_takes_blank_lines() => Assert.Equal(["a\nb", "c"], Read(folder.File("a.txt", "a\nb\n\nc\n"), separator: ""));

    [Fact]
    public void Documents_longer_than_the_read_buffer_come_whole()
    {
        string letters = new('é', 500_000), lines = string.Concat(Enumerable.Repeat("line\n", 200_000)) + "end";
        Assert.Equal([letters, lines], Read(folder.File("a.txt", letters + "\n<|endoftext|>\n" + lines)));
        Assert.Equal([letters, lines], Read(folder.File("a.jsonl", System.Text.Json.JsonSerializer.Serialize(new { text = letters }) + "\n" + System.Text.Json.JsonSerializer.Serialize(new { text = lines }))));
    }

    [Theory]
    [InlineData("a.jsonl", """
        {"id": {"text": "not this"}, "text": "a\u00e9\"\n", "more": [1, {"text": 2}]}
        {"text": "b", "story": "not this"}
        """)]
    [InlineData("a.json", """[{"story": "aé\""}, {"story": "not this", "text": "b"}]""")]
    [InlineData("b.json", """
        {"text": "aé\""}
        {"text": "b"}
        """)]
    [InlineData("c.json", """["aé\"", "b"]""")]
    public void Json_documents_are_read_by_field(string name, string json)
    {
        Assert.Equal(["aé\"", "b"], Read(folder.File(name, json)));
        Assert.Equal(["aé\"", "b"], Read(folder.File(name + ".gz", Gzip(Encoding.UTF8.GetBytes(json)))));
    }

    [Theory]
    [InlineData("""{"text": "a"}{"no": "text"}""", "document 2 has no string field")]
    [InlineData("""{"text": 5}""", "document 1 has no string field")]
    [InlineData("""{"text": "\ud800"}""", "not valid Unicode")]
    [InlineData("17", "document 1 is not a JSON object")]
    [InlineData("{\"text\": \"a\"}\n{\"text\": \"b", "not valid JSON")]
    [InlineData("{\"text\": \"a\"}\n{oops}", "not valid JSON")]
    public void Broken_json_lines_are_reported(string json, string message) =>
        Assert.Contains(message, Failure("a.jsonl", Encoding.UTF8.GetBytes(json)).Message);

    [Fact]
    public void Malformed_json_is_reported_with_its_line_and_column()
    {
        SourceLocation? place = Failure("a.jsonl", "{\"text\": \"a\"}\n{oops}"u8).Diagnostics[0].Location;
        Assert.Equal((2, 2), (place!.Line, place.Column));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_reported_with_their_offset()
    {
        Assert.Contains("byte 24 of the text (0xe9)", Failure("a.txt", [.. "a\n<|endoftext|>\n\ncaf\u00e9 b"u8, 0xE9, (byte)'x']).Message);
        Assert.Contains("byte 3 of the text (0xc3)", Failure("b.txt", [(byte)'a', (byte)'b', (byte)'\n', 0xC3]).Message);
    }

    [Fact]
    public void A_zero_byte_is_reported_as_binary() => Assert.Contains("byte 2 of the text is 0", Failure("a.txt", "ab\0"u8).Message);

    [Theory]
    [InlineData("PAR1xxxx", "Parquet", "duckdb")]
    [InlineData("PK\u0003\u0004", "zip", "unzip")]
    [InlineData("BZh9", "bzip2", "bzip2 -dc")]
    [InlineData("SLTOKENS", "token file", "data inspect")]
    public void Foreign_formats_are_named_with_the_way_out(string start, string format, string help)
    {
        UserErrorException error = Failure("a.txt", Encoding.UTF8.GetBytes(start));
        Assert.Contains(format, error.Message);
        Assert.Contains(help, error.Diagnostics[0].Help);
    }

    [Fact]
    public void Xz_zstd_utf16_and_llmc_are_named_too()
    {
        Assert.Contains("xz", Failure("a.txt.xz", [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]).Message);
        Assert.Contains("zstd", Failure("a.jsonl.zst", [0x28, 0xB5, 0x2F, 0xFD]).Message);
        Assert.Contains("UTF-16", Failure("a.txt", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("ab")).ToArray()).Message);
        Assert.Contains("llm.c", Failure("a.bin", BitConverter.GetBytes(20240520)).Message);
        Assert.Contains("UTF-16", Failure("a.txt.gz", Gzip([0xFF, 0xFE, (byte)'a', 0])).Message);
    }

    [Fact]
    public void Gzip_cut_off_or_changed_anywhere_never_passes_for_whole()
    {
        byte[] whole = Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300).Select(i => $"{i * 7919} "))));
        Assert.Single(Read(folder.File("a.txt.gz", whole)));
        for (int length = 2; length < whole.Length; length += 7)
            Assert.Contains("SL065", Failure("a.txt.gz", whole.AsSpan(0, length)).Diagnostics[0].Code);
        byte[] changed = [.. whole];
        changed[whole.Length / 2] ^= 1;
        Assert.Equal("SL0654", Failure("a.txt.gz", changed).Diagnostics[0].Code);
    }

    [Fact]
    public void Gzip_of_several_members_is_read_through()
    {
        byte[] two = [.. Gzip("a\n<|endoftext|>\n"u8), .. Gzip("b"u8)];
        Assert.Equal(["a", "b"], Read(folder.File("a.txt.gz", two)));
        Assert.Equal("SL0654", Failure("b.txt.gz", two.AsSpan(0, two.Length - 3)).Diagnostics[0].Code);
    }

    [Theory, InlineData("a.txt"), InlineData("a.jsonl"), InlineData("a.json"), InlineData("a.jsonl.gz")]
    public void Files_with_random_bytes_changed_give_documents_or_typed_errors(string name)
    {
        byte[] sound = Encoding.UTF8.GetBytes(name == "a.json"
            ? """[{"text": "a\u00e9b\n", "n": [1, {"x": null}]}, "c", {"story": "d"}]"""
            : "{\"text\": \"a\\u00e9b\", \"n\": [1, {\"x\": null}]}\n<|endoftext|>\n{\"text\": \"é\"}\n");
        if (name.EndsWith(".gz", StringComparison.Ordinal)) sound = Gzip(sound);
        var random = new Random(6);
        for (int i = 0; i < 400; i++)
        {
            byte[] changed = [.. sound];
            for (int k = random.Next(1, 4); k > 0; k--) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            string path = folder.File(name, changed.AsSpan(0, random.Next(3) == 0 ? random.Next(changed.Length) : changed.Length));
            Exception? error = Record.Exception(() => Read(path));
            Assert.True(error is null or UserErrorException, error?.ToString());
        }
    }

    [Fact]
    public void A_missing_file_is_a_mistake_of_the_config() =>
        Assert.Equal(ExitCode.Config, Assert.Throws<UserErrorException>(() => Read("/nowhere/x.txt")).ExitCode);

    [Theory, InlineData("", "empty"), InlineData("\n<|endoftext|>\n", "empty"), InlineData("one", "1 document")]
    public void Fewer_than_two_documents_are_refused(string text, string message)
    {
        string path = folder.File("a.txt", text);
        CorpusFacts facts = CorpusFacts.Read(new CorpusReader(path, "<|endoftext|>"));
        Assert.Contains(message, Assert.Throws<UserErrorException>(() => facts.RequireTwoDocuments(path)).Message);
    }
}
