using System.Runtime.CompilerServices;

namespace ScalingLab.Laws.Curves;

/// <summary>A number with its exact first and second derivatives by up to eight variables.</summary>
/// <remarks>
/// Forward differentiation to second order: a law written once over jets has its gradient and Hessian with it, to rounding.
/// Only the lower triangle of the Hessian is kept.
/// </remarks>
public struct Jet
{
    /// <summary>Most variables.</summary>
    public const int Most = 8;

    [InlineArray(Most)]
    private struct Slopes
    {
        private double element;
    }

    [InlineArray(Most * (Most + 1) / 2)]
    private struct Curvatures
    {
        private double element;
    }

    private Slopes gradient;
    private Curvatures hessian;
    private int variables;

    /// <summary>The number.</summary>
    public double Value { get; private set; }

    /// <summary>A constant.</summary>
    public static implicit operator Jet(double value) => new() { Value = value };

    /// <summary>The variable of an index among so many.</summary>
    public static Jet Variable(double value, int index, int variables)
    {
        var jet = new Jet { Value = value, variables = variables };
        jet.gradient[index] = 1;
        return jet;
    }

    /// <summary>∂/∂x_i.</summary>
    public readonly double Gradient(int i) => gradient[i];

    /// <summary>∂²/∂x_i∂x_j with j at most i.</summary>
    public readonly double Hessian(int i, int j) => hessian[i * (i + 1) / 2 + j];

    /// <summary>Sum.</summary>
    public static Jet operator +(in Jet a, in Jet b) => Combine(a, b, a.Value + b.Value, 1, 1, 0);

    /// <summary>Difference.</summary>
    public static Jet operator -(in Jet a, in Jet b) => Combine(a, b, a.Value - b.Value, 1, -1, 0);

    /// <summary>Product.</summary>
    public static Jet operator *(in Jet a, in Jet b) => Combine(a, b, a.Value * b.Value, b.Value, a.Value, 1);

    /// <summary>Quotient.</summary>
    public static Jet operator /(in Jet a, in Jet b) => a * Map(b, 1 / b.Value, -1 / (b.Value * b.Value), 2 / (b.Value * b.Value * b.Value));

    /// <summary>e^x.</summary>
    public static Jet Exp(in Jet x)
    {
        double e = Math.Exp(x.Value);
        return Map(x, e, e, e);
    }

    /// <summary>e^x − 1, to all digits near 0.</summary>
    public static Jet ExpLessOne(in Jet x)
    {
        double t = x.Value, e = Math.Exp(t);
        return Map(x, Math.Abs(t) < 1e-4 ? t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4))) : e - 1, e, e);
    }

    /// <summary>ln x.</summary>
    public static Jet Log(in Jet x) => Map(x, Math.Log(x.Value), 1 / x.Value, -1 / (x.Value * x.Value));

    /// <summary>ln(e^a + e^b), without overflow.</summary>
    public static Jet LogSumExp(in Jet a, in Jet b) => a.Value >= b.Value ? a + Log(1 + Exp(b - a)) : b + Log(1 + Exp(a - b));

    /// <summary>f(x) for any smooth f.</summary>
    /// <param name="x">Argument.</param>
    /// <param name="f">f at its value.</param>
    /// <param name="first">f′ there.</param>
    /// <param name="second">f″ there.</param>
    public static Jet Map(in Jet x, double f, double first, double second)
    {
        var result = new Jet { Value = f, variables = x.variables };
        for (int i = 0, k = 0; i < x.variables; i++)
        {
            result.gradient[i] = first * x.gradient[i];
            for (int j = 0; j <= i; j++, k++)
                result.hessian[k] = first * x.hessian[k] + second * x.gradient[i] * x.gradient[j];
        }
        return result;
    }

    // f(a, b) from f, f_a, f_b and f_ab; f_aa and f_bb are 0.
    private static Jet Combine(in Jet a, in Jet b, double f, double byA, double byB, double byBoth)
    {
        int n = Math.Max(a.variables, b.variables);
        var result = new Jet { Value = f, variables = n };
        for (int i = 0, k = 0; i < n; i++)
        {
            result.gradient[i] = byA * a.gradient[i] + byB * b.gradient[i];
            for (int j = 0; j <= i; j++, k++)
                result.hessian[k] = byA * a.hessian[k] + byB * b.hessian[k] + byBoth * (a.gradient[i] * b.gradient[j] + a.gradient[j] * b.gradient[i]);
        }
        return result;
    }
}
