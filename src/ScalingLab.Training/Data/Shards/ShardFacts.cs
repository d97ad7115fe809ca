using System.Security.Cryptography;
using System.Text;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>The shards of a corpus, looked at and hashed.</summary>
internal sealed class ShardFacts
{
    private readonly List<(string Path, (long, long) Stamp, string Sha256)> files = [];

    private ShardFacts(TokenShard training, TokenShard? heldOut) => (Training, HeldOut) = (training, heldOut);

    /// <summary>What is trained on, and held out of where there is no other.</summary>
    public TokenShard Training { get; }

    /// <summary>What is evaluated on; null to hold out documents of the other.</summary>
    public TokenShard? HeldOut { get; }

    /// <summary>One hash of all files.</summary>
    public string Sha256 => files.Count == 1 ? files[0].Sha256 : Join(files[0].Sha256, files[1].Sha256);

    /// <summary>Opens and hashes the files that a config names.</summary>
    /// <exception cref="UserErrorException">One is missing or of another format.</exception>
    public static ShardFacts Read(CorpusConfig config)
    {
        var facts = new ShardFacts(TokenShard.Open(config.Path), config.HeldOutPath is { } path ? TokenShard.Open(path) : null);
        foreach (TokenShard shard in facts.HeldOut is { } other ? new[] { facts.Training, other } : [facts.Training])
        {
            (long, long) stamp = CorpusIndex.Stamp(shard.Path);
            using FileStream file = File.OpenRead(shard.Path);
            facts.files.Add((shard.Path, stamp, Convert.ToHexStringLower(SHA256.HashData(file))));
        }

        return facts;
    }

    /// <summary>The hash of two files.</summary>
    public static string Join(string training, string heldOut) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{training} {heldOut}")));

    /// <summary>Remembers the hashes, so that unchanged files are not read again.</summary>
    public void Record(string cacheDirectory)
    {
        foreach ((string path, (long, long) stamp, string sha256) in files)
            CorpusIndex.Record(cacheDirectory, stamp, path, sha256);
    }
}
