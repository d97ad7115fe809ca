using System.Buffers.Binary;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Who wrote a token shard.</summary>
public enum ShardFormat
{
    /// <summary>llm.c and modded-nanogpt with GPT-2's vocabulary: header, then uint16.</summary>
    LlmcGpt2,

    /// <summary>llm.c with Llama 3's vocabulary: header, then uint32.</summary>
    LlmcLlama3,

    /// <summary>nanoGPT: uint16 without a header.</summary>
    NanoGpt,
}

/// <summary>A file of token ids that another trainer's tools made; what its first bytes and its length say.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Who wrote it.</param>
/// <param name="Tokens">Number of tokens.</param>
/// <remarks>
/// github.com/karpathy/llm.c, dev/data/data_common.py: 256 little-endian int32 (magic 20240520, version 1, count; or 20240801, 7, count), then the
/// tokens, each document opened by an end-of-text id. github.com/karpathy/nanoGPT, data/openwebtext/prepare.py: uint16 alone, each document closed by it.
/// </remarks>
public sealed record TokenShard(string Path, ShardFormat Format, long Tokens)
{
    private const int Gpt2Magic = 20240520, Gpt2Version = 1, Llama3Magic = 20240801, Llama3Version = 7, EvaluationMagic = 20240522;
    private const int LlmcHeaderBytes = 1024, HeadBytes = 12;
    private const int Gpt2EndOfText = 50256, Llama3BeginOfText = 128000;

    /// <summary>Bytes a token.</summary>
    public int Width => Format == ShardFormat.LlmcLlama3 ? 4 : 2;

    /// <summary>Bytes before the tokens.</summary>
    public int HeaderBytes => Format == ShardFormat.NanoGpt ? 0 : LlmcHeaderBytes;

    /// <summary>Id between documents by the format's own rule; null where it has none.</summary>
    public int? EndOfDocument => Format switch { ShardFormat.LlmcGpt2 => Gpt2EndOfText, ShardFormat.LlmcLlama3 => Llama3BeginOfText, _ => null };

    /// <summary>Looks at a file.</summary>
    /// <exception cref="UserErrorException">It is missing, an evaluation file, another format, or of another length than its header says.</exception>
    public static TokenShard Open(string path)
    {
        if (!File.Exists(path))
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0650", $"there is no token shard {path}", null, "check corpus.path and corpus.held_out_path"));
        using FileStream file = File.OpenRead(path);
        var head = new byte[HeadBytes];
        int length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        int magic = length == HeadBytes ? BinaryPrimitives.ReadInt32LittleEndian(head) : 0;
        if (head.AsSpan().StartsWith("SLTOKENS"u8))
            throw DataError.In(path, "SL0651", "this is a token file of this program, not a shard", "name the text or the shard from which it was made");
        return magic switch
        {
            Gpt2Magic => Llmc(ShardFormat.LlmcGpt2, Gpt2Version),
            Llama3Magic => Llmc(ShardFormat.LlmcLlama3, Llama3Version),
            EvaluationMagic => throw DataError.In(path, "SL0651", "this is a llm.c evaluation file", "evaluation files are no training data; give a shard of tokens"),
            _ when file.Length == 0 || file.Length % 2 != 0 => throw DataError.In(path, "SL0668", $"{file.Length} bytes are no file of uint16 tokens", "a shard without a header is nanoGPT's: two bytes a token"),
            _ => new TokenShard(path, ShardFormat.NanoGpt, file.Length / 2),
        };

        TokenShard Llmc(ShardFormat format, int version)
        {
            int found = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4));
            if (found != version)
                throw DataError.In(path, "SL0661", $"the shard's version is {found}; this program reads {version}", "make the shard again with llm.c's present tools");
            var shard = new TokenShard(path, format, BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8)));
            long expected = LlmcHeaderBytes + (shard.Tokens * shard.Width);
            if (shard.Tokens < 1 || file.Length != expected)
                throw DataError.In(path, "SL0662", $"the header's {shard.Tokens} tokens of {shard.Width} bytes need {expected} bytes, {file.Length} are there", "get the file again");
            return shard;
        }
    }

    /// <summary>All ids in order, in pieces; each piece is valid until the next is asked for.</summary>
    /// <exception cref="UserErrorException">An id is not below the vocabulary.</exception>
    /// <param name="vocabulary">Ids must be below this; null to let any pass.</param>
    public IEnumerable<ReadOnlyMemory<int>> Read(int? vocabulary)
    {
        const int piece = 1 << 16;
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        file.Position = HeaderBytes;
        var bytes = new byte[piece * Width];
        var ids = new int[piece];
        for (long at = 0; at < Tokens; at += piece)
        {
            int count = (int)Math.Min(piece, Tokens - at);
            file.ReadExactly(bytes, 0, count * Width);
            for (int i = 0; i < count; i++)
            {
                long id = Width == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * i));
                if (id >= (vocabulary ?? int.MaxValue))
                    throw DataError.In(Path, "SL0666", $"token {at + i} is {id}, not below the vocabulary of {vocabulary}", "set corpus.vocabulary to that of the tokenizer which made the shard (GPT-2: 50257; Llama 3: 128256)");
                ids[i] = (int)id;
            }

            yield return ids.AsMemory(0, count);
        }
    }
}
