namespace ScalingLab.Planning.Memory;

/// <summary>What is recomputed in the backward pass instead of kept.</summary>
public enum Recompute
{
    /// <summary>Nothing: the attention matrices are kept too.</summary>
    None,

    /// <summary>Attention matrices only, as fused attention does by itself.</summary>
    Selective,

    /// <summary>Everything but the input of each layer.</summary>
    Full,
}

/// <summary>How a training run is spread over devices.</summary>
/// <param name="Tensor">t: devices that share each matrix.</param>
/// <param name="Pipeline">p: stages that share the layers.</param>
/// <param name="Data">d: copies that share the batch.</param>
/// <param name="Zero">0: nothing is sharded over the copies; 1: optimizer; 2: and gradients; 3: and weights (Rajbhandari et al. 2020, arXiv:1910.02054).</param>
/// <param name="MicroBatch">b: sequences that a device works on at once.</param>
/// <param name="SequenceParallel">Whether norms and dropouts are split along the sequence, over the same t devices.</param>
/// <param name="Recompute">What is recomputed.</param>
public sealed record Layout(int Tensor, int Pipeline, int Data, int Zero, int MicroBatch = 1, bool SequenceParallel = true, Recompute Recompute = Recompute.Selective)
{
    /// <summary>t·p·d.</summary>
    public long Devices => (long)Tensor * Pipeline * Data;

    /// <summary>In words: TP 8, PP 2, DP 4, ZeRO 1.</summary>
    public override string ToString() => $"TP {Tensor}, PP {Pipeline}, DP {Data}, ZeRO {Zero}, micro-batch {MicroBatch}, {(Recompute == Recompute.None ? "no" : Recompute == Recompute.Full ? "full" : "selective")} recomputation";
}
