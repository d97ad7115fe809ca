using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;

namespace ScalingLab.Training.Data;

/// <summary>Prepares each corpus once: tokens lie in a folder named after what decides them, and later calls only open it.</summary>
/// <remarks>
/// 1. The key is a hash of the corpus's SHA-256, layout, separator, split, tokenizer and <see cref="Version"/>.
/// 2. A lock file keeps other processes from doing the same work; it is freed when its holder dies.
/// 3. The files are made in a temporary folder, flushed to the disk, and the folder is renamed. The name never stands for half a
///    corpus, also where locks do not work (some network disks): there the first to rename wins and the others use its folder.
/// </remarks>
public static class TokenCache
{
    /// <summary>Raise it whenever the same corpus and config would give other tokens.</summary>
    private const int Version = 1;

    /// <summary>The tokens of a corpus, made now or opened.</summary>
    /// <param name="config">Text, tokenizer and split.</param>
    /// <param name="cacheDirectory">Folder for prepared corpora; created when missing.</param>
    /// <param name="configFile">The config file, whose folder relative paths may mean; null for none.</param>
    /// <param name="rebuild">Make them anew though they are there.</param>
    /// <exception cref="UserErrorException">The corpus or the prepared files cannot be used, or the folder cannot be written.</exception>
    public static PreparedCorpus Prepare(CorpusConfig config, string cacheDirectory, string? configFile = null, bool rebuild = false)
    {
        config = CorpusLocation.Resolve(config, configFile);
        string path = config.Path;
        try
        {
            Directory.CreateDirectory(cacheDirectory);
            if (!rebuild && ShaOnRecord(config, cacheDirectory) is { } known)
            {
                string ready = FolderOf(config, known, cacheDirectory);
                if (Directory.Exists(ready)) return Open(ready, known);
            }
            return config.Tokenizer == TokenizerKind.Tokens ? BuildShard(config, cacheDirectory, rebuild) : Build(config, cacheDirectory, rebuild);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Either of the two may be at fault: the exception's own words name the file.
            string code = DiskErrors.Translate(e, cacheDirectory)?.Diagnostics[0].Code ?? "SL0703";
            throw new UserErrorException(ExitCode.Disk, new Diagnostic(code, $"'{path}' could not be prepared in '{cacheDirectory}': {e.Message.TrimEnd('.')}",
                null, "make room or give this user the rights; SCALINGLAB_CACHE names another folder for prepared tokens"), e);
        }
    }

    private static PreparedCorpus Build(CorpusConfig config, string cacheDirectory, bool rebuild)
    {
        var reader = new CorpusReader(config.Path, config.DocumentSeparator);
        (long, long) stamp = File.Exists(config.Path) ? CorpusIndex.Stamp(config.Path) : default; // the reader reports a missing file
        CorpusFacts facts = CorpusFacts.Read(reader);
        facts.RequireTwoDocuments(config.Path);
        return MakeAndOpen(config, facts.Sha256, cacheDirectory, rebuild, folder => CorpusBuild.Into(folder, config, reader, facts), () => CorpusIndex.Record(cacheDirectory, stamp, config.Path, facts.Sha256));
    }

    private static PreparedCorpus BuildShard(CorpusConfig config, string cacheDirectory, bool rebuild)
    {
        var shards = ShardFacts.Read(config);
        return MakeAndOpen(config, shards.Sha256, cacheDirectory, rebuild, folder => ShardBuild.Into(folder, config, shards), () => shards.Record(cacheDirectory));
    }

    private static PreparedCorpus MakeAndOpen(CorpusConfig config, string sha256, string cacheDirectory, bool rebuild, Action<string> build, Action record)
    {
        string folder = FolderOf(config, sha256, cacheDirectory);
        using (BuildLock.Take(folder + ".lock"))
        {
            if (rebuild || !Directory.Exists(folder)) Make(folder, build);
            record();
        }
        return Open(folder, sha256);
    }

