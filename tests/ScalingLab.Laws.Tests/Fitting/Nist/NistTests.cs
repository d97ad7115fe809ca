using ScalingLab.Laws.Fitting;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Fitting.Nist;

/// <summary>The solver of the laws on certified nonlinear regressions, from NIST's start 1 (far) and start 2 (near).</summary>
public class NistTests(ITestOutputHelper output)
{
    private const double Digits = 6;

    public static IEnumerable<object[]> Small => NistSet.Small.SelectMany(s => new object[][] { [s.Name, 1], [s.Name, 2] });

    [Theory, MemberData(nameof(Small))]
    public void Small_sets_reach_their_certified_values_but_for_one_far_start(string name, int start) => Check(NistSet.Small.Single(s => s.Name == name), start);

    // From its far start MGH10 creeps along a valley in which b1 is 1e-34 and needs more steps than are given;
    // MGH17 falls into a region of two equal exponentials that cancel. Their near starts reach 10 and 7 digits.
    private static readonly string[] TooFar = ["MGH10 1", "MGH17 1"];

    [NistFact]
    public void Every_set_reaches_its_certified_values_but_for_two_far_starts()
    {
        string[] names = [.. Directory.GetFiles(NistSet.Folder!, "*.dat").Select(f => Path.GetFileNameWithoutExtension(f)).Where(n => NistModels.Find(n) is not null).Order(StringComparer.Ordinal)];
        Assert.True(names.Length >= 20, string.Join(", ", names));
        var failed = names.SelectMany(n => new[] { (Name: n, Start: 1), (Name: n, Start: 2) }).Where(p => Run(NistSet.Read(p.Name), p.Start) < Digits).Select(p => $"{p.Name} {p.Start}").ToArray();
        Assert.Equal(TooFar, failed);
    }

    [NistFact]
    public void The_sets_written_out_are_NISTs()
    {
        foreach (var set in NistSet.Small)
        {
            var theirs = NistSet.Read(set.Name);
            Assert.Equal(theirs.Start1, set.Start1);
            Assert.Equal(theirs.Start2, set.Start2);
            Assert.Equal(theirs.Certified, set.Certified);
            Assert.Equal(theirs.SumOfSquares, set.SumOfSquares);
            Assert.Equal(theirs.Y, set.Y);
            Assert.Equal(theirs.X, set.X);
        }
    }

    private void Check(NistSet set, int start) => Assert.Equal(!TooFar.Contains($"{set.Name} {start}"), Run(set, start) >= Digits);

    // Least number of certified digits among the parameters.
    private double Run(NistSet set, int start)
    {
        double[] x = [.. start == 1 ? set.Start1 : set.Start2];
        double[] none = new double[x.Length];
        var solver = new DampedNewton([.. none.Select(_ => double.NegativeInfinity)], [.. none.Select(_ => double.PositiveInfinity)]);
        var outcome = solver.Minimize(new NistProblem(set), x, new bool[x.Length], evaluationLimit: 2000);
        double digits = x.Zip(set.Certified).Min(p => Math.Min(11, -Math.Log10(Math.Abs(p.First - p.Second) / Math.Abs(p.Second))));
        output.WriteLine(FormattableString.Invariant($"{set.Name,-9} start {start}: {digits:0.0} digits, {outcome.Evaluations} evaluations, {outcome.Reason}, {outcome.Value:e10} certified {set.SumOfSquares:e10} | {string.Join(", ", x)}"));
        return digits;
    }
}

/// <summary>A fact that needs NIST's files.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NistFactAttribute : FactAttribute
{
    public NistFactAttribute()
    {
        if (NistSet.Folder is null)
            Skip = "NIST's .dat files are not on this machine: name their folder in SCALINGLAB_NIST_STRD, or put them into ../shared/data/nist-strd";
    }
}
