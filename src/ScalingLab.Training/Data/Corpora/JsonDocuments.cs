using System.Text.Json;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Documents of JSON lines or of a JSON array: the field <c>text</c>, else <c>story</c>, of each object, or strings of an array.</summary>
internal sealed class JsonDocuments
{
    private static readonly byte[][] Fields = ["text"u8.ToArray(), "story"u8.ToArray()];
    private readonly TextWindow window;
    private readonly string path;
    private readonly int depth; // of a document: 0 in JSON lines, 1 in an array
    private JsonReaderState state = new(new JsonReaderOptions { AllowMultipleValues = true });
    private byte[] text = new byte[1 << 16];
    private int textLength = -1; // of the document being read; -1 before its field was seen
    private int textField = int.MaxValue;
    private int awaitedField = -1; // field whose value comes next
    private long documentsRead;

    private JsonDocuments(TextWindow window, string path, CorpusLayout layout)
    {
        this.window = window;
        this.path = path;
        depth = layout == CorpusLayout.JsonArray ? 1 : 0;
    }

    /// <summary>Documents in order; each is valid until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(TextWindow window, string path, CorpusLayout layout)
    {
        var documents = new JsonDocuments(window, path, layout);
        while (window.Bytes.Length < 3 && window.Extend() > 0)
        {
        }
        if (window.Bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) window.Drop(3);
        while (documents.Next())
        {
            ReadOnlyMemory<byte> document = TextDocuments.Trim(documents.text.AsMemory(0, documents.textLength));
            documents.textLength = -1;
            documents.textField = int.MaxValue;
            if (document.Length > 0) yield return document;
        }
    }

    /// <summary>Reads on until a document is whole; false at the end.</summary>
    private bool Next()
    {
        while (true)
        {
            bool final = window.AtEnd;
            var reader = new Utf8JsonReader(window.Bytes, final, state);
            bool whole = false;
            try
            {
                while (!whole && reader.Read()) whole = Take(ref reader);
            }
            catch (JsonException e)
            {
                throw Malformed((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1, "this is not valid JSON: " + Reason(e), e);
            }
            catch (InvalidOperationException e)
            {
                throw Broken("holds text that is not valid Unicode", e);
            }
            window.Drop((int)reader.BytesConsumed);
            state = reader.CurrentState;
            if (whole) return true;
            if (final) return false;
            window.Extend();
        }
    }

    private bool Take(ref Utf8JsonReader reader)
    {
        if (depth == 1 && reader.CurrentDepth == 0)
            return reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray ? false : throw Broken("is no element of a JSON array", null);
        if (reader.CurrentDepth == depth) return TakeAtDocumentDepth(ref reader);
        if (reader.CurrentDepth != depth + 1) return false;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            awaitedField = -1;
            for (int i = 0; i < Fields.Length; i++)
                if (reader.ValueTextEquals(Fields[i])) awaitedField = i;
        }
        else if (awaitedField >= 0)
        {
            if (reader.TokenType == JsonTokenType.String && awaitedField <= textField) Copy(ref reader, awaitedField);
            awaitedField = -1;
        }
        return false;
    }

    private bool TakeAtDocumentDepth(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return false;
            case JsonTokenType.EndObject when textLength >= 0:
                break;
            case JsonTokenType.EndObject:
                throw Broken("has no string field 'text' or 'story'", null);
            case JsonTokenType.String when depth == 1:
                Copy(ref reader, 0);
                break;
            default:
                throw Broken("is not a JSON object", null);
        }
        documentsRead++;
        return true;
    }

    private void Copy(ref Utf8JsonReader reader, int field)
    {
        if (text.Length < reader.ValueSpan.Length) text = new byte[reader.ValueSpan.Length * 2L > Array.MaxLength ? Array.MaxLength : reader.ValueSpan.Length * 2];
        textLength = reader.CopyString(text);
        textField = field;
    }

    private static string Reason(JsonException e) => e.Message.Split(" LineNumber:")[0].TrimEnd('.');

    private UserErrorException Malformed(long line, long column, string message, Exception inner) =>
        DataError.At(new SourceLocation(path, (int)Math.Min(line, int.MaxValue), (int)Math.Min(column, int.MaxValue)), "SL0655", message,
            "a .jsonl file holds one JSON object a line with the field 'text'; a .json file one array of such objects", inner);

    private UserErrorException Broken(string message, Exception? inner) =>
        DataError.In(path, "SL0655", $"document {documentsRead + 1} {message}", "each document is a JSON object with its text in the field 'text' or 'story'", inner);
}
