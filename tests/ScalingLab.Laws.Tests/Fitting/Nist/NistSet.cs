using System.Globalization;

namespace ScalingLab.Laws.Tests.Fitting.Nist;

/// <summary>A nonlinear regression set of the NIST Statistical Reference Datasets (StRD, doi:10.18434/T43G6C), U.S. government data in the public domain.</summary>
/// <param name="Name">As NIST calls it.</param>
/// <param name="Start1">Start far from the solution.</param>
/// <param name="Start2">Start near it.</param>
/// <param name="Certified">Certified parameters, eleven digits.</param>
/// <param name="SumOfSquares">Certified residual sum of squares.</param>
/// <param name="Y">Responses.</param>
/// <param name="X">Predictors, one row an observation.</param>
internal sealed record NistSet(string Name, double[] Start1, double[] Start2, double[] Certified, double SumOfSquares, double[] Y, double[][] X)
{
    /// <summary>Folder with NIST's .dat files; null where there is none.</summary>
    public static readonly string? Folder = Environment.GetEnvironmentVariable("SCALINGLAB_NIST_STRD") is { Length: > 0 } named ? named
        : PublishedData.Folder is { } published && Path.Combine(Path.GetDirectoryName(published)!, "nist-strd") is var beside && Directory.Exists(beside) ? beside : null;

    /// <summary>Reads NIST's own format: starts and certified values from line 41, data from line 61.</summary>
    public static NistSet Read(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder!, name + ".dat"));
        double[][] parameters = [.. lines.Skip(40).TakeWhile(l => l.Contains('=')).Select(l => Numbers(l.Split('=')[1]))];
        string sum = lines.First(l => l.StartsWith("Residual Sum of Squares:", StringComparison.Ordinal));
        double[][] data = [.. lines.Skip(60).Select(Numbers).Where(r => r.Length > 1)];
        return new(name, [.. parameters.Select(p => p[0])], [.. parameters.Select(p => p[1])], [.. parameters.Select(p => p[2])], Numbers(sum.Split(':')[1])[0], [.. data.Select(r => r[0])], [.. data.Select(r => r[1..])]);
    }

    /// <summary>The small sets, written out: they are tested everywhere.</summary>
    public static readonly IReadOnlyList<NistSet> Small =
    [
        new("Misra1a", [500, 1e-4], [250, 5e-4], [2.3894212918E+02, 5.5015643181E-04], 1.2455138894E-01,
            [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78],
            Rows(77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0)),
        new("DanWood", [1, 5], [0.7, 4], [7.6886226176E-01, 3.8604055871E+00], 4.3173084083E-03,
            [2.138, 3.421, 3.597, 4.340, 4.882, 5.660], Rows(1.309, 1.471, 1.490, 1.565, 1.611, 1.680)),
        new("BoxBOD", [1, 1], [100, 0.75], [2.1380940889E+02, 5.4723748542E-01], 1.1680088766E+03,
            [109, 149, 149, 191, 213, 224], Rows(1, 2, 3, 5, 7, 10)),
        new("MGH09", [25, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39], [1.9280693458E-01, 1.9128232873E-01, 1.2305650693E-01, 1.3606233068E-01], 3.0750560385E-04,
            [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246], Rows(4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)),
        new("MGH10", [2, 400000, 25000], [0.02, 4000, 250], [5.6096364710E-03, 6.1813463463E+03, 3.4522363462E+02], 8.7945855171E+01,
            [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872], Rows(50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125)),
        new("Rat42", [100, 1, 0.1], [75, 2.5, 0.07], [7.2462237576E+01, 2.6180768402E+00, 6.7359200066E-02], 8.0565229338E+00,
            [8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08], Rows(9, 14, 21, 28, 42, 57, 63, 70, 79)),
        new("Rat43", [100, 10, 1, 1], [700, 5, 0.75, 1.3], [6.9964151270E+02, 5.2771253025E+00, 7.5962938329E-01, 1.2792483859E+00], 8.7864049080E+03,
            [16.08, 33.83, 65.80, 97.20, 191.55, 326.20, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41], Rows(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
    ];

    private static double[][] Rows(params double[] x) => [.. x.Select(v => new[] { v })];

    private static double[] Numbers(string text) => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(w => double.Parse(w, CultureInfo.InvariantCulture))];
}
