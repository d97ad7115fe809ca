using System.Buffers.Binary;
using ScalingLab.Training.Data;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Tokens for timing: any vocabulary, the same on every machine, id k about as common as 1/(k + 1), as words are. Its files go when it is disposed.</summary>
/// <remarks>Uniform ids would spread the embedding's gradient wider than text does. Zipf's law: Zipf 1935; ⌊V^u⌋ − 1 for uniform u has P(k) = ln((k + 2)/(k + 1)) / ln V.</remarks>
public sealed class SyntheticCorpus : IDisposable
{
    private const int Stream = 7; // of random numbers; training takes others
    private const string NoText = "0000000000000000000000000000000000000000000000000000000000000000"; // in place of the hash of a text

    private readonly string folder;

    /// <summary>Writes the tokens below the temporary folder.</summary>
    /// <param name="vocabulary">2 or more.</param>
    /// <param name="tokens">Training tokens, 1 or more; an eighth of them are held out besides.</param>
    public SyntheticCorpus(int vocabulary, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        folder = Directory.CreateTempSubdirectory("scalinglab-bench-").FullName;
        try
        {
            var tokenizer = new NumberedTokens(vocabulary);
            TokenFile train = Write("train.bin", tokenizer, 0, tokens);
            Corpus = new PreparedCorpus(folder, tokenizer, train, Write("heldout.bin", tokenizer, tokens, Math.Max(1, tokens / 8)));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>The tokens.</summary>
    public PreparedCorpus Corpus { get; }

    /// <summary>Closes and removes the files.</summary>
    public void Dispose()
    {
        Corpus.Dispose();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private TokenFile Write(string name, NumberedTokens tokenizer, int first, int count)
    {
        var text = new byte[count * sizeof(int)];
        for (int i = 0; i < count; i++)
        {
            int id = (int)Math.Pow(tokenizer.Vocabulary, CounterRandom.Uniform(0, Stream, first + i)) - 1;
            BinaryPrimitives.WriteInt32LittleEndian(text.AsSpan(i * sizeof(int)), Math.Clamp(id, 0, tokenizer.Vocabulary - 1));
        }

        string path = Path.Combine(folder, name);
        using (var writer = new TokenFileWriter(path, tokenizer, NoText))
        {
            writer.Add(text);
            writer.Publish();
        }

        return TokenFile.Open(path, tokenizer.Vocabulary);
    }
}