    /// <summary>The corpus's SHA-256 when its files are as they were when they were read; else null.</summary>
    private static string? ShaOnRecord(CorpusConfig config, string cacheDirectory)
    {
        string? text = CorpusIndex.Find(cacheDirectory, config.Path);
        if (text is null || config.HeldOutPath is not { } heldOut) return text;
        return CorpusIndex.Find(cacheDirectory, heldOut) is { } other ? ShardFacts.Join(text, other) : null;
    }

    private static void Make(string folder, Action<string> build)
    {
        string suffix = $".{Environment.ProcessId}-{Guid.NewGuid():n}.tmp";
        string temporary = folder + suffix, old = folder + ".old" + suffix;
        try
        {
            Directory.CreateDirectory(temporary);
            RemoveLeftovers(folder, temporary);
            build(temporary);
            // Those who have the old files mapped keep them until they let go.
            if (Directory.Exists(folder)) Directory.Move(folder, old);
            try
            {
                Directory.Move(temporary, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Another process without our lock was first; its bytes are the same.
            }
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        }
    }

    /// <summary>Temporary folders that a killed process left: older by an hour, on the file system's own clock, than the one just made.</summary>
    private static void RemoveLeftovers(string folder, string justMade)
    {
        DateTime old = Directory.GetLastWriteTimeUtc(justMade).AddHours(-1);
        foreach (string leftover in Directory.GetDirectories(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".*.tmp"))
            if (Directory.GetLastWriteTimeUtc(leftover) < old) Directory.Delete(leftover, recursive: true);
    }

    private static PreparedCorpus Open(string folder, string corpusSha256)
    {
        ITokenizer tokenizer = TokenizerJson.Load(Path.Combine(folder, CorpusBuild.TokenizerName));
        TokenFile? train = null;
        try
        {
            train = OpenPart(CorpusBuild.TrainName);
            return new PreparedCorpus(folder, tokenizer, train, OpenPart(CorpusBuild.HeldOutName));
        }
        catch
        {
            train?.Dispose();
            (tokenizer as IDisposable)?.Dispose();
            throw;
        }

        TokenFile OpenPart(string name)
        {
            TokenFile file = TokenFile.Open(Path.Combine(folder, name), tokenizer.Vocabulary);
            if (file.Header.CorpusSha256 == corpusSha256 && file.Header.TokenizerSha256 == tokenizer.Sha256) return file;
            file.Dispose();
            throw TokenFile.Unusable(file.Path, "SL0667", "the tokens are of another corpus or tokenizer");
        }
    }

    private static string FolderOf(CorpusConfig config, string corpusSha256, string cacheDirectory)
    {
        string name = Path.GetFileName(config.Path).Split('.')[0];
        string tokenizer = config.Tokenizer == TokenizerKind.Byte ? "byte" : string.Create(CultureInfo.InvariantCulture, $"{(config.Tokenizer == TokenizerKind.Bpe ? "bpe" : "tokens")}{config.Vocabulary}");
        string[] parts = [Version.ToString(CultureInfo.InvariantCulture), corpusSha256, Path.GetFileName(config.Path), config.DocumentSeparator,
            config.HeldOutFraction.ToString("R", CultureInfo.InvariantCulture), tokenizer];
        if (config.TokenizerFile is { } file) parts = [.. parts, "tokenizer", TokenizerSha256(file)];
        if (config.EndOfDocument is { } end) parts = [.. parts, "end", end.ToString(CultureInfo.InvariantCulture)];
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)));
        return Path.Combine(cacheDirectory, $"{name}-{tokenizer}-{Convert.ToHexStringLower(key.AsSpan(0, 8))}");
    }

    private static string TokenizerSha256(string file) => File.Exists(file)
        ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))
        : throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0650", $"there is no tokenizer file {file}", null, "check corpus.tokenizer_file"));
}
