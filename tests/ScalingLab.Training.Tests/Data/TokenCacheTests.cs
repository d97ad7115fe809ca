using System.Diagnostics;
using System.Security.Cryptography;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class TokenCacheTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    private string Cache => Path.Combine(temporary.Path, "cache");

    private CorpusConfig Small(string name = "small.txt") => new()
    {
        Path = temporary.File(name, string.Concat(Enumerable.Range(0, 40).Select(i => $"Document {i} says {i * i * 7919}.\n<|endoftext|>\n"))),
        HeldOutFraction = 0.2,
    };

    private static string Sha256Of(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    [Theory]
    [InlineData(TokenizerKind.Byte, "edf8bb91bb96517849db876ad33710425cb00b6948725fb269df094ee5607338",
        "7d4736cac6a200311333ca9d4b66088e34502c05837db56cc298401ee7c10689", "e1a070a266fefc946b1b6dcef3fc9365e0639a456f959d6c64346d534cf93160")]
    [InlineData(TokenizerKind.Bpe, "ab0eee0a98fc53c0c3686128c405f908a3f976009e99dd05a31f34d82c1c1a8d",
        "c0eb6d9a3b8115d89385c194935fb54026a04d3ecb122f90168eca193bfa0ca7", "91a5d1ebbfbef62034e8bf08a681116c529828a1a4acf28b9f2a7c25fd22e22b")]
    public void Files_of_the_committed_corpus_are_the_same_bytes_everywhere(TokenizerKind kind, string train, string heldOut, string tokenizer)
    {
        using PreparedCorpus corpus = TokenCache.Prepare(kind == TokenizerKind.Byte ? CommittedCorpus.Bytes : CommittedCorpus.Bpe1024, Cache);
        Assert.Equal(CommittedCorpus.Sha256, corpus.CorpusSha256);
        Assert.Equal((221, 12), (corpus.TrainDocuments, corpus.HeldOutDocuments));
        Assert.Equal(kind == TokenizerKind.Byte ? 257 : 1024, corpus.Vocabulary);
        corpus.Verify();
        Assert.Equal((train, heldOut, tokenizer), (Sha256Of(corpus.Train.Path), Sha256Of(corpus.HeldOut.Path), Sha256Of(Path.Combine(corpus.Folder, "tokenizer.json"))));
    }

    [Fact]
    public void Held_out_documents_are_whole_and_each_document_is_on_one_side()
    {
        CorpusConfig config = Small();
        using PreparedCorpus corpus = TokenCache.Prepare(config, Cache);
        static string[] Documents(PreparedCorpus corpus, TokenFile file)
        {
            var ids = new long[file.Count];
            file.CopyTokens(0, ids);
            string text = string.Concat(ids.Select(id => id == corpus.Tokenizer.EndOfDocument ? "\0" : ((char)id).ToString()));
            return text.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        string[] train = Documents(corpus, corpus.Train), heldOut = Documents(corpus, corpus.HeldOut);
        Assert.Equal((32, 8), (train.Length, heldOut.Length));
        Assert.Equal(File.ReadAllText(config.Path).Split("\n<|endoftext|>\n", StringSplitOptions.RemoveEmptyEntries).Order(), train.Concat(heldOut).Order());
    }

    [Fact]
    public void Many_at_once_make_one_folder_that_all_open()
    {
        CorpusConfig config = Small() with { Tokenizer = TokenizerKind.Bpe, Vocabulary = 300 };
        var hashes = new string[8];
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using PreparedCorpus corpus = TokenCache.Prepare(config, Cache, rebuild: i % 4 == 3);
            corpus.Verify();
            hashes[i] = corpus.DataSha256;
        });
        Assert.Single(hashes.Distinct());
        Assert.Equal(2, Directory.GetDirectories(Cache).Length); // the corpus and the index
        Assert.DoesNotContain(Directory.GetFileSystemEntries(Cache, "*", SearchOption.AllDirectories), p => p.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void After_deletion_and_rebuilding_the_files_are_the_same()
    {
        CorpusConfig config = Small();
        string first, folder;
        using (PreparedCorpus corpus = TokenCache.Prepare(config, Cache)) (first, folder) = (corpus.DataSha256, corpus.Folder);
        Directory.Delete(folder, recursive: true);
        using (PreparedCorpus corpus = TokenCache.Prepare(config, Cache)) Assert.Equal(first, corpus.DataSha256);
        Directory.Delete(Cache, recursive: true);
        using (PreparedCorpus corpus = TokenCache.Prepare(config, Cache)) Assert.Equal((first, folder), (corpus.DataSha256, corpus.Folder));
    }

    [Fact]
    public void A_changed_corpus_or_config_is_another_folder()
    {
        CorpusConfig config = Small();
        var folders = new HashSet<string>();
        void Add(CorpusConfig c)
        {
            using PreparedCorpus corpus = TokenCache.Prepare(c, Cache);
            Assert.True(folders.Add(corpus.Folder));
        }
        Add(config);
        Add(config with { HeldOutFraction = 0.3 });
        Add(config with { Tokenizer = TokenizerKind.Bpe, Vocabulary = 280 });
        Add(config with { DocumentSeparator = "" , Path = temporary.File("other.txt", "a\n\nb\n") });
        File.AppendAllText(config.Path, "one more");
        Add(config);
    }

    [Fact]
    public void A_second_call_does_not_read_the_corpus()
    {
        CorpusConfig config = Small();
        TokenCache.Prepare(config, Cache).Dispose();
        DateTime changed = File.GetLastWriteTimeUtc(config.Path);
        File.WriteAllBytes(config.Path, new byte[new FileInfo(config.Path).Length]); // unreadable as text, but size and time are the same
        File.SetLastWriteTimeUtc(config.Path, changed);
        TokenCache.Prepare(config, Cache).Dispose();
    }

    [Theory, InlineData("train.bin"), InlineData("heldout.bin"), InlineData("tokenizer.json")]
    public void Prepared_files_that_were_cut_off_are_reported_and_rebuilding_mends_them(string name)
    {
        CorpusConfig config = Small();
        string folder;
        using (PreparedCorpus corpus = TokenCache.Prepare(config, Cache)) folder = corpus.Folder;
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^2]);
        var error = Assert.Throws<UserErrorException>(() => TokenCache.Prepare(config, Cache));
        Assert.Equal(ExitCode.CorruptData, error.ExitCode);
        Assert.Contains("--rebuild", error.Diagnostics[0].Help);
        using PreparedCorpus mended = TokenCache.Prepare(config, Cache, rebuild: true);
        mended.Verify();
    }

    [Fact]
    public void Folders_that_a_killed_process_left_are_removed_after_an_hour()
    {
        CorpusConfig config = Small();
        string folder;
        using (PreparedCorpus corpus = TokenCache.Prepare(config, Cache)) folder = corpus.Folder;
        string leftover = Directory.CreateDirectory(folder + ".1-old.tmp").FullName, recent = Directory.CreateDirectory(folder + ".1-recent.tmp").FullName;
        Directory.SetLastWriteTimeUtc(leftover, Directory.GetLastWriteTimeUtc(recent).AddHours(-2));
        TokenCache.Prepare(config, Cache, rebuild: true).Dispose();
        Assert.Equal((false, true), (Directory.Exists(leftover), Directory.Exists(recent)));
    }

    [Fact]
    public void A_part_of_another_corpus_is_reported()
    {
        CorpusConfig config = Small();
        PreparedCorpus corpus = TokenCache.Prepare(config, Cache);
        PreparedCorpus other = TokenCache.Prepare(config with { Path = temporary.File("other.txt", "a\n<|endoftext|>\nb\n") }, Cache);
        corpus.Dispose();
        other.Dispose();
        File.Copy(other.HeldOut.Path, corpus.HeldOut.Path, overwrite: true);
        Assert.Equal("SL0667", Assert.Throws<UserErrorException>(() => TokenCache.Prepare(config, Cache)).Diagnostics[0].Code);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_a_disk_error()
    {
        string file = temporary.File("file", "not a folder");
        Assert.Equal(ExitCode.Disk, Assert.Throws<UserErrorException>(() => TokenCache.Prepare(Small(), Path.Combine(file, "cache"))).ExitCode);
    }

    [Fact]
    public void A_corpus_is_found_beside_its_config()
    {
        CorpusConfig config = Small("beside.txt");
        Assert.Equal(config.Path, CorpusLocation.Resolve("beside.txt", Path.Combine(temporary.Path, "sweep.yaml")));
        Assert.Equal("nowhere.txt", CorpusLocation.Resolve("nowhere.txt"));
    }
}
