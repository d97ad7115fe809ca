using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ScalingLab.Training.Data;

namespace ScalingLab.Cli.Commands;

/// <summary>What the data commands tell: the same rows as aligned text or as one JSON document. The first row is the schema.</summary>
internal static class DataReport
{
    public static IReadOnlyList<(string Key, object Value)> Of(PreparedCorpus corpus) =>
    [
        ("schema", "scalinglab.data-prepare/1"),
        ("folder", corpus.Folder),
        ("corpusSha256", corpus.CorpusSha256),
        ("dataSha256", corpus.DataSha256),
        ("tokenizerSha256", corpus.Tokenizer.Sha256),
        ("vocabulary", corpus.Vocabulary),
        ("trainDocuments", corpus.TrainDocuments),
        ("trainTokens", corpus.TrainTokens),
        ("trainBytes", corpus.TrainBytes),
        ("heldOutDocuments", corpus.HeldOutDocuments),
        ("heldOutTokens", corpus.HeldOutTokens),
        ("heldOutBytes", corpus.HeldOutBytes),
        .. corpus.TrainBytes > 0 ? [("bytesPerToken", Math.Round((double)(corpus.TrainBytes + corpus.HeldOutBytes) / (corpus.TrainTokens + corpus.HeldOutTokens), 4))] : Array.Empty<(string, object)>(),
    ];

    public static IReadOnlyList<(string Key, object Value)> Of(TokenFile file) =>
    [
        ("schema", "scalinglab.data-tokens/1"),
        ("file", file.Path),
        ("tokens", file.Header.Tokens),
        ("vocabulary", file.Header.Vocabulary),
        ("endOfDocument", file.Header.EndOfDocument),
        ("widthBytes", file.Header.BytesPerToken),
        ("documents", file.Header.Documents),
        ("textBytes", file.Header.TextBytes),
        ("payloadSha256", file.Header.PayloadSha256),
        ("corpusSha256", file.Header.CorpusSha256),
        ("tokenizerSha256", file.Header.TokenizerSha256),
    ];

    public static IReadOnlyList<(string Key, object Value)> Of(TokenShard shard, int largestId, long documents) =>
    [
        ("schema", "scalinglab.data-shard/1"),
        ("file", shard.Path),
        ("format", shard.Format switch { ShardFormat.LlmcGpt2 => "llm.c, GPT-2", ShardFormat.LlmcLlama3 => "llm.c, Llama 3", _ => "nanoGPT" }),
        ("tokens", shard.Tokens),
        ("widthBytes", shard.Width),
        ("largestId", largestId),
        .. shard.EndOfDocument is { } end ? [("endOfDocument", end), ("documents", documents)] : Array.Empty<(string, object)>(),
    ];

    public static IReadOnlyList<(string Key, object Value)> Of(string path, CorpusFacts facts, bool[] heldOut) =>
    [
        ("schema", "scalinglab.data-corpus/1"),
        ("file", path),
        ("corpusSha256", facts.Sha256),
        ("fileBytes", facts.FileBytes),
        ("textBytes", facts.TextBytes),
        ("documents", (long)facts.Documents),
        ("trainDocuments", heldOut.LongCount(h => !h)),
        ("heldOutDocuments", heldOut.LongCount(h => h)),
    ];

    public static void Write(TextWriter output, IReadOnlyList<(string Key, object Value)> rows, bool json)
    {
        if (json) output.WriteLine(Json(rows));
        else foreach ((string key, object value) in rows.Skip(1)) output.WriteLine($"{Words(key),-20} {Text(value)}");
    }

    private static string Json(IReadOnlyList<(string Key, object Value)> rows)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach ((string key, object value) in rows)
            {
                if (value is string text) writer.WriteString(key, text);
                else if (value is double real) writer.WriteNumber(key, real);
                else writer.WriteNumber(key, Convert.ToInt64(value, CultureInfo.InvariantCulture));
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Text(object value) => value switch
    {
        int or long => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    /// <summary>heldOutSha256 → held out SHA-256.</summary>
    private static string Words(string key)
    {
        var words = new StringBuilder();
        foreach (char c in key.Replace("Sha256", " SHA-256", StringComparison.Ordinal))
            if (char.IsUpper(c) && words.Length > 0 && char.IsLower(words[^1])) words.Append(' ').Append(char.ToLowerInvariant(c));
            else words.Append(c);
        return words.ToString();
    }
}
