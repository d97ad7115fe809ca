using System.Security.Cryptography;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Makes tokenizer.json, train.bin and heldout.bin of a corpus: the same bytes on every machine.</summary>
internal static class CorpusBuild
{
    public const string TokenizerName = "tokenizer.json", TrainName = "train.bin", HeldOutName = "heldout.bin";

    /// <summary>Fills an empty folder.</summary>
    /// <param name="config">Tokenizer and split.</param>
    /// <param name="reader">The corpus.</param>
    /// <param name="facts">What its first reading told.</param>
    /// <param name="folder">Where to.</param>
    /// <exception cref="UserErrorException">The text is too small for the vocabulary, or changes while it is read.</exception>
    public static void Into(string folder, CorpusConfig config, CorpusReader reader, CorpusFacts facts)
    {
        bool[] heldOut = HeldOutSplit.HeldOut(facts.DocumentHashes, config.HeldOutFraction);
        ITokenizer tokenizer = config.TokenizerFile is { } file ? Made(file, config)
            : config.Tokenizer == TokenizerKind.Byte ? new ByteTokenizer() : TrainBpe(reader, heldOut, config.Vocabulary);
        using (tokenizer as IDisposable)
        {
            WriteThrough(Path.Combine(folder, TokenizerName), tokenizer.ToJson());
            using var train = new TokenFileWriter(Path.Combine(folder, TrainName), tokenizer, facts.Sha256);
            using var held = new TokenFileWriter(Path.Combine(folder, HeldOutName), tokenizer, facts.Sha256);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            int i = 0;
            foreach (ReadOnlyMemory<byte> document in reader.Documents(hash, null))
            {
                if (i == heldOut.Length) break;
                (heldOut[i++] ? held : train).Add(document.Span);
            }
            if (i != heldOut.Length || Convert.ToHexStringLower(hash.GetHashAndReset()) != facts.Sha256)
                throw DataError.In(reader.Path, "SL0667", "the corpus changed while it was being read", "prepare it again once nothing writes to it");
            train.Publish();
            held.Publish();
        }
    }

    /// <summary>Held-out text plays no part in the merges.</summary>
    private static BpeTokenizer TrainBpe(CorpusReader reader, bool[] heldOut, int vocabulary)
    {
        var trainer = new BpeTrainer();
        int i = 0;
        foreach (ReadOnlyMemory<byte> document in reader.Documents())
            if (i < heldOut.Length && !heldOut[i++]) trainer.Add(document.Span);
        return trainer.Train(vocabulary, reader.Path);
    }

    /// <summary>A tokenizer from its file, when it is of the config's vocabulary.</summary>
    /// <exception cref="UserErrorException">It is not, or cannot be read.</exception>
    public static ITokenizer Made(string file, CorpusConfig config)
    {
        ITokenizer tokenizer = TokenizerJson.Load(file);
        if (tokenizer.Vocabulary != config.TokenizerVocabulary)
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0671", $"{file} has {tokenizer.Vocabulary} ids, and corpus.vocabulary is {config.TokenizerVocabulary}", null, $"set corpus.vocabulary: {tokenizer.Vocabulary}"));
        if (config.Tokenizer == TokenizerKind.Bpe && tokenizer is CharacterTokenizer or NoTokenizer)
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0671", $"{file} is no BPE tokenizer", null, "it goes with tokenizer: tokens, beside the shard that it was made with"));
        return tokenizer;
    }

    /// <summary>Writes a file that is on the disk when this returns.</summary>
    public static void WriteThrough(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
