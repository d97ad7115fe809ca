namespace ScalingLab.Core.Tables;

/// <summary>The columns of an observation table: DESIGN section 6.</summary>
public enum ObservationColumn
{
    /// <summary>Name of the run.</summary>
    Run,

    /// <summary>All parameters.</summary>
    ParamsTotal,

    /// <summary>Parameters outside embeddings and head.</summary>
    ParamsNonEmbedding,

    /// <summary>Non-embedding parameters plus the head.</summary>
    ParamsWithHead,

    /// <summary>Tokens trained on.</summary>
    Tokens,

    /// <summary>Distinct tokens among them.</summary>
    UniqueTokens,

    /// <summary>Training FLOPs.</summary>
    Flops,

    /// <summary>Held-out loss in nats per token.</summary>
    Loss,

    /// <summary>Cluster of the observation.</summary>
    Group,

    /// <summary>Optimizer steps done.</summary>
    Steps,

    /// <summary>Tokens in a batch.</summary>
    BatchTokens,

    /// <summary>Weight of the observation in a fit.</summary>
    Weight,

    /// <summary>Standard deviation of the loss, nats per token.</summary>
    LossSd,

    /// <summary>Critical batch at the loss, tokens.</summary>
    CriticalBatch,
}

/// <summary>What the columns are called: in <c>--columns</c>, and in the headers of other people's tables.</summary>
internal static class ColumnNames
{
    /// <summary>The first name is the one that is written; all are recognised in a header, whatever their case.</summary>
    private static readonly (ObservationColumn Column, string[] Names)[] Known =
    [
        (ObservationColumn.Run, ["run", "name", "run_id"]),
        (ObservationColumn.ParamsTotal, ["params_total", "N", "params", "parameters", "n_params"]),
        (ObservationColumn.ParamsNonEmbedding, ["params_non_embedding", "N_non_embedding", "N_no_embed"]),
        (ObservationColumn.ParamsWithHead, ["params_with_head", "N_with_head"]),
        (ObservationColumn.Tokens, ["tokens", "D"]),
        (ObservationColumn.UniqueTokens, ["unique_tokens", "U", "unique"]),
        (ObservationColumn.Flops, ["flops", "C", "training_flops"]),
        (ObservationColumn.Loss, ["loss", "loss_nats"]),
        (ObservationColumn.Group, ["group"]),
        (ObservationColumn.Steps, ["steps", "S"]),
        (ObservationColumn.BatchTokens, ["batch_tokens", "B"]),
        (ObservationColumn.Weight, ["weight"]),
        (ObservationColumn.LossSd, ["loss_sd"]),
        (ObservationColumn.CriticalBatch, ["critical_batch", "Bcrit"]),
    ];

    /// <summary>Written names in the order of the columns.</summary>
    public static IReadOnlyList<string> Written { get; } = [.. Known.Select(k => k.Names[0])];

    /// <summary>The columns that every table has, if only empty; those after them are written where a row has them.</summary>
    public static bool Always(ObservationColumn column) => column <= ObservationColumn.Group;

    /// <summary>Whether a header must spell a name in the same case: single letters of the newer columns, which tables use for much else.</summary>
    public static bool Exact(ObservationColumn column, string name) => name.Length == 1 && !Always(column);

    /// <summary>Names by which a column is recognised.</summary>
    public static IReadOnlyList<string> Of(ObservationColumn column) => Known[(int)column].Names;

    /// <summary>The column of a name as <c>--columns</c> gives it; null when there is none.</summary>
    public static ObservationColumn? Find(string name)
    {
        foreach ((ObservationColumn column, string[] names) in Known)
            if (names.Contains(name, StringComparer.OrdinalIgnoreCase))
                return column;
        return null;
    }
}
