using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Curves;

namespace ScalingLab.Laws.Fitting;

/// <summary>Which parameters N counts.</summary>
public enum ParameterCount
{
    /// <summary>All, embeddings once: Hoffmann et al. 2022.</summary>
    Total,

    /// <summary>Without embeddings and head: Kaplan et al. 2020.</summary>
    NonEmbedding,

    /// <summary>Without embeddings, with the head: Porian et al. 2024.</summary>
    WithHead,
}

/// <summary>Where C comes from.</summary>
public enum ComputeSource
{
    /// <summary>The source's flops column where every observation has it, else 6·N·D.</summary>
    ColumnOrSixNd,

    /// <summary>The source's flops column.</summary>
    Column,

    /// <summary>6·N·D, with the N of <see cref="ParameterCount"/>.</summary>
    SixNd,
}

/// <summary>Observations as columns of numbers, under one convention of N and of C.</summary>
public sealed class FitPoints
{
    private FitPoints(int count)
    {
        (Parameters, Tokens, Flops, UniqueTokens, Loss, Clusters, Runs) = (new double[count], new double[count], new double[count], new double[count], new double[count], new int[count], new int[count]);
        (Steps, BatchTokens, weights) = (new double[count], new double[count], new double[count]);
        Array.Fill(weights, 1);
    }

    private readonly double[] weights; // As the source has them; for a standard deviation, its inverse square.
    private double[][]? terms;

    /// <summary>N.</summary>
    public double[] Parameters { get; }

    /// <summary>D.</summary>
    public double[] Tokens { get; }

    /// <summary>C.</summary>
    public double[] Flops { get; }

    /// <summary>Distinct tokens among D; D itself where the source has none.</summary>
    public double[] UniqueTokens { get; }

    /// <summary>Loss, nats per token.</summary>
    public double[] Loss { get; }

    /// <summary>S, optimizer steps; 0 where the source has none.</summary>
    public double[] Steps { get; }

    /// <summary>B, tokens in a batch; 0 where the source has none.</summary>
    public double[] BatchTokens { get; }

    /// <summary>The loss that a law of another quantity reads, where <see cref="Loss"/> holds that quantity; null otherwise.</summary>
    public double[]? GivenLoss { get; private init; }

    /// <summary>What a law reads of a point.</summary>
    public Setting Setting(int i) => new(Parameters[i], Tokens[i], Flops[i], UniqueTokens[i])
    {
        S = Steps[i],
        B = BatchTokens[i],
        L = GivenLoss?[i] ?? 0,
        Terms = terms?[i] ?? [],
    };

    /// <summary>Cluster of each point, from 0: its group, else its run.</summary>
    public int[] Clusters { get; }

    /// <summary>Run of each point, from 0: several points of one run are its training curve.</summary>
    public int[] Runs { get; }

    /// <summary>Number of clusters.</summary>
    public int ClusterCount { get; private init; }

    /// <summary>Number of points.</summary>
    public int Count => Loss.Length;

    /// <summary>Convention of N.</summary>
    public ParameterCount ParameterCount { get; private init; }

    /// <summary>Whether C is the source's column rather than 6·N·D.</summary>
    public bool FlopsFromColumn { get; private init; }

    /// <summary>Column that the weights come from: weight or loss_sd; null when all points count alike.</summary>
    public string? WeightColumn { get; private init; }

    /// <summary>Weight of every point's term in an objective; their mean is 1.</summary>
    /// <param name="scale">Scale of the residuals: a standard deviation s of the loss L is s/L on the logarithmic one.</param>
    /// <remarks>Inverse variance from loss_sd, as it stands from weight. Only ratios matter.</remarks>
    public double[] Weights(ResidualScale scale)
    {
        bool relative = scale == ResidualScale.Log && WeightColumn == "loss_sd";
        double[] all = [.. weights.Select((w, i) => relative ? w * Loss[i] * Loss[i] : w)];
        double mean = all.Average();
        return [.. all.Select(w => w == all[0] && all.AsSpan().IndexOfAnyExcept(all[0]) < 0 ? 1 : w / mean)]; // Equal weights are no weights, to the last bit.
    }

    /// <summary>Kish's effective number of points, (Σw)²/Σw²: the count itself when all weights are alike.</summary>
    public double EffectiveCount(ResidualScale scale)
    {
        double[] w = Weights(scale);
        return w.Sum() * w.Sum() / w.Sum(v => v * v);
    }

    /// <summary>Whether several points share a cluster, so that they are not independent.</summary>
    public bool Clustered => ClusterCount < Count;

    /// <summary>Distinct pairs (N, D).</summary>
    public int DistinctPairs => Parameters.Zip(Tokens).Distinct().Count();

