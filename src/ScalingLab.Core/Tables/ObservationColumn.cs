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
    ];

    /// <summary>Written names in the order of the columns.</summary>
    public static IReadOnlyList<string> Written { get; } = [.. Known.Select(k => k.Names[0])];

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
