using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

public sealed class EngineTests
{
    [Fact]
    public void The_random_state_can_be_taken_and_put_back()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(5);
        Tensor state = random.get_rng_state();
        float[] first = randn([16]).data<float>().ToArray();
        float[] next = randn([16]).data<float>().ToArray();
        random.set_rng_state(state);
        Assert.Equal(first, randn([16]).data<float>().ToArray());
        Assert.Equal(next, randn([16]).data<float>().ToArray());
        Assert.NotEqual(first, next);
    }

    [Fact]
    public void Flops_of_products_are_counted_exactly_forward_and_backward()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn([4, 8, 16]);
        Tensor w = randn([32, 16]).requires_grad_();
        Tensor q = randn([6, 5, 7]).requires_grad_();
        FlopCount count = FlopCounter.Count(() =>
        {
            Tensor y = nn.functional.linear(x, w).sum() + q.bmm(q.transpose(1, 2)).sum();
            y.backward();
        });

        // The linear map: 2·32·16·32 forward and as much for dW (x needs no gradient). The batch product: 2·6·5·7·5 and twice that.
        double linear = 2.0 * 32 * 16 * 32, batch = 2.0 * 6 * 5 * 7 * 5;
        Assert.Equal(linear + batch, count.Forward);
        Assert.Equal(linear + (2 * batch), count.Backward);
        Assert.Equal(5, count.Products);
    }

    [Fact]
    public void Counting_ends_also_when_the_work_throws()
    {
        Assert.Throws<InvalidDataException>(() => FlopCounter.Count(() => throw new InvalidDataException()));
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(2.0 * 8, FlopCounter.Count(() => ones([2, 2]).matmul(ones([2, 2]))).Forward);
    }

    [Fact]
    public void Settings_cannot_change_once_the_engine_runs()
    {
        Engine.EnsureLoaded();
        Assert.Throws<InvalidOperationException>(() => Engine.Load(new EngineSettings { Threads = 2 }));
        Assert.Equal(1, get_num_threads());
        Assert.Matches(@"^\d+\.\d+\.\d+", Engine.LibTorchVersion);
    }
}