    /// <summary>k in C = k·N·D: the geometric mean over the points; exactly 6 without a flops column.</summary>
    public double FlopsPerParameterToken
    {
        get
        {
            if (!FlopsFromColumn)
                return ChinchillaLaw.SixNd;
            double mean = Math.Exp(Enumerable.Range(0, Count).Average(LogRatio));
            return Math.Abs(mean - 6) < 1e-6 ? 6 : mean; // A column made as 6·N·D and printed with few digits.
        }
    }

    /// <summary>Largest relative departure of C/(N·D) from <see cref="FlopsPerParameterToken"/>.</summary>
    public double FlopsSpread
    {
        get
        {
            double centre = Math.Log(FlopsPerParameterToken);
            return Enumerable.Range(0, Count).Max(i => Math.Exp(Math.Abs(LogRatio(i) - centre)) - 1);
        }
    }

    private double LogRatio(int i) => Math.Log(Flops[i] / (Parameters[i] * Tokens[i]));

    /// <summary>Reads the columns out of the observations.</summary>
    /// <exception cref="UserErrorException">A column is missing, or a value is not a finite number above 0; every row at fault is counted.</exception>
    /// <param name="rows">Observations.</param>
    /// <param name="count">Convention of N.</param>
    /// <param name="compute">Convention of C.</param>
    /// <param name="needed">Columns that the law reads; N, D and C are 0 where it does not and the source has none.</param>
    public static FitPoints From(IReadOnlyList<Observation> rows, ParameterCount count = ParameterCount.Total, ComputeSource compute = ComputeSource.ColumnOrSixNd, Inputs needed = Inputs.Parameters | Inputs.Tokens)
    {
        if (rows.Count == 0)
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0406", "the source has no observations", Help: "check --where, or whether any run has finished"));
        bool column = compute == ComputeSource.Column || (compute == ComputeSource.ColumnOrSixNd && rows.All(r => r.Flops is not null));
        if (!column && needed.HasFlag(Inputs.Flops))
            needed |= Inputs.Parameters | Inputs.Tokens; // C is 6·N·D then.
        string? weightColumn = rows.Any(r => r.Weight is not null) ? "weight" : rows.Any(r => r.LossSd is not null) ? "loss_sd" : null;
        var problems = Problems(rows, count, column, needed, weightColumn).ToList();
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.CorruptData, problems);

