using ScalingLab.Planning.Models;

namespace ScalingLab.Planning.Memory;

/// <summary>What may be varied in the search of a layout; null leaves it free.</summary>
public sealed record LayoutLimits
{
    /// <summary>t; free is 1, 2, 4 and 8.</summary>
    public int? Tensor { get; init; }

    /// <summary>p; free is every divisor of the layers.</summary>
    public int? Pipeline { get; init; }

    /// <summary>d; free is as many as needed.</summary>
    public int? Data { get; init; }

    /// <summary>ZeRO stage; free is 0 to 3.</summary>
    public int? Zero { get; init; }

    /// <summary>Devices in all; null for as few as possible.</summary>
    public int? Devices { get; init; }

    /// <summary>b.</summary>
    public int MicroBatch { get; init; } = 1;

    /// <summary>Whether sequence ranks are used.</summary>
    public bool SequenceParallel { get; init; } = true;

    /// <summary>What is recomputed.</summary>
    public Recompute Recompute { get; init; } = Recompute.Selective;

    /// <summary>Devices that are joined closely enough for tensor ranks.</summary>
    public int DevicesPerNode { get; init; } = 8;
}

/// <summary>Finds layouts that fit.</summary>
public static class LayoutSearch
{
    private const int MostCopies = 1 << 20;

    /// <summary>The layout of fewest devices, or of the devices asked for, that fits; of equals the one with less ZeRO, then fewer stages, then fewer tensor ranks. Null when none fits.</summary>
    /// <param name="model">Model.</param>
    /// <param name="usableBytes">Memory of a device that may be filled.</param>
    /// <param name="limits">What is fixed.</param>
    public static Layout? Smallest(ModelSize model, double usableBytes, LayoutLimits limits) => Candidates(model, limits)
        .Select(c => Fitted(model, c, usableBytes, limits)).OfType<Layout>()
        .OrderBy(l => l.Devices).ThenBy(l => l.Zero).ThenBy(l => l.Pipeline).ThenBy(l => l.Tensor).FirstOrDefault();

    /// <summary>The layout of least memory among those allowed, whether it fits or not; null when no layout meets the limits at all.</summary>
    public static Layout? Leanest(ModelSize model, LayoutLimits limits) => Candidates(model, limits)
        .Select(c => c with { Data = limits.Data ?? (limits.Devices is { } k ? k / (c.Tensor * c.Pipeline) : c.Zero == 0 ? 1 : MostCopies) })
        .Where(c => c.Data >= 1 && (limits.Devices is not { } k || c.Devices == k)).MinBy(c => TrainingMemory.Of(model, c).Total);

    private static IEnumerable<Layout> Candidates(ModelSize model, LayoutLimits limits) =>
        from t in limits.Tensor is { } tensor ? [tensor] : new[] { 1, 2, 4, 8, 16, 32, 64 }.Where(t => t <= limits.DevicesPerNode && model.Shape.Heads % t == 0)
        from p in limits.Pipeline is { } pipeline ? [pipeline] : Enumerable.Range(1, model.Shape.Layers).Where(p => model.Shape.Layers % p == 0)
        from zero in limits.Zero is { } stage ? [stage] : Enumerable.Range(0, 4)
        where zero <= 1 || p == 1 || limits.Zero is not null // stages send each gradient and weight once a micro-batch: ZeRO 2 and 3 do not go with pipelines
        select new Layout(t, p, 1, zero, limits.MicroBatch, limits.SequenceParallel && t > 1, limits.Recompute);

    private static Layout? Fitted(ModelSize model, Layout layout, double usable, LayoutLimits limits)
    {
        if ((limits.Data ?? (limits.Devices is { } k && k % (layout.Tensor * layout.Pipeline) == 0 ? k / (layout.Tensor * layout.Pipeline) : (int?)null)) is { } copies)
        {
            var given = layout with { Data = copies };
            return (limits.Devices is null || given.Devices == limits.Devices) && TrainingMemory.Of(model, given).Total <= usable ? given : null;
        }
        if (limits.Devices is not null)
            return null;
        // total(d) = fixed + sharded/d, so that the least d follows from two values.
        double one = TrainingMemory.Of(model, layout).Total, two = TrainingMemory.Of(model, layout with { Data = 2 }).Total;
        double sharded = 2 * (one - two), held = one - sharded;
        double least = one <= usable ? 1 : sharded > 0 && held < usable ? Math.Ceiling(sharded / (usable - held) * (1 - 1e-12)) : double.PositiveInfinity;
        return least <= MostCopies ? layout with { Data = (int)least } : null;
    }
}
