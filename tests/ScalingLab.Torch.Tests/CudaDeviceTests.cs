using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

/// <summary>Devices, memory, streams, generators and graphs on a real GPU.</summary>
[Trait("Needs", "CUDA")]
public sealed class CudaDeviceTests
{
    private static readonly Device Gpu = device("cuda:0");

    [CudaFact]
    public void A_device_tells_what_it_is()
    {
        CudaDevice found = CudaDevice.Get(0);
        Assert.NotEmpty(found.Name);
        Assert.Matches("^[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\\.[0-9]$", found.PciBusId);
        Assert.InRange(found.ComputeCapability.Major, 3, 99);
        Assert.InRange(found.Multiprocessors, 1, 1000);
        (long free, long total) = CudaMemory.FreeOf(0);
        Assert.InRange(free, 1, total);
        Assert.True(CudaDevice.DriverServes >= new Version(11, 0));
        Assert.Throws<TorchException>(() => CudaDevice.Get(cuda.device_count()));
    }

    [CudaFact]
    public void The_allocator_counts_a_tensor_and_forgets_its_peak()
    {
        const long bytes = 4L << 20;
        long before = CudaMemory.Of(0).AllocatedBytes;
        Tensor held = empty([bytes / 4], device: Gpu);
        Assert.InRange(CudaMemory.Of(0).AllocatedBytes - before, bytes, bytes + 4096);
        held.Dispose();
        Assert.Equal(before, CudaMemory.Of(0).AllocatedBytes);
        Assert.True(CudaMemory.Of(0).AllocatedPeakBytes >= before + bytes);
        CudaMemory.ResetPeaks(0);
        Assert.Equal(CudaMemory.Of(0).AllocatedBytes, CudaMemory.Of(0).AllocatedPeakBytes);
    }

    [CudaFact]
    public void A_stream_is_current_only_while_it_is_used_and_another_can_wait_for_it()
    {
        using DisposeScope scope = NewDisposeScope();
        CudaStream side = CudaStream.FromPool(0), before = CudaStream.Current(0);
        Tensor x = zeros([1 << 20], device: Gpu);
        side.WaitFor(before);
        using (side.Use())
        {
            Assert.Equal(side, CudaStream.Current(0));
            for (int i = 0; i < 100; i++)
                x.add_(1);
        }

        Assert.Equal(before, CudaStream.Current(0));
        before.WaitFor(side);
        Assert.Equal(100.0 * (1 << 20), x.sum().ToDouble());
        side.Synchronize();
        Assert.True(side.IsDone);
    }

    [CudaFact]
    public void Events_measure_the_time_of_work()
    {
        using DisposeScope scope = NewDisposeScope();
        CudaStream stream = CudaStream.Current(0);
        Tensor x = ones([1 << 24], device: Gpu);
        using CudaEvent start = new(0), end = new(0);
        start.Record(stream);
        for (int i = 0; i < 50; i++)
            x.mul_(1);
        end.Record(stream);
        end.Synchronize();
        Assert.InRange(end.Since(start).TotalMilliseconds, 0.1, 10_000);
    }

    [CudaFact]
    public void A_replay_does_the_captured_work_on_what_its_inputs_hold_now()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = full([8], 2.0f, device: Gpu), total = zeros([8], device: Gpu);
        using CudaGraph graph = new();
        Capture(graph, () => total.add_(x.mul_(3)));
        x.copy_(full([8], 1.0f));
        total.zero_();
        graph.Replay();
        graph.Replay();
        cuda.synchronize(Gpu);
        Assert.Equal(Enumerable.Repeat(3f + 9f, 8), total.to(CPU).data<float>().ToArray());
    }

    [CudaFact]
    public void A_step_with_gradients_replays_to_what_it_gives_without_a_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(3);
        Tensor data = randn([32, 16]).to(Gpu), start = randn([4, 16]);
        Tensor eager = start.to(Gpu).requires_grad_(), captured = start.to(Gpu).requires_grad_();
        Tensor gradient = zeros([4, 16], device: Gpu);
        for (int i = 0; i < 5; i++)
            Descend(eager, null);
        using CudaGraph graph = new();
        Tensor kept = captured.detach().clone();
        Capture(graph, () => Descend(captured, gradient));
        using (no_grad())
            captured.copy_(kept);
        for (int i = 0; i < 5; i++)
            graph.Replay();
        cuda.synchronize();
        float[] expected = eager.detach().to(CPU).data<float>().ToArray(), found = captured.detach().to(CPU).data<float>().ToArray();
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-5f);
        Assert.NotEqual(kept.to(CPU).data<float>().ToArray(), found);

        void Descend(Tensor weight, Tensor? into)
        {
            using DisposeScope step = NewDisposeScope();
            Tensor loss = nn.functional.linear(data, weight).square().mean();
            Tensor slope = autograd.grad([loss], [weight])[0]!;
            using IDisposable still = no_grad();
            into?.copy_(slope);
            weight.add_(slope, -0.1);
        }
    }

    [CudaFact]
    public void A_step_on_our_own_kernels_replays_to_what_it_gives_without_a_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Null(CudaKernels.Load(0));
        random.manual_seed(4);
        Tensor x = randn([2, 50, 64]).to(Gpu), weight = randn([2, 64]).to(Gpu).requires_grad_(), head = randn([2, 64, 1000]).to(Gpu);
        Tensor targets = tensor([.. Enumerable.Range(0, 100).Select(i => i * 31L % 1000)], [2, 50]).to(Gpu);
        Tensor slope = zeros([2, 64], device: Gpu);
        Slope();
        float[] eager = slope.to(CPU).data<float>().ToArray();
        using CudaGraph graph = new();
        Capture(graph, Slope);
        slope.zero_();
        graph.Replay();
        cuda.synchronize();
        Assert.Equal(eager, slope.to(CPU).data<float>().ToArray());
        Assert.Contains(eager, g => g != 0);

        void Slope()
        {
            using DisposeScope step = NewDisposeScope();
            Tensor normed = CudaOperators.StackedNorm(x, null, weight, null, 1e-5, false).Normed;
            Tensor loss = CudaOperators.CrossEntropyInPlace(CudaOperators.Activation(normed, null, "gelu").bmm(head), targets).sum();
            slope.copy_(autograd.grad([loss], [weight])[0]!);
        }
    }

    [CudaFact]
    public void A_followed_generator_draws_anew_at_each_replay()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(7, Gpu);
        using CudaGraph graph = new();
        Tensor drawn = zeros([64], device: Gpu);
        graph.Follow(generator);
        Capture(graph, () => drawn.copy_(randn([64], device: Gpu, generator: generator)));
        graph.Replay();
        float[] first = drawn.to(CPU).data<float>().ToArray();
        graph.Replay();
        Assert.NotEqual(first, drawn.to(CPU).data<float>().ToArray());
    }

    private static void Capture(CudaGraph graph, Action work)
    {
        using (graph.Stream.Use())
        {
            for (int i = 0; i < 2; i++)
                work();
        }

        graph.Capture(() =>
        {
            using DisposeScope inside = NewDisposeScope();
            work();
        });
    }
}
