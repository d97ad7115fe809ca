using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_inside_it_and_nothing_else()
    {
        using Tensor before = ones([1]);
        Tensor inside, detached, moved;
        using (DisposeScope outer = NewDisposeScope())
        {
            using (DisposeScope inner = NewDisposeScope())
            {
                inside = ones([1]);
                detached = ones([1]).DetachFromDisposeScope();
                moved = ones([1]).MoveToOuterDisposeScope();
                Assert.Equal(1, inner.DisposablesCount);
            }

            Assert.Throws<ObjectDisposedException>(() => inside.shape);
            Assert.Equal([1L], moved.shape);
        }

        Assert.Throws<ObjectDisposedException>(() => moved.shape);
        Assert.Equal([1L], before.shape);
        Assert.Equal([1L], detached.shape);
        detached.Dispose();
    }

    [Fact]
    public void Scopes_close_innermost_first()
    {
        DisposeScope outer = NewDisposeScope();
        DisposeScope inner = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        outer.Dispose();
    }

    [Fact]
    public void A_loop_of_scoped_steps_does_not_grow_the_process()
    {
        long before = 0;
        for (int step = 0; step < 200; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor big = ones([1 << 20]);
            (big + big).sum().ToDouble();
            if (step == 20)
                before = Environment.WorkingSet;
        }

        // Each step makes 8 MiB; freed memory stays in the process, so growth after warming up is a leak.
        Assert.True(Environment.WorkingSet - before < 64L << 20, $"grew by {(Environment.WorkingSet - before) >> 20} MiB");
    }
}
