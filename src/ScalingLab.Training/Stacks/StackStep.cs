namespace ScalingLab.Training.Stacks;

/// <summary>Losses and gradient norms of some steps of a stack, as the device told them.</summary>
/// <param name="Losses">(steps, E), row by row.</param>
/// <param name="Norms">(steps, E), row by row.</param>
public sealed record StackReadings(double[] Losses, double[] Norms);

/// <summary>One training step of a stack in a form that can be captured: gather, forward, backward, clip, update, for all runs at once.</summary>
/// <remarks>
/// 1. Before some steps the host writes their numbers into tables: starts of sequences, factors of the optimizer, who takes part.
/// 2. A counter on the device says which row of the tables a step is; the step itself moves it on.
/// 3. Each step leaves losses and norms in its row of a ring, which the host reads after the last: no step waits for the host.
/// A run whose loss or norm is not finite takes part no longer, from that step on.
/// </remarks>
public sealed class StackStep : IDisposable
{
    private readonly StackedGpt model;
    private readonly StackedAdamW optimizer;
    private readonly ResidentTokens corpus;
    private readonly IStepGraph graph;
    private readonly int rows;
    private readonly int sequences;
    private readonly int mostSteps;
    private readonly Tensor starts; // (k, E·B)
    private readonly Tensor factors; // (k, E, Factors)
    private readonly Tensor takesPart; // (E)
    private readonly Tensor counter; // (1)
    private readonly Tensor losses; // (k, E)
    private readonly Tensor norms; // (k, E)

    /// <summary>Makes tables and ring, runs the step for warm-up with nobody taking part, and captures it.</summary>
    /// <param name="model">The models.</param>
    /// <param name="optimizer">Their optimizer.</param>
    /// <param name="corpus">Training tokens.</param>
    /// <param name="sequences">B of each run.</param>
    /// <param name="mostSteps">k: steps between two readings at most.</param>
    /// <param name="graph">Takes the step in; freed with this.</param>
    /// <param name="device">Where all this lives; null for the CPU.</param>
    public StackStep(StackedGpt model, StackedAdamW optimizer, ResidentTokens corpus, int sequences, int mostSteps, IStepGraph graph, Device? device = null)
    {
        (this.model, this.optimizer, this.corpus, this.graph) = (model, optimizer, corpus, graph);
        (this.sequences, this.mostSteps) = (sequences, mostSteps);
        rows = model.Parameters.Rows;
        ScalarType type = model.Parameters.Values.dtype;
        starts = zeros([mostSteps, rows * sequences], ScalarType.Int64, device).DetachFromDisposeScope();
        factors = ones([mostSteps, rows, StackedAdamW.Factors], type, device).DetachFromDisposeScope();
        takesPart = zeros([rows], ScalarType.Bool, device).DetachFromDisposeScope();
        counter = zeros([1], ScalarType.Int64, device).DetachFromDisposeScope();
        losses = zeros([mostSteps, rows], type, device).DetachFromDisposeScope();
        norms = zeros([mostSteps, rows], type, device).DetachFromDisposeScope();
        FlopsPerStep = ProviderCapabilities.MeasureFlops(WarmUp) is { } all ? new MeasuredFlops(all.Forward / rows, all.Backward / rows) : null;
        graph.Capture(Step, WarmUp);
        counter.zero_();
    }

    /// <summary>FLOPs of one run's step as dispatched; null when the provider cannot count.</summary>
    /// <remarks>Counted in the warm-up: a replayed CUDA graph dispatches nothing.</remarks>
    public MeasuredFlops? FlopsPerStep { get; }

    /// <summary>Takes steps.</summary>
    /// <param name="steps">1 to k.</param>
    /// <param name="startTable">First tokens of all sequences, (steps, E, B).</param>
    /// <param name="factorTable">See <see cref="StackedAdamW.Fill"/>, (steps, E, Factors).</param>
    /// <param name="active">Who takes part in the first of them, (E).</param>
    public StackReadings Run(int steps, long[] startTable, double[] factorTable, bool[] active)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, mostSteps);
        using DisposeScope scope = NewDisposeScope();
        starts.narrow(0, 0, steps).copy_(tensor(startTable, [steps, rows * sequences]));
        factors.narrow(0, 0, steps).copy_(tensor(factorTable, [steps, rows, StackedAdamW.Factors]));
        takesPart.copy_(tensor([.. active.Select(a => a ? 1L : 0L)], [rows]));
        counter.zero_();
        for (int i = 0; i < steps; i++)
            graph.Replay();
        return new StackReadings(Read(losses, steps), Read(norms, steps));
    }

    /// <summary>Frees tables, ring and graph.</summary>
    public void Dispose()
    {
        graph.Dispose(); // first: it holds on to the others' memory
        foreach (Tensor tensor in new[] { starts, factors, takesPart, counter, losses, norms })
            tensor.Dispose();
    }

    private static double[] Read(Tensor ring, int steps) =>
        ring.narrow(0, 0, steps).cpu().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

    private void WarmUp()
    {
        Step();
        counter.zero_();
    }

    private void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor windows = corpus.Windows(starts.index_select(0, counter).view(-1)).view(rows, sequences, -1); // (E, B, T + 1)
        long tokens = windows.size(2) - 1;
        Tensor lossOf = model.Losses(windows.narrow(2, 0, tokens), windows.narrow(2, 1, tokens)); // (E)
        model.Parameters.TakeGradients(lossOf.sum());
        using IDisposable _ = no_grad();
        Tensor loss = lossOf.detach(), norm = model.Parameters.Gradients.norm(1);
        losses.index_copy_(0, counter, loss.view(1, rows));
        norms.index_copy_(0, counter, norm.view(1, rows));
        takesPart.copy_(takesPart.logical_and(loss.isfinite()).logical_and(norm.isfinite()));
        optimizer.Step(factors.index_select(0, counter).view(rows, StackedAdamW.Factors), norm, takesPart);
        counter.add_(1);
    }
}