        string[] keys = [.. rows.Select((r, i) => r.Group ?? (r.Run.Length > 0 ? r.Run : $"#{i}"))];
        var numbers = new Dictionary<string, int>();
        foreach (string key in keys)
            numbers.TryAdd(key, numbers.Count);
        int[] runs = NumberRuns(rows);
        var points = new FitPoints(rows.Count) { ParameterCount = count, FlopsFromColumn = column, ClusterCount = numbers.Count, WeightColumn = weightColumn };
        for (int i = 0; i < rows.Count; i++)
        {
            points.Parameters[i] = ParametersOf(rows[i], count) ?? 0;
            points.Tokens[i] = rows[i].Tokens ?? 0;
            points.UniqueTokens[i] = rows[i].UniqueTokens ?? points.Tokens[i];
            points.Flops[i] = column ? rows[i].Flops!.Value : ChinchillaLaw.SixNd * points.Parameters[i] * points.Tokens[i];
            points.Loss[i] = rows[i].Loss;
            points.Clusters[i] = numbers[keys[i]];
            (points.Steps[i], points.BatchTokens[i]) = (rows[i].Steps ?? 0, rows[i].BatchTokens ?? 0);
            if (weightColumn is not null)
                points.weights[i] = rows[i].Weight ?? Math.Pow(rows[i].LossSd!.Value, -2);
            points.Runs[i] = runs[i];
        }
        return points;
    }

    /// <summary>The same points with the columns of a sum's terms, one row a point.</summary>
    public FitPoints With(double[][] terms)
    {
        var points = Subset([.. Enumerable.Range(0, Count)]);
        points.terms = terms;
        return points;
    }

    /// <summary>Points of a law that gives another quantity from the loss.</summary>
    /// <param name="quantity">That quantity, above 0.</param>
    /// <param name="loss">Loss of each point.</param>
    public static FitPoints OfLoss(IReadOnlyList<double> quantity, IReadOnlyList<double> loss)
    {
        var points = new FitPoints(quantity.Count) { ClusterCount = quantity.Count, GivenLoss = [.. loss] };
        for (int i = 0; i < quantity.Count; i++)
            (points.Loss[i], points.Clusters[i], points.Runs[i]) = (quantity[i], i, i);
        return points;
    }

    // Rows without a name are runs of their own.
    private static int[] NumberRuns(IReadOnlyList<Observation> rows)
    {
        var numbers = new Dictionary<string, int>();
        int[] runs = new int[rows.Count];
        int count = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            if (rows[i].Run.Length > 0 && numbers.TryGetValue(rows[i].Run, out int known))
                runs[i] = known;
            else
                numbers[rows[i].Run] = runs[i] = count++;
        }
        return runs;
    }

    /// <summary>Some of the points, in the order given.</summary>
    public FitPoints Subset(IReadOnlyList<int> indices)
    {
        var numbers = new Dictionary<int, int>();
        foreach (int i in indices)
            numbers.TryAdd(Clusters[i], numbers.Count);
        var points = new FitPoints(indices.Count)
        {
            ParameterCount = ParameterCount,
            FlopsFromColumn = FlopsFromColumn,
            ClusterCount = numbers.Count,
            WeightColumn = WeightColumn,
            GivenLoss = GivenLoss is { } given ? [.. indices.Select(i => given[i])] : null,
            terms = terms is { } rows ? [.. indices.Select(i => rows[i])] : null,
        };
        for (int k = 0; k < indices.Count; k++)
        {
            int i = indices[k];
            (points.Parameters[k], points.Tokens[k], points.Flops[k], points.UniqueTokens[k], points.Loss[k], points.Clusters[k], points.Runs[k]) = (Parameters[i], Tokens[i], Flops[i], UniqueTokens[i], Loss[i], numbers[Clusters[i]], Runs[i]);
            (points.Steps[k], points.BatchTokens[k], points.weights[k]) = (Steps[i], BatchTokens[i], weights[i]);
        }
        return points;
    }

    /// <summary>N of an observation under a convention; null when the source does not have it.</summary>
    public static double? ParametersOf(Observation row, ParameterCount count) => count switch
    {
        ParameterCount.NonEmbedding => row.ParametersNonEmbedding,
        ParameterCount.WithHead => row.ParametersWithHead,
        _ => row.ParametersTotal,
    };

    private static IEnumerable<Diagnostic> Problems(IReadOnlyList<Observation> rows, ParameterCount count, bool flops, Inputs needed, string? weightColumn)
    {
        string has = string.Join(", ", Columns(rows));
        string help = $"the source has {has}; choose with --count, or map a column with --columns";
        if (needed.HasFlag(Inputs.Parameters))
        {
            foreach (var problem in Column(rows, ColumnName(count), r => ParametersOf(r, count), help))
                yield return problem;
        }
        if (needed.HasFlag(Inputs.Tokens))
        {
            foreach (var problem in Column(rows, "tokens", r => r.Tokens, help))
                yield return problem;
        }
        if (needed.HasFlag(Inputs.UniqueTokens))
        {
            foreach (var problem in Column(rows, "unique_tokens", r => r.UniqueTokens, help))
                yield return problem;
        }
        if (needed.HasFlag(Inputs.Steps))
        {
            foreach (var problem in Column(rows, "steps", r => r.Steps, help))
                yield return problem;
        }
        if (needed.HasFlag(Inputs.BatchTokens))
        {
            foreach (var problem in Column(rows, "batch_tokens", r => r.BatchTokens, help))
                yield return problem;
        }
        if (weightColumn is not null)
        {
            foreach (var problem in Column(rows, weightColumn, r => weightColumn == "weight" ? r.Weight : r.LossSd, help))
                yield return problem;
        }
        if (flops)
        {
            foreach (var problem in Column(rows, "flops", r => r.Flops, help))
                yield return problem;
        }
        foreach (var problem in Column(rows, "loss", r => r.Loss, help))
            yield return problem;
    }

    private static IEnumerable<Diagnostic> Column(IReadOnlyList<Observation> rows, string name, Func<Observation, double?> value, string help)
    {
        int missing = rows.Count(r => value(r) is null);
        if (missing > 0)
            yield return new Diagnostic("SL0402", missing == rows.Count ? $"no column {name}" : $"{missing} of {rows.Count} observations lack {name}", Help: help);
        int[] bad = [.. Enumerable.Range(0, rows.Count).Where(i => value(rows[i]) is double v && !(double.IsFinite(v) && v > 0))];
        if (bad.Length > 0)
        {
            string first = $"{name} of observation {bad[0] + 1} ({rows[bad[0]].Run}) is {value(rows[bad[0]]):R}";
            yield return new Diagnostic("SL0405", $"{first}; it must be a finite number above 0" + (bad.Length > 1 ? $" ({bad.Length - 1} more like it)" : ""),
                Help: "leave such rows out with --where");
        }
    }

    private static string ColumnName(ParameterCount count) => count switch
    {
        ParameterCount.NonEmbedding => "params_non_embedding",
        ParameterCount.WithHead => "params_with_head",
        _ => "params_total",
    };

    private static IEnumerable<string> Columns(IReadOnlyList<Observation> rows)
    {
        foreach (var count in Enum.GetValues<ParameterCount>())
        {
            if (rows.Any(r => ParametersOf(r, count) is not null))
                yield return ColumnName(count);
        }
        if (rows.Any(r => r.Tokens is not null))
            yield return "tokens";
        if (rows.Any(r => r.Flops is not null))
            yield return "flops";
        if (rows.Any(r => r.Steps is not null))
            yield return "steps";
        if (rows.Any(r => r.BatchTokens is not null))
            yield return "batch_tokens";
        yield return "loss";
    }
}
