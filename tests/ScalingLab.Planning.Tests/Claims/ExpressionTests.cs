using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Planning.Claims;

namespace ScalingLab.Planning.Tests.Claims;

public class ExpressionTests
{
    [Theory]
    [InlineData("2 + 3 * 4", 14)]
    [InlineData("(2 + 3) * 4", 20)]
    [InlineData("2^3^2", 512)]
    [InlineData("-2^2", -4)]
    [InlineData("1/2/4", 0.125)]
    [InlineData("4.4^5", 1649.16224)] // research: the 10,000x of the essay
    [InlineData("1.4T", 1.4e12)]
    [InlineData("58.3 %", 0.583)]
    [InlineData("2x", 2)]
    [InlineData("sqrt(1000/(6*20))", 2.886751345948129)]
    [InlineData("min(3, 2) + max(1, 5)", 7)]
    [InlineData("6 FLOP/param/token * 175B param * 300e9 token / (1 FLOP)", 3.15e23)]
    [InlineData("1 PF-day / (1 FLOP)", 8.64e19)]
    [InlineData("355 GPU-years / (1 GPU-hour)", 355 * 8766.0)]
    public void Formulas_are_evaluated(string text, double expected)
    {
        var value = Expression.Evaluate(text);
        Assert.Equal(Dimensions.None, value.Dimensions);
        Assert.Equal(expected, value.Value, Math.Abs(expected) * 1e-14);
    }

    /// <summary>Patterson et al. 2021, arXiv:2104.10350, Table 4; the second from research/planning.md.</summary>
    [Theory]
    [InlineData("3.14e23 FLOP / (24.6 TFLOP/s) * 330 W * 1.10", "MWh", 1287.06)]
    [InlineData("6 FLOP/param/token * 70B param * 1.4T token / (4096 chip * 989 TFLOP/s/chip * 0.40)", "day", 4.1999813)]
    public void Units_carry_through(string text, string unit, double expected) =>
        Assert.Equal(expected, QuantityFormula.In(text, Expression.Evaluate(text), Expression.Evaluate(unit)), expected * 1e-6);

    [Theory]
    [InlineData("1 MWh + 1 FLOP", "units that fit: J, kJ, Wh, kWh, MWh, GWh, TWh")]
    [InlineData("3 PFLOPs", "did you mean 'PFLOP'?")]
    [InlineData("kaplan_n(7 token)", "units that fit: param")]
    [InlineData("kaplan_m(7 param)", "did you mean 'kaplan_n'?")]
    [InlineData("2^(1 s)", "an exponent is a pure number")]
    public void A_wrong_unit_names_the_ones_that_fit(string text, string help) => Assert.Equal(help, Assert.Throws<ExpressionException>(() => Expression.Evaluate(text)).Help);

    [Theory, InlineData(""), InlineData("2 +"), InlineData("(2"), InlineData("2)"), InlineData("$"), InlineData("1e999"), InlineData("1/0"), InlineData("ln(0)"), InlineData("..")]
    public void What_is_no_formula_is_refused(string text) => Assert.Throws<ExpressionException>(() => Expression.Evaluate(text));

    [Fact]
    public void Nesting_is_bounded()
    {
        Assert.Throws<ExpressionException>(() => Expression.Evaluate(new string('(', 100_000) + "1"));
        Assert.Throws<ExpressionException>(() => Expression.Evaluate(new string('-', 100_000) + "1"));
        Assert.Throws<ExpressionException>(() => Expression.Evaluate(string.Concat(Enumerable.Repeat("2^", 100_000)) + "1"));
    }

    [Fact]
    public void Any_text_gives_a_finite_number_or_an_expression_error() => Prop.ForAll<string>(text =>
    {
        try
        {
            return double.IsFinite(Expression.Evaluate(text ?? "").Value);
        }
        catch (ExpressionException)
        {
            return true;
        }
    }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Every_unit_reads_back_its_own_size()
    {
        foreach (string name in UnitTable.Names)
            Assert.Equal(UnitTable.Find(name), Expression.Evaluate($"1 {name}"));
    }
}
