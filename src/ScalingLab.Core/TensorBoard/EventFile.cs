namespace ScalingLab.Core.TensorBoard;

/// <summary>The content of one TensorBoard event file: scalars by step, and what the hyper-parameter page is told.</summary>
/// <remarks>
/// Messages and field numbers: tensorflow/core/util/event.proto (Event) and tensorflow/core/framework/summary.proto (Summary, SummaryMetadata).
/// Scalars are float32, as the format has them.
/// </remarks>
internal sealed class EventFile
{
    private readonly MemoryStream stream = new();

    /// <param name="start">Wall time of the first record, in seconds since 1970.</param>
    public EventFile(double start) => TfRecord.Write(stream, new ProtoMessage().Add(1, start).Add(3, "brain.Event:2").ToArray());

    /// <summary>One value of one curve.</summary>
    /// <param name="wallTime">Seconds since 1970.</param>
    /// <param name="step">Training step.</param>
    /// <param name="tag">Name of the curve.</param>
    /// <param name="value">May be NaN, which TensorBoard marks.</param>
    public void Scalar(double wallTime, long step, string tag, double value) =>
        Summary(wallTime, step, new ProtoMessage().Add(1, tag).Add(2, (float)value));

    /// <summary>A message of the hyper-parameter plugin, which lives in a tag's metadata beside an empty tensor.</summary>
    public void Plugin(double wallTime, string tag, string plugin, ProtoMessage content)
    {
        const int floatType = 1, emptyDimension = 0;
        ProtoMessage metadata = new ProtoMessage().Add(1, new ProtoMessage().Add(1, plugin).Add(2, content));
        ProtoMessage tensor = new ProtoMessage().Add(1, (long)floatType).Add(2, new ProtoMessage().Add(2, new ProtoMessage().Add(1, (long)emptyDimension)));
        Summary(wallTime, 0, new ProtoMessage().Add(1, tag).Add(9, metadata).Add(8, tensor));
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToArray() => stream.ToArray();

    private void Summary(double wallTime, long step, ProtoMessage value) =>
        TfRecord.Write(stream, new ProtoMessage().Add(1, wallTime).Add(2, step).Add(5, new ProtoMessage().Add(1, value)).ToArray());
}
