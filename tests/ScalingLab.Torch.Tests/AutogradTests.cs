using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

public sealed class AutogradTests
{
    [Fact]
    public void Backward_adds_to_the_gradient_of_a_leaf()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new double[] { 3 }, [1]).requires_grad_();
        Assert.Null(x.grad);
        (x * x).sum().backward();
        (x * x).sum().backward();
        Assert.Equal(12.0, x.grad!.ToDouble());
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Gradients_as_values_leave_the_leaves_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new double[] { 2 }, [1]).requires_grad_();
        Tensor unused = tensor(new double[] { 1 }, [1]).requires_grad_();
        IList<Tensor?> found = autograd.grad([(x * x * x).sum()], [x, unused]);
        Assert.Equal(12.0, found[0]!.ToDouble());
        Assert.Null(found[1]);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Nothing_is_recorded_under_no_grad_and_the_former_mode_comes_back()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([1]).requires_grad_();
        using (no_grad())
        {
            Assert.False((x * 2.0).requires_grad);
            using (set_grad_enabled())
                Assert.True((x * 2.0).requires_grad);
            Assert.False((x * 2.0).requires_grad);
        }

        Assert.True((x * 2.0).requires_grad);
    }

    [Fact]
    public void Backward_of_what_needs_no_gradient_is_an_error_that_says_so()
    {
        using DisposeScope scope = NewDisposeScope();
        TorchException error = Assert.Throws<TorchException>(() => ones([1]).backward());
        Assert.Equal("backward", error.Operation);
    }
}
