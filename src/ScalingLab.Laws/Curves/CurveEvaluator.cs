namespace ScalingLab.Laws.Curves;

/// <summary>A law's ln L with exact first and second derivatives by its free variables, at one point of variables after another. For one thread.</summary>
public abstract class CurveEvaluator
{
    /// <summary>Takes up the variables.</summary>
    public abstract void Move(ReadOnlySpan<double> x);

    /// <summary>ln L at a setting.</summary>
    /// <param name="at">Setting.</param>
    /// <param name="gradient">Receives the first derivatives, one a free variable.</param>
    /// <param name="hessian">Receives the second derivatives: the lower triangle, row by row without gaps.</param>
    public abstract double LogLoss(in Setting at, Span<double> gradient, Span<double> hessian);
}

/// <summary>Derivatives of any law that is written over jets.</summary>
/// <param name="curve">Law.</param>
/// <param name="free">Indices of the free variables; the others cost no derivatives.</param>
public sealed class JetEvaluator(LossCurve curve, int[] free) : CurveEvaluator
{
    private readonly Jet[] variables = new Jet[curve.Parameters.Count];

    /// <inheritdoc/>
    public override void Move(ReadOnlySpan<double> x)
    {
        for (int i = 0; i < variables.Length; i++)
            variables[i] = x[i];
        for (int i = 0; i < free.Length; i++)
            variables[free[i]] = Jet.Variable(x[free[i]], i, free.Length);
    }

    /// <inheritdoc/>
    public override double LogLoss(in Setting at, Span<double> gradient, Span<double> hessian)
    {
        Jet f = curve.LogLoss(at, variables);
        for (int i = 0, k = 0; i < free.Length; i++)
        {
            gradient[i] = f.Gradient(i);
            for (int j = 0; j <= i; j++, k++)
                hessian[k] = f.Hessian(i, j);
        }
        return f.Value;
    }
}
