using ScalingLab.Core.Tables;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>A column that a law reads.</summary>
[Flags]
public enum Inputs
{
    /// <summary>N.</summary>
    Parameters = 1,

    /// <summary>D.</summary>
    Tokens = 2,

    /// <summary>C.</summary>
    Flops = 4,

    /// <summary>Distinct tokens among D.</summary>
    UniqueTokens = 8,

    /// <summary>S.</summary>
    Steps = 16,

    /// <summary>B.</summary>
    BatchTokens = 32,

    /// <summary>The loss, for laws of another quantity.</summary>
    Loss = 64,
}

/// <summary>What a law reads of one observation; 0 where the source has none.</summary>
/// <param name="N">Parameters.</param>
/// <param name="D">Tokens.</param>
/// <param name="C">FLOPs.</param>
/// <param name="U">Distinct tokens.</param>
public readonly record struct Setting(double N, double D, double C, double U)
{
    /// <summary>Optimizer steps.</summary>
    public double S { get; init; }

    /// <summary>Tokens in a batch.</summary>
    public double B { get; init; }

    /// <summary>Loss, nats per token, where the law gives another quantity from it.</summary>
    public double L { get; init; }

    /// <summary>Columns of a sum's terms, in its order.</summary>
    public double[] Terms { get; init; } = [];
}

/// <summary>A parameter of a law, and the variable that the solver sees in its place.</summary>
/// <param name="Name">As its paper writes it.</param>
/// <param name="Logarithm">Whether the variable is the parameter's logarithm: for scales, which pass 10^13.</param>
/// <param name="Low">Least value of the parameter.</param>
/// <param name="High">Largest.</param>
public sealed record CurveParameter(string Name, bool Logarithm, double Low, double High)
{
    /// <summary>A scale above 0.</summary>
    public static CurveParameter Scale(string name) => new(name, true, 1e-100, 1e300);

    /// <summary>An exponent.</summary>
    public static CurveParameter Exponent(string name) => new(name, false, 1e-3, 10);

    /// <summary>A number of 0 or more.</summary>
    public static CurveParameter Floor(string name) => new(name, false, 0, double.PositiveInfinity);

    /// <summary>The variable of a value.</summary>
    public double Variable(double value) => Logarithm ? Math.Log(value) : value;

    /// <summary>The value of a variable.</summary>
    public double Value(double variable) => Logarithm ? Math.Exp(variable) : variable;
}

/// <summary>A law of the loss, written over jets so that its derivatives come with it.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Formula">As people read it.</param>
/// <param name="Source">Paper and equation.</param>
/// <param name="Inputs">What it reads.</param>
/// <param name="Parameters">Parameters, in the order of the variables.</param>
public abstract record LossCurve(string Name, string Formula, string Source, Inputs Inputs, IReadOnlyList<CurveParameter> Parameters)
{
    /// <summary>Whether the objective has several minima under usual data: each start then goes down by itself, without least squares first, which would lead all to one.</summary>
    public virtual bool Rugged => false;

    /// <summary>ln L.</summary>
    /// <param name="at">Observation.</param>
    /// <param name="x">Variables: see <see cref="CurveParameter.Logarithm"/>.</param>
    public abstract Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x);

    /// <summary>ln L with its derivatives; over jets unless a law has something faster.</summary>
    /// <param name="free">Indices of the free variables.</param>
    public virtual CurveEvaluator Evaluator(int[] free) => new JetEvaluator(this, free);

    /// <summary>The form of the law that a source's columns allow.</summary>
    public virtual LossCurve For(ObservationTable table) => this;

    /// <summary>Adds columns that only this law reads.</summary>
    public virtual FitPoints Complete(FitPoints points, ObservationTable table) => points;

    /// <summary>The points of a source that this law is fitted to.</summary>
    public virtual FitPoints Read(ObservationTable table, ParameterCount count) => Complete(FitPoints.From(table.Rows, count, needed: Inputs), table);

    /// <summary>Parameters from which the search starts, in order.</summary>
    public abstract IEnumerable<double[]> Starts(FitPoints points);

    /// <summary>Loss at given parameters, nats per token.</summary>
    public double Loss(in Setting at, IReadOnlyList<double> parameters)
    {
        Span<Jet> x = new Jet[Parameters.Count];
        for (int i = 0; i < x.Length; i++)
            x[i] = Parameters[i].Variable(parameters[i]);
        return Math.Exp(LogLoss(at, x).Value);
    }

    /// <summary>Its inputs as a message names them: N, (N, D), (N, D, U).</summary>
    public virtual string InputNames
    {
        get
        {
            string[] names = [.. new[] { (Inputs.Parameters, "N"), (Inputs.Tokens, "D"), (Inputs.Flops, "C"), (Inputs.UniqueTokens, "U"), (Inputs.Steps, "S"), (Inputs.BatchTokens, "B"), (Inputs.Loss, "L") }.Where(i => Inputs.HasFlag(i.Item1)).Select(i => i.Item2)];
            return names.Length == 1 ? names[0] : $"({string.Join(", ", names)})";
        }
    }

    /// <summary>Settings of the points that differ in what the law reads.</summary>
    public virtual int Distinct(FitPoints points) => Enumerable.Range(0, points.Count).Select(i => points.Setting(i)).Select(at => (Of(Inputs.Parameters, at.N), Of(Inputs.Tokens, at.D),
        Of(Inputs.Flops, at.C), Of(Inputs.UniqueTokens, at.U), Of(Inputs.Steps, at.S), Of(Inputs.BatchTokens, at.B), Of(Inputs.Loss, at.L))).Distinct().Count();

    private double Of(Inputs input, double value) => Inputs.HasFlag(input) ? value : 0;

    /// <summary>Mean of the logarithm of a column.</summary>
    protected static double MeanLog(double[] values) => values.Average(v => Math.Log(v));
}
