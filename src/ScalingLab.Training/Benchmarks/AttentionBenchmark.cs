using System.Diagnostics;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Times causal attention as the trainer does it: from packed queries, keys and values to mixed values, without the linear maps around.</summary>
public static class AttentionBenchmark
{
    /// <summary>Forward FLOPs of the two products, causal mask not exploited: 4·B·T²·C. Backward takes twice that.</summary>
    public static double ForwardFlops(ModelShape shape, int batch) => 4.0 * batch * shape.ContextTokens * shape.ContextTokens * shape.Width;

    /// <summary>Forward with what backward needs kept, and backward.</summary>
    /// <param name="shape">A shape without problems; its layers do not matter.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="kernels">Fused operators or libtorch's one by one.</param>
    /// <param name="seconds">About how long to repeat each.</param>
    /// <param name="device">Where; null for float32 on the CPU.</param>
    /// <remarks>On a GPU each time holds one launch and one wait for the device, some tens of microseconds.</remarks>
    public static (Timings Forward, Timings Backward) Time(ModelShape shape, int batch, KernelChoice kernels, double seconds, BenchDevice? device = null)
    {
        BenchDevice on = device ?? BenchDevice.Cpu;
        Device where = on.Device.ToTorch();
        Action wait = on.Synchronise ?? (() => { });
        using DisposeScope outer = NewDisposeScope();
        using var model = new Gpt(shape with { Layers = 1 }, vocabulary: 2, kernels: kernels, device: where, dtype: on.Products);
        long tokens = shape.ContextTokens, size = batch * tokens * 3 * shape.Width;
        var values = new float[size];
        Randomness.CounterRandom.FillNormal(values, 0, 8, 0, 1);
        Tensor qkv = tensor(values, [batch, tokens, 3 * shape.Width]).On(where).to_type(on.Type).detach().requires_grad_();
        Tensor gradient = tensor(values[..(int)(size / 3)], [batch, tokens, shape.Width]).On(where).to_type(on.Type); // that flows back into the mixed values
        Timings forward = Repeated.Time(seconds, () => Run(out _));
        Timings backward = Repeated.Time(seconds, () =>
        {
            Run(out double second);
            return second;
        });
        return (forward, backward);

        double Run(out double backwardSeconds)
        {
            using DisposeScope scope = NewDisposeScope();
            wait();
            long start = Stopwatch.GetTimestamp();
            Tensor mixed = model.Mix(qkv, batch, tokens);
            wait();
            double forwardSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Tensor loss = (mixed * gradient).sum();
            wait();
            start = Stopwatch.GetTimestamp();
            _ = autograd.grad([loss], [qkv]);
            wait();
            backwardSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return forwardSeconds;
        }
    }
}
