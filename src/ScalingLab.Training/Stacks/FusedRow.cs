using ScalingLab.Core.Configs;

namespace ScalingLab.Training.Stacks;

/// <summary>AdamW of one row of a stack in libtorch's one operator: a call for what decays and one for what does not.</summary>
/// <remarks>
/// On CUDA the operator gives each tensor of its lists as many blocks as it has chunks of 65536 numbers, and takes 36 tensors to a launch
/// (libtorch 2.6, ATen/native/cuda/MultiTensorApply.cuh). A flat row of a small model would be the work of a few multiprocessors: so it is given in pieces.
/// </remarks>
internal sealed class FusedRow : IDisposable
{
    private const int MostPieces = 36; // one launch
    private const long LeastPiece = 2048; // four numbers for each of a block's 512 threads

    private readonly AdamConfig config;
    private readonly Part decayed;
    private readonly Part undecayed;

    /// <summary>The row's constants become part of every step that is captured from now on.</summary>
    public FusedRow(StackedParameters parameters, Tensor firstMoments, Tensor secondMoments, int row, AdamConfig config)
    {
        this.config = config;
        Tensor[] all = [parameters.Values, parameters.Gradients, firstMoments, secondMoments];
        decayed = new Part(all, row, 0, parameters.DecayedCount);
        undecayed = new Part(all, row, parameters.DecayedCount, parameters.Count);
    }

    /// <summary>One update.</summary>
    /// <param name="step">Its number from 1, a float32.</param>
    /// <param name="learningRate">Likewise.</param>
    /// <param name="gradientScale">What gradients are divided by, likewise.</param>
    /// <param name="refused">1 to leave all as it is, else 0; likewise.</param>
    public void Step(Tensor step, Tensor learningRate, Tensor gradientScale, Tensor refused)
    {
        Step(decayed, config.WeightDecay);
        Step(undecayed, 0);

        void Step(Part part, double weightDecay)
        {
            if (part.Values.Length > 0)
                FusedAdamW.Step(part.Values, part.Gradients, part.First, part.Second, step, learningRate, config.Beta1, config.Beta2, config.Epsilon, weightDecay, gradientScale, refused);
        }
    }

    /// <summary>Frees the views.</summary>
    public void Dispose()
    {
        decayed.Dispose();
        undecayed.Dispose();
    }

    /// <summary>Where a range of so many numbers is cut: the last of these is its end.</summary>
    internal static IEnumerable<long> Ends(long count)
    {
        long pieces = Math.Clamp(count / LeastPiece, 1, MostPieces);
        long each = ((count / pieces) + 4) / 4 * 4; // in fours, which are loaded together
        for (long at = Math.Min(each, count); count > 0; at = Math.Min(at + each, count))
        {
            yield return at;
            if (at == count)
                yield break;
        }
    }

    private sealed class Part(Tensor[] all, int row, long start, long end) : IDisposable
    {
        public Tensor[] Values { get; } = Pieces(all[0], row, start, end);

        public Tensor[] Gradients { get; } = Pieces(all[1], row, start, end);

        public Tensor[] First { get; } = Pieces(all[2], row, start, end);

        public Tensor[] Second { get; } = Pieces(all[3], row, start, end);

        public void Dispose()
        {
            foreach (Tensor piece in (Tensor[])[.. Values, .. Gradients, .. First, .. Second])
                piece.Dispose();
        }

        private static Tensor[] Pieces(Tensor all, int row, long start, long end)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor flat = all.select(0, row);
            var pieces = new List<Tensor>();
            long from = 0;
            foreach (long to in Ends(end - start))
            {
                pieces.Add(flat.narrow(0, start + from, to - from).DetachFromDisposeScope());
                from = to;
            }

            return [.. pieces];
        }
    }
}
