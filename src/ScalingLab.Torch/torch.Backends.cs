using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>Settings of the libraries below.</summary>
    public static class backends
    {
        /// <summary>Of CUDA's libraries.</summary>
        public static class cuda
        {
            /// <summary>Of matrix products.</summary>
            public static class matmul
            {
                /// <summary>Whether products of float32 matrices may round their operands to TF32 (10 bits of significand); off unless set.</summary>
                public static bool allow_tf32
                {
                    get
                    {
                        Engine.EnsureLoaded();
                        NativeMethods.Check(NativeMethods.AllowTf32(out int allowed), "allow_tf32");
                        return allowed != 0;
                    }

                    set
                    {
                        Engine.EnsureLoaded();
                        NativeMethods.Check(NativeMethods.SetAllowTf32(value ? 1 : 0), "allow_tf32");
                    }
                }
            }
        }
    }
}
