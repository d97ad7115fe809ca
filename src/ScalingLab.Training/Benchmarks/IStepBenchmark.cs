namespace ScalingLab.Training.Benchmarks;

/// <summary>Training steps to time: of one run, or of several that share each step.</summary>
public interface IStepBenchmark : IDisposable
{
    /// <summary>Tokens a step, of all runs together.</summary>
    long TokensPerStep { get; }

    /// <summary>FLOPs of a step as dispatched; null before <see cref="MeasureFlops"/>, or when the provider cannot count.</summary>
    MeasuredFlops? FlopsMeasured { get; }

    /// <summary>FLOPs of a step by the count of its products.</summary>
    double FlopsAnalytic { get; }

    /// <summary>Loss of each step so far, nats per token, of the first run; null where it was not finite.</summary>
    IReadOnlyList<double?> Losses { get; }

    /// <summary>Writes weights, batches and settings of the first run for another program to train the same model; see <see cref="StepExport"/>.</summary>
    void Export(string folder);

    /// <summary>One step whose FLOPs are counted.</summary>
    void MeasureFlops();

    /// <summary>Takes steps and times each.</summary>
    /// <param name="steps">1 or more.</param>
    /// <returns>Seconds of each; where the host does not wait for each, of some divided by their number.</returns>
    double[] Run(int steps);
}
