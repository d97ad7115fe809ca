namespace ScalingLab.Planning.TestTime;

/// <summary>Exchange of training compute for test-time compute.</summary>
public static class Exchange
{
    /// <summary>By how much a model may multiply its inference compute and cost no more in all than one M times its size: M + 3·(M − 1)/R.</summary>
    /// <param name="larger">M, 1 or more: parameters of the larger model over those of the smaller, both trained on the same tokens.</param>
    /// <param name="inferenceOverTraining">R = D_inference/D_pretraining, tokens, above 0.</param>
    /// <remarks>
    /// Snell et al. 2024, arXiv:2408.03314, Sec. 7. Training costs 6·N·D_pre and inference 2·N·D_inf, so M·(6·N·D_pre + 2·N·D_inf) = 6·N·D_pre + x·2·N·D_inf;
    /// the 3 is 6/2.
    /// </remarks>
    public static double InferenceMultiple(double larger, double inferenceOverTraining) => larger + 3 * (larger - 1) / inferenceOverTraining;
}
