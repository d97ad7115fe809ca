using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>FLOPs that libtorch really dispatched in matrix products, a multiply-add counted as two.</summary>
/// <param name="Forward">Outside autograd nodes.</param>
/// <param name="Backward">Inside autograd nodes.</param>
/// <param name="Products">Number of products.</param>
public sealed record FlopCount(double Forward, double Backward, long Products)
{
    /// <summary>Forward and backward.</summary>
    public double Total => Forward + Backward;
}

/// <summary>Counts by a callback on every dispatched product (at::RecordFunction). Slows a step, so one step is counted and multiplied.</summary>
public static class FlopCounter
{
    /// <summary>Counts what <paramref name="work"/> dispatches on any thread.</summary>
    /// <exception cref="TorchException">Counting is under way already, or a callback failed.</exception>
    public static FlopCount Count(Action work)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.FlopsStart(), "FLOP counter");
        double forward, backward;
        long products;
        int status;
        try
        {
            work();
        }
        finally
        {
            status = NativeMethods.FlopsStop(out forward, out backward, out products);
        }

        NativeMethods.Check(status, "FLOP counter");
        return new FlopCount(forward, backward, products);
    }
}
