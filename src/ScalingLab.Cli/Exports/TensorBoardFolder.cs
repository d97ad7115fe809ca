using ScalingLab.Core;
using ScalingLab.Core.Tables;
using ScalingLab.Core.TensorBoard;

namespace ScalingLab.Cli.Exports;

/// <summary>Runs as a log folder of TensorBoard.</summary>
internal static class TensorBoardFolder
{
    /// <summary>Writes the folder and tells stderr what is in it.</summary>
    public static ExitCode Write(string source, string output)
    {
        (IReadOnlyList<string> written, IReadOnlyList<ExcludedRun> leftOut) = TensorBoardExport.Write(source, output);
        TableExport.Tell(leftOut);
        Console.Error.WriteLine($"{written.Count} {(written.Count == 1 ? "run" : "runs")} in {output}; to look at them: tensorboard --logdir {output}");
        return leftOut.Any(r => r.Reason.StartsWith("damaged", StringComparison.Ordinal)) ? ExitCode.CorruptData : ExitCode.Success;
    }
}
