using ScalingLab.Core.Configs;

namespace ScalingLab.Core.Models;

/// <summary>Memory that a worker takes at its peak, from above: what bounds the number of workers on a machine.</summary>
public static class StepMemory
{
    private const double BytesPerNumber = 4; // float32
    private const double ProcessBytes = 384e6; // .NET, libtorch, BLAS and the heap's reserve; `bench memory` finds 200 MB before there is a model
    private const double LogitRows = 256; // kPackBlock in native/kernels.h, held for each thread
    private const double Slack = 1.25; // what the allocator cannot reuse between layers

    private const double ContextBytes = 800e6; // of a CUDA process: context, libtorch's kernels, cuBLAS's workspace; an estimate from above, not measured here
    private const double GpuSlack = 1.5; // blocks of the caching allocator that do not fit the next layer; not measured here

    /// <summary>Bytes of device memory for a worker on a GPU.</summary>
    /// <param name="shape">Architecture.</param>
    /// <param name="vocabulary">Token ids.</param>
    /// <param name="batchTokens">Tokens a step.</param>
    /// <param name="attentionMatrices">Whether attention keeps its (T, T) matrices, as the plain composition does; libtorch's one operator does not.</param>
    /// <remarks>The plain composition in float32; with bfloat16 products activations take less, and the rounded weights of a step fit into the rest.</remarks>
    public static double GpuBytes(ModelShape shape, int vocabulary, long batchTokens, bool attentionMatrices)
    {
        double width = shape.Width, hidden = shape.HiddenWidth, gated = shape.Activation == Activation.SwiGlu ? 1 : 0;
        double kept = (22 * width) + (attentionMatrices ? 4.0 * shape.Heads * shape.ContextTokens : 2.0 * shape.Heads) + ((4 + (2 * gated)) * hidden);
        double perToken = (shape.Layers * kept) + (8 * width) + (2 * hidden) + (4.0 * vocabulary);
        return ContextBytes + (GpuSlack * BytesPerNumber * ((4.0 * ParameterCounts.Of(shape, vocabulary).Total) + (batchTokens * perToken)));
    }

    /// <summary>Bytes for a shape, a vocabulary and a batch.</summary>
    /// <param name="shape">Architecture.</param>
    /// <param name="vocabulary">Token ids.</param>
    /// <param name="batchTokens">Tokens a step.</param>
    /// <param name="kernels">What it trains on.</param>
    /// <param name="threads">Threads an operator may use; the workers of a sweep have one.</param>
    /// <remarks>
    /// Values, gradients and both moments of every parameter; what a layer keeps for its backward pass; the gradients of one layer and of
    /// the logits, which exist at a time. The plain composition keeps every intermediate, the (T, T) matrices of attention among them;
    /// the fused one holds the logits of a block of rows a thread, the head's gradient and its weight packed both ways.
    /// </remarks>
    public static double WorkerBytes(ModelShape shape, int vocabulary, long batchTokens, KernelChoice kernels, int threads = 1) =>
        ProcessBytes + (Slack * BytesPerNumber * ((4.0 * ParameterCounts.Of(shape, vocabulary).Total) + NumbersPerStep(shape, vocabulary, batchTokens, kernels, threads)));

    /// <summary>Bytes of a worker that trains several runs of one shape in one step.</summary>
    /// <param name="shape">Shape of each run.</param>
    /// <param name="vocabulary">Its token ids.</param>
    /// <param name="batchTokens">Tokens of its batch.</param>
    /// <param name="runs">E.</param>
    /// <param name="corpusTokens">Training tokens, which lie in memory as four bytes each.</param>
    /// <remarks>A run takes what it takes alone on libtorch's operators, and three numbers a parameter more while the optimizer updates all.</remarks>
    public static double StackBytes(ModelShape shape, int vocabulary, long batchTokens, int runs, long corpusTokens) =>
        ProcessBytes + (BytesPerNumber * corpusTokens) + (runs * StackedRunBytes(shape, vocabulary, batchTokens));

    /// <summary>The same on a GPU: device memory.</summary>
    /// <param name="shape">Shape of each run.</param>
    /// <param name="vocabulary">Its token ids.</param>
    /// <param name="batchTokens">Tokens of its batch.</param>
    /// <param name="runs">E.</param>
    /// <param name="corpusTokens">Training tokens, which lie in the device's memory as four bytes each.</param>
    /// <param name="attentionMatrices">Whether attention keeps its (T, T) matrices.</param>
    public static double GpuStackBytes(ModelShape shape, int vocabulary, long batchTokens, int runs, long corpusTokens, bool attentionMatrices) =>
        ContextBytes + (BytesPerNumber * corpusTokens)
        + (runs * (GpuBytes(shape, vocabulary, batchTokens, attentionMatrices) - ContextBytes + (GpuSlack * BytesPerNumber * 3 * ParameterCounts.Of(shape, vocabulary).Total)));

    private static double StackedRunBytes(ModelShape shape, int vocabulary, long batchTokens) =>
        Slack * BytesPerNumber * ((7.0 * ParameterCounts.Of(shape, vocabulary).Total) + NumbersPerStep(shape, vocabulary, batchTokens, KernelChoice.Reference, threads: 1));

    private static double NumbersPerStep(ModelShape shape, int vocabulary, long batchTokens, KernelChoice kernels, int threads)
    {
        double width = shape.Width, hidden = shape.HiddenWidth, gated = shape.Activation == Activation.SwiGlu ? 1 : 0;
        double kept = kernels != KernelChoice.Reference
            ? (3 * width) + HeadNumbers(shape) + 4 + ((1 + gated) * hidden) // the stream twice, mixed values; two norms' statistics; arguments of the activation
            : (22 * width) + (4.0 * shape.Heads * shape.ContextTokens) + ((4 + (2 * gated)) * hidden);
        double passing = (8 * width) + (2 * hidden); // gradients inside one layer, packed operands
        double logits = kernels != KernelChoice.Reference ? (Math.Min(LogitRows * threads, batchTokens) + (3 * width)) * vocabulary : 4.0 * batchTokens * vocabulary;
        return (batchTokens * ((shape.Layers * kept) + passing)) + logits;
    }

    // What heads keep a token (HeadLayout in native/attention.h): queries, keys, values and log-sums, with QK norm two factors, all in whole vectors.
    private static double HeadNumbers(ModelShape shape)
    {
        const double lanes = 16; // of AVX-512, in float32
        double row = Math.Ceiling(shape.HeadWidth / lanes) * lanes, tokens = Math.Ceiling(shape.ContextTokens / (2 * lanes)) * 2 * lanes;
        return shape.Heads * ((3 * row) + (shape.QkNorm ? 3 : 1)) * tokens / shape.ContextTokens;
    }
}
