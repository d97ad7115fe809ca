using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>Operations inside are not recorded for gradients, until disposed; nests.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    /// <summary>Switches recording for gradients on or off until disposed.</summary>
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>Gradients as values.</summary>
    public static class autograd
    {
        /// <summary>Gradients of the summed outputs by each input; null for an input that does not enter.</summary>
        public static unsafe IList<Tensor?> grad(IList<Tensor> outputs, IList<Tensor> inputs)
        {
            nint* from = stackalloc nint[outputs.Count];
            nint* to = stackalloc nint[inputs.Count];
            nint* found = stackalloc nint[inputs.Count];
            for (int i = 0; i < outputs.Count; i++)
                from[i] = outputs[i].Handle;
            for (int i = 0; i < inputs.Count; i++)
                to[i] = inputs[i].Handle;
            NativeMethods.Check(NativeMethods.AutogradGrad(from, outputs.Count, to, inputs.Count, found), "autograd.grad", [.. outputs, .. inputs]);
            var gradients = new Tensor?[inputs.Count];
            for (int i = 0; i < inputs.Count; i++)
                gradients[i] = found[i] == 0 ? null : Tensor.Own(found[i]);
            return gradients;
        }
    }

    public sealed partial class Tensor
    {
        /// <summary>Whether autograd follows it.</summary>
        public bool requires_grad
        {
            get
            {
                bool follows = NativeMethods.RequiresGrad(Handle) != 0;
                GC.KeepAlive(this);
                return follows;
            }
        }

        /// <summary>The accumulated gradient of a leaf, or null.</summary>
        public Tensor? grad
        {
            get
            {
                NativeMethods.Check(NativeMethods.Grad(Handle, out nint found), "grad", this);
                return found == 0 ? null : Own(found);
            }

            set => NativeMethods.Check(NativeMethods.SetGrad(Handle, value?.Handle ?? 0), "grad", this, value);
        }

        /// <summary>Makes it a leaf whose gradient is accumulated.</summary>
        public Tensor requires_grad_(bool requires_grad = true)
        {
            NativeMethods.Check(NativeMethods.SetRequiresGrad(Handle, requires_grad ? 1 : 0), "requires_grad_", this);
            return this;
        }

        /// <summary>Adds d(this)/d(leaf) to the gradient of every leaf.</summary>
        public void backward() => NativeMethods.Check(NativeMethods.Backward(Handle), "backward", this);
    }

    private sealed class GradMode : IDisposable
    {
        private readonly int before;
        private bool disposed;

        public GradMode(bool on)
        {
            Engine.EnsureLoaded();
            before = NativeMethods.SetGradMode(on ? 1 : 0);
        }

        public void Dispose()
        {
            if (disposed)
                return;
            disposed = true;
            _ = NativeMethods.SetGradMode(before);
        }
    }
}
