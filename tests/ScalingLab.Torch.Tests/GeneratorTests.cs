using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

public sealed class GeneratorTests
{
    [Fact]
    public void A_generator_draws_what_the_default_one_draws_from_the_same_seed_and_leaves_that_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(11);
        float[] expected = Draw(null);
        random.manual_seed(5);
        float[] next = Draw(null);
        random.manual_seed(5);
        using Generator generator = new(11);
        Assert.Equal(expected, Draw(generator));
        Assert.Equal(next, Draw(null));
    }

    [Fact]
    public void Its_state_can_be_taken_and_put_back()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(ulong.MaxValue);
        Tensor state = generator.get_state();
        float[] first = Draw(generator), second = Draw(generator);
        Assert.NotEqual(first, second);
        generator.set_state(state);
        Assert.Equal(first, Draw(generator));
        Assert.NotEqual(first, Draw(generator.manual_seed(3)));
        Assert.Equal(Draw(generator.manual_seed(3)), Draw(new Generator(3)));
    }

    [Fact]
    public void A_device_that_this_engine_cannot_draw_on_is_refused()
    {
        if (cuda.is_available())
            return;
        Assert.Throws<TorchException>(() => new Generator(1, device("cuda:0")));
    }

    private static float[] Draw(Generator? generator) => randn([16], generator: generator).data<float>().ToArray();
}
