using System.Diagnostics;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Times whole training steps of a stack, with the trainer that workers run: runs of one shape, seeds 1 to E.</summary>
public sealed class StackBenchmark : IStepBenchmark
{
    private readonly SyntheticCorpus corpus;
    private readonly StackTrainer stack;
    private readonly List<double?> losses = [];
    private readonly StackPace pace;
    private readonly double flopsOfRun;
    private readonly int runs;
    private readonly RunConfig[] configs;

    /// <summary>A stack with initial weights, on synthetic tokens.</summary>
    /// <param name="shape">A shape without problems.</param>
    /// <param name="vocabulary">2 or more.</param>
    /// <param name="batch">Sequences a step of each run, 1 or more.</param>
    /// <param name="runs">E, 1 or more.</param>
    /// <param name="kernels">Libtorch's fused operators, where the device has them, or its plain ones.</param>
    /// <param name="device">Where; null for the CPU.</param>
    /// <param name="graph">Whether a step on a GPU is captured, where it can be.</param>
    public StackBenchmark(ModelShape shape, int vocabulary, int batch, int runs, KernelChoice kernels = KernelChoice.Reference, BenchDevice? device = null, bool graph = true)
    {
        DeviceName on = (device ?? BenchDevice.Cpu).Device;
        configs = [.. Enumerable.Range(1, runs).Select(seed => StepBenchmark.RunOf(shape, batch, kernels, seed, (device ?? BenchDevice.Cpu).Products))];
        this.runs = runs;
        corpus = StepBenchmark.Text(vocabulary, configs[0].Training.BatchTokens);
        stack = new StackTrainer(configs, corpus.Corpus, () => StepGraphs.For(on, graph), device: on);
        pace = new StackPace(stack.MostSteps);
        flopsOfRun = FlopCounts.MatrixProducts(shape, vocabulary) * stack.TokensPerStep;
    }

    /// <inheritdoc/>
    public long TokensPerStep => runs * stack.TokensPerStep;

    /// <inheritdoc/>
    public MeasuredFlops? FlopsMeasured => stack.FlopsPerStep is { } one ? new MeasuredFlops(runs * one.Forward, runs * one.Backward) : null;

    /// <inheritdoc/>
    public double FlopsAnalytic => runs * flopsOfRun;

    /// <inheritdoc/>
    public IReadOnlyList<double?> Losses => losses;

    /// <inheritdoc/>
    public void Export(string folder) => StepExport.Write(folder, configs[0], stack.Runs[0].Model.Parameters, corpus.Corpus);

    /// <summary>A plain step: the stack counted when it was made.</summary>
    public void MeasureFlops() => Run(1);

    /// <inheritdoc/>
    public double[] Run(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        var seconds = new double[steps];
        for (int done = 0; done < steps;)
        {
            int block = Math.Min(steps - done, pace.Steps);
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<StepResult> results = stack.Advance(block)[stack.Runs[0]];
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            pace.Took(block, took);
            Array.Fill(seconds, took / block, done, block);
            losses.AddRange(results.Select(r => double.IsFinite(r.LossNats) ? r.LossNats : (double?)null));
            done += block;
        }

        return seconds;
    }

    /// <summary>Frees the models and removes the tokens.</summary>
    public void Dispose()
    {
        stack.Dispose();
        corpus.Dispose();
    }
}
