using ScalingLab.Core.Runs;

namespace ScalingLab.Core.TensorBoard;

/// <summary>The messages of TensorBoard's hyper-parameter page.</summary>
/// <remarks>tensorboard/plugins/hparams/plugin_data.proto and api.proto; values are google.protobuf.Value.</remarks>
internal static class HParams
{
    public const string Plugin = "hparams", ExperimentTag = "_hparams_/experiment", StartTag = "_hparams_/session_start_info", EndTag = "_hparams_/session_end_info";

    private const int Experiment = 2, SessionStart = 3, SessionEnd = 4; // fields of HParamsPluginData
    private const long Unknown = 0, Success = 1, Failure = 2, Running = 3; // Status
    private const long Text = 1, Boolean = 2, Number = 3; // DataType

    /// <summary>All hyper-parameters with the values they take, and the metrics by tag.</summary>
    public static ProtoMessage ExperimentOf(IEnumerable<IReadOnlyList<KeyValuePair<string, object>>> runs, IEnumerable<string> metrics)
    {
        var experiment = new ProtoMessage();
        foreach (var parameter in runs.SelectMany(r => r).GroupBy(p => p.Key, p => p.Value))
            experiment.Add(4, Info(parameter.Key, [.. parameter.Distinct()]));
        foreach (string tag in metrics)
            experiment.Add(5, new ProtoMessage().Add(1, new ProtoMessage().Add(2, tag)));
        return new ProtoMessage().Add(Experiment, experiment);
    }

    /// <summary>What one run was made with.</summary>
    public static ProtoMessage StartOf(IReadOnlyList<KeyValuePair<string, object>> values, string group, double start)
    {
        var info = new ProtoMessage();
        foreach ((string name, object value) in values)
            info.Add(1, new ProtoMessage().Add(1, name).Add(2, Value(value)));
        return new ProtoMessage().Add(SessionStart, info.Add(4, group).Add(5, start));
    }

    /// <summary>How one run ended.</summary>
    public static ProtoMessage EndOf(RunState state, double end)
    {
        long status = state switch { RunState.Finished => Success, RunState.Diverged => Failure, RunState.Running => Running, _ => Unknown };
        return new ProtoMessage().Add(SessionEnd, new ProtoMessage().Add(1, status).Add(2, end));
    }

    private static ProtoMessage Info(string name, object[] values)
    {
        ProtoMessage info = new ProtoMessage().Add(1, name);
        if (values.All(v => v is double))
            return info.Add(4, Number).Add(6, new ProtoMessage().Add(1, values.Min(v => (double)v)).Add(2, values.Max(v => (double)v)));
        var list = new ProtoMessage();
        foreach (object value in values)
            list.Add(1, Value(value));
        return info.Add(4, values.All(v => v is bool) ? Boolean : Text).Add(5, list);
    }

    private static ProtoMessage Value(object value) => value switch
    {
        double number => new ProtoMessage().Add(2, number),
        bool truth => new ProtoMessage().Add(4, truth ? 1L : 0L),
        _ => new ProtoMessage().Add(3, (string)value),
    };
}
