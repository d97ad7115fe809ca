using System.Text;

namespace ScalingLab.Cli;

/// <summary>Standard error that a full disk or a closed pipe cannot turn into a crash: messages get lost, a sweep does not.</summary>
internal sealed class MessageWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Quietly(() => inner.Write(value));

    public override void Write(string? value) => Quietly(() => inner.Write(value));

    public override void WriteLine(string? value) => Quietly(() => inner.WriteLine(value));

    public override void Flush() => Quietly(inner.Flush);

    private static void Quietly(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
