using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>Opens a scope that frees the tensors made inside it.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>Threads that one operator may use.</summary>
    public static void set_num_threads(int num)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.SetNumThreads(num), "set_num_threads");
    }

    /// <summary>Threads that one operator may use.</summary>
    public static int get_num_threads()
    {
        Engine.EnsureLoaded();
        return NativeMethods.GetNumThreads();
    }

    /// <summary>The global random generator of the CPU.</summary>
    public static class random
    {
        /// <summary>Seeds the generators of all devices.</summary>
        public static void manual_seed(long seed)
        {
            Engine.EnsureLoaded();
            NativeMethods.Check(NativeMethods.ManualSeed(seed), "manual_seed");
        }

        /// <summary>The generator's state as a tensor of bytes.</summary>
        public static Tensor get_rng_state()
        {
            Engine.EnsureLoaded();
            NativeMethods.Check(NativeMethods.GetRngState(out nint state), "get_rng_state");
            return Tensor.Own(state);
        }

        /// <summary>Puts back a state from <see cref="get_rng_state"/>.</summary>
        public static void set_rng_state(Tensor new_state) =>
            NativeMethods.Check(NativeMethods.SetRngState(new_state.Handle), "set_rng_state", new_state);
    }
}
