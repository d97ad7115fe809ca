using BenchmarkDotNet.Attributes;
using ScalingLab.Training.Data;

namespace ScalingLab.Bench.Tokenizers;

/// <summary>Training and encoding of byte-level BPE on the committed corpus, 10.8 MB of text, one thread.</summary>
[MemoryDiagnoser]
public class TokenizerBenchmarks
{
    private readonly List<int> _ids = [];
    private List<byte[]> _documents = [];
    private BpeTokenizer _tokenizer = new([]);

    /// <summary>Vocabulary, end-of-document included.</summary>
    [Params(1024, 8192)]
    public int Vocabulary { get; set; }

    /// <summary>Reads the corpus and checks that encoding is exact before anything is timed.</summary>
    [GlobalSetup]
    public void Setup()
    {
        string path = CorpusLocation.Resolve("data/corpora/state-of-the-union/state-of-the-union.txt.gz");
        _documents = [.. new CorpusReader(path, "<|endoftext|>").Documents().Select(d => d.ToArray())];
        _tokenizer = Train();
        foreach (byte[] document in _documents)
        {
            _ids.Clear();
            _tokenizer.Encode(document, _ids);
            if (!_tokenizer.Decode([.. _ids]).AsSpan().SequenceEqual(document)) throw new InvalidOperationException("Decoding does not give the text back.");
        }
    }

    /// <summary>Counts pieces and learns all merges.</summary>
    [Benchmark]
    public BpeTokenizer Train()
    {
        var trainer = new BpeTrainer();
        foreach (byte[] document in _documents) trainer.Add(document);
        return trainer.Train(Vocabulary, "corpus");
    }

    /// <summary>Encodes the corpus with a warm cache of pieces; MB/s = 10.76 / seconds.</summary>
    [Benchmark]
    public int Encode()
    {
        int tokens = 0;
        foreach (byte[] document in _documents)
        {
            _ids.Clear();
            _tokenizer.Encode(document, _ids);
            tokens += _ids.Count;
        }
        return tokens;
    }

    /// <summary>The same from an empty cache.</summary>
    [Benchmark]
    public int EncodeCold()
    {
        using var cold = new BpeTokenizer(_tokenizer.Merges);
        int tokens = 0;
        foreach (byte[] document in _documents)
        {
            _ids.Clear();
            cold.Encode(document, _ids);
            tokens += _ids.Count;
        }
        return tokens;
    }
}
