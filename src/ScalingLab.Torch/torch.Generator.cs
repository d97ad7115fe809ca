using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>A source of random numbers of one device, beside the default one; spelt as TorchSharp's.</summary>
    public sealed class Generator : IDisposable
    {
        /// <summary>A generator that starts from a seed.</summary>
        /// <param name="seed">The seed.</param>
        /// <param name="device">Device of the tensors that are drawn; null for the CPU.</param>
        public Generator(ulong seed = 0, Device? device = null)
        {
            Engine.EnsureLoaded();
            this.device = device ?? CPU;
            NativeMethods.Check(NativeMethods.GeneratorNew(this.device.ToString(), unchecked((long)seed), out GeneratorHandle handle), "Generator");
            Handle = handle;
        }

        /// <summary>Device of the tensors that are drawn.</summary>
        public Device device { get; }

        internal GeneratorHandle Handle { get; }

        /// <summary>Starts anew from a seed.</summary>
        public Generator manual_seed(long seed)
        {
            NativeMethods.Check(NativeMethods.GeneratorSeed(Handle, seed), "Generator.manual_seed");
            return this;
        }

        /// <summary>The state as a tensor of bytes on the CPU.</summary>
        public Tensor get_state()
        {
            NativeMethods.Check(NativeMethods.GeneratorGetState(Handle, out nint state), "Generator.get_state");
            return Tensor.Own(state);
        }

        /// <summary>Puts back a state from <see cref="get_state"/> of a generator of the same kind of device.</summary>
        public void set_state(Tensor value) => NativeMethods.Check(NativeMethods.GeneratorSetState(Handle, value.Handle), "Generator.set_state", value);

        /// <summary>Frees the generator.</summary>
        public void Dispose() => Handle.Dispose();
    }
}
