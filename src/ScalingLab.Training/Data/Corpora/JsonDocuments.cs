using System.Text.Json;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Documents of JSON lines or of a JSON array: the field <c>text</c>, else <c>story</c>, of each object, or strings of an array.</summary>
internal sealed class JsonDocuments
{
    private static readonly byte[][] Fields = ["text"u8.ToArray(), "story"u8.ToArray()];
    private readonly TextWindow _window;
    private readonly string _path;
    private readonly int _depth; // of a document: 0 in JSON lines, 1 in an array
    private JsonReaderState _state = new(new JsonReaderOptions { AllowMultipleValues = true });
    private byte[] _text = new byte[1 << 16];
    private int _textLength = -1; // of the document being read; -1 before its field was seen
    private int _textField = int.MaxValue;
    private int _awaitedField = -1; // field whose value comes next
    private long _documents;

    private JsonDocuments(TextWindow window, string path, CorpusLayout layout)
    {
        _window = window;
        _path = path;
        _depth = layout == CorpusLayout.JsonArray ? 1 : 0;
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
            ReadOnlyMemory<byte> document = TextDocuments.Trim(documents._text.AsMemory(0, documents._textLength));
            documents._textLength = -1;
            documents._textField = int.MaxValue;
            if (document.Length > 0) yield return document;
        }
    }

    /// <summary>Reads on until a document is whole; false at the end.</summary>
    private bool Next()
    {
        while (true)
        {
            bool final = _window.AtEnd;
            var reader = new Utf8JsonReader(_window.Bytes, final, _state);
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
            _window.Drop((int)reader.BytesConsumed);
            _state = reader.CurrentState;
            if (whole) return true;
            if (final) return false;
            _window.Extend();
        }
    }

    private bool Take(ref Utf8JsonReader reader)
    {
        if (_depth == 1 && reader.CurrentDepth == 0)
            return reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray ? false : throw Broken("is no element of a JSON array", null);
        if (reader.CurrentDepth == _depth) return TakeAtDocumentDepth(ref reader);
        if (reader.CurrentDepth != _depth + 1) return false;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            _awaitedField = -1;
            for (int i = 0; i < Fields.Length; i++)
                if (reader.ValueTextEquals(Fields[i])) _awaitedField = i;
        }
        else if (_awaitedField >= 0)
        {
            if (reader.TokenType == JsonTokenType.String && _awaitedField <= _textField) Copy(ref reader, _awaitedField);
            _awaitedField = -1;
        }
        return false;
    }

    private bool TakeAtDocumentDepth(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return false;
            case JsonTokenType.EndObject when _textLength >= 0:
                break;
            case JsonTokenType.EndObject:
                throw Broken("has no string field 'text' or 'story'", null);
            case JsonTokenType.String when _depth == 1:
                Copy(ref reader, 0);
                break;
            default:
                throw Broken("is not a JSON object", null);
        }
        _documents++;
        return true;
    }

    private void Copy(ref Utf8JsonReader reader, int field)
    {
        if (_text.Length < reader.ValueSpan.Length) _text = new byte[reader.ValueSpan.Length * 2L > Array.MaxLength ? Array.MaxLength : reader.ValueSpan.Length * 2];
        _textLength = reader.CopyString(_text);
        _textField = field;
    }

    private static string Reason(JsonException e) => e.Message.Split(" LineNumber:")[0].TrimEnd('.');

    private UserErrorException Malformed(long line, long column, string message, Exception inner) =>
        DataError.At(new SourceLocation(_path, (int)Math.Min(line, int.MaxValue), (int)Math.Min(column, int.MaxValue)), "SL0655", message,
            "a .jsonl file holds one JSON object a line with the field 'text'; a .json file one array of such objects", inner);

    private UserErrorException Broken(string message, Exception? inner) =>
        DataError.In(_path, "SL0655", $"document {_documents + 1} {message}", "each document is a JSON object with its text in the field 'text' or 'story'", inner);
}
