using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Tests.Fitting.Nist;

/// <summary>The models of the StRD sets, as NIST states them, over jets.</summary>
internal static class NistModels
{
    /// <summary>The response at a row of predictors; null for a set without a model here.</summary>
    public static Func<Jet[], double[], Jet>? Find(string name) => name switch
    {
        "Misra1a" or "BoxBOD" => (b, x) => b[0] * (1 - Jet.Exp(-x[0] * b[1])),
        "Misra1b" => (b, x) => b[0] * (1 - Power(1 + b[1] * (x[0] / 2), -2)),
        "Misra1c" => (b, x) => b[0] * (1 - Power(1 + b[1] * (2 * x[0]), -0.5)),
        "Misra1d" => (b, x) => b[0] * b[1] * x[0] / (1 + b[1] * x[0]),
        "Chwirut1" or "Chwirut2" => (b, x) => Jet.Exp(-x[0] * b[0]) / (b[1] + b[2] * x[0]),
        "DanWood" => (b, x) => b[0] * Jet.Exp(b[1] * Math.Log(x[0])),
        "Lanczos1" or "Lanczos2" or "Lanczos3" => (b, x) => b[0] * Jet.Exp(-x[0] * b[1]) + b[2] * Jet.Exp(-x[0] * b[3]) + b[4] * Jet.Exp(-x[0] * b[5]),
        "Gauss1" or "Gauss2" or "Gauss3" => (b, x) => b[0] * Jet.Exp(-x[0] * b[1]) + Bell(b[2], b[3], b[4], x[0]) + Bell(b[5], b[6], b[7], x[0]),
        "Kirby2" => (b, x) => (b[0] + b[1] * x[0] + b[2] * (x[0] * x[0])) / (1 + b[3] * x[0] + b[4] * (x[0] * x[0])),
        "Hahn1" or "Thurber" => (b, x) => (b[0] + b[1] * x[0] + b[2] * (x[0] * x[0]) + b[3] * (x[0] * x[0] * x[0])) / (1 + b[4] * x[0] + b[5] * (x[0] * x[0]) + b[6] * (x[0] * x[0] * x[0])),
        "MGH17" => (b, x) => b[0] + b[1] * Jet.Exp(-x[0] * b[3]) + b[2] * Jet.Exp(-x[0] * b[4]),
        "MGH09" => (b, x) => b[0] * (x[0] * x[0] + b[1] * x[0]) / (x[0] * x[0] + b[2] * x[0] + b[3]),
        "MGH10" => (b, x) => b[0] * Jet.Exp(b[1] / (x[0] + b[2])),
        "Nelson" => (b, x) => b[0] - b[1] * x[0] * Jet.Exp(-x[1] * b[2]), // Of ln y.
        "Roszman1" => (b, x) => b[0] - b[1] * x[0] - Arctan(b[2] / (x[0] - b[3])) * (1 / Math.PI),
        "Eckerle4" => (b, x) => b[0] / b[1] * Jet.Exp(-0.5 * ((x[0] - b[2]) / b[1]) * ((x[0] - b[2]) / b[1])),
        "Rat42" => (b, x) => b[0] / (1 + Jet.Exp(b[1] - b[2] * x[0])),
        "Rat43" => (b, x) => b[0] / Jet.Exp(Jet.Log(1 + Jet.Exp(b[1] - b[2] * x[0])) / b[3]),
        "Bennett5" => (b, x) => b[0] * Jet.Exp(0 - Jet.Log(b[1] + x[0]) / b[2]),
        _ => null,
    };

    private static Jet Power(in Jet x, double exponent) => Jet.Map(x, Math.Pow(x.Value, exponent), exponent * Math.Pow(x.Value, exponent - 1), exponent * (exponent - 1) * Math.Pow(x.Value, exponent - 2));

    private static Jet Arctan(in Jet x)
    {
        double d = 1 / (1 + x.Value * x.Value);
        return Jet.Map(x, Math.Atan(x.Value), d, -2 * x.Value * d * d);
    }

    private static Jet Bell(in Jet height, in Jet centre, in Jet width, double x) => height * Jet.Exp(0 - (x - centre) * (x - centre) / (width * width));
}

/// <summary>Σ (model − y)² of a set, for the solver of the laws.</summary>
internal sealed class NistProblem(NistSet set) : ISmoothProblem
{
    private readonly Func<Jet[], double[], Jet> model = NistModels.Find(set.Name)!;
    private readonly double[] y = set.Name == "Nelson" ? [.. set.Y.Select(v => Math.Log(v))] : set.Y;
    private readonly Jet[] b = new Jet[set.Certified.Length];
    private readonly double[] point = new double[set.Certified.Length];

    public int Dimension => b.Length;

    public double Value(ReadOnlySpan<double> x)
    {
        x.CopyTo(point);
        for (int i = 0; i < b.Length; i++)
            b[i] = x[i];
        double sum = 0;
        for (int k = 0; k < y.Length; k++)
            sum += Math.Pow(model(b, set.X[k]).Value - y[k], 2);
        return sum;
    }

    public void Derivatives(Span<double> gradient, Span<double> gradientScale, Span<double> hessian, Span<double> metric)
    {
        int n = b.Length;
        for (int i = 0; i < n; i++)
            b[i] = Jet.Variable(point[i], i, n);
        gradient.Clear();
        gradientScale.Clear();
        hessian.Clear();
        metric.Clear();
        for (int k = 0; k < y.Length; k++)
        {
            Jet f = model(b, set.X[k]);
            double r = f.Value - y[k];
            for (int i = 0; i < n; i++)
            {
                gradient[i] += 2 * r * f.Gradient(i);
                gradientScale[i] += Math.Abs(2 * r * f.Gradient(i));
                for (int j = 0; j <= i; j++)
                {
                    double product = 2 * f.Gradient(i) * f.Gradient(j);
                    metric[i * n + j] += product;
                    hessian[i * n + j] += product + 2 * r * f.Hessian(i, j);
                }
            }
        }
    }
}
