using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.Curves;
using ScalingLab.Planning.Optimum;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Tests.Optimum;

public class ConstrainedOptimumTests
{
    private static readonly PlanningLaw Sardana = PlanningLaw.Load("sardana2024");

    /// <summary>Sardana et al. 2024, arXiv:2401.00448: the quality of a Chinchilla model of 13 billion parameters, and two trillion served tokens.</summary>
    [Fact]
    public void The_example_of_Sardana_to_the_printed_digits()
    {
        double budget = Budget.FromQuality(Sardana.Surface!, 13e9, 6);
        Assert.Equal(13e9, OptimumPlan.For(Sardana, new Flops(budget)).Params, tolerance: 1);
        var plan = OptimumPlan.For(Sardana, new OptimumTask { Budget = budget, ServedTokens = 2e12 });
        Assert.Equal("6.97e9", Text(plan.Params));
        Assert.Equal("1.25e12", Text(plan.Tokens));
        Assert.Equal("1.69e22", Text(plan.Serving!.SavedFlops));
        Assert.Equal("17.4", (plan.Serving.SavedShare * 100).ToString("0.0", CultureInfo.InvariantCulture));
        Assert.Equal(Sardana.Surface!.Loss(13e9, plan.Serving.BaselineTokens), plan.Loss!.Value, 1e-12);
    }

    /// <summary>README of the published code of Muennighoff et al. 2023.</summary>
    [Fact]
    public void The_test_value_of_Muennighoff_to_all_digits()
    {
        var law = PlanningLaw.Load("muennighoff2023");
        var plan = OptimumPlan.For(law, new OptimumTask { Budget = 6 * 6.34e9 * 242e9, HeldParameters = 6.34e9, HeldTokens = 242e9, UniqueTokens = 25e9 });
        Assert.Equal(2.2256440889984477, plan.Loss!.Value, 1e-14);
        Assert.Equal(9.68, plan.Epochs!.Value, 1e-12);
        Assert.True(plan.Best!.Loss <= plan.Loss);
    }

    [Fact]
    public void The_limited_surface_is_the_law_that_fits_are_made_with()
    {
        var curve = new DataConstrained();
        var law = PlanningLaw.Load("muennighoff2023").Surface!;
        double[] values = [law.Decay!.Rd, law.Decay.Rn, law.Law.A, law.Law.B, law.Law.E, law.Law.Alpha, law.Law.Beta];
        foreach ((double n, double d, double u) in new[] { (1e8, 1e9, 1e9), (1e9, 5e11, 2e10), (2e10, 1e10, 5e10), (3e9, 4e12, 1e9) })
            Assert.Equal(curve.Loss(new Setting(n, d, 6 * n * d, u), values), (law with { UniqueTokens = u }).Loss(n, d), 1e-12);
    }

    [Fact]
    public void The_tokens_for_a_loss_reach_it_whether_they_repeat_or_not()
    {
        var law = PlanningLaw.Load("muennighoff2023").Surface!;
        foreach (double u in new[] { 1e9, 3e10, 1e12 })
            foreach (double n in new[] { 1e8, 2e9, 5e10 })
                foreach (double d in new[] { 2e8, 2e10, 4e11 })
                {
                    var surface = law with { UniqueTokens = u };
                    double found = surface.TokensFor(n, surface.Loss(n, d))!.Value;
                    Assert.Equal(surface.Loss(n, d), surface.Loss(n, found), 1e-11);
                    Assert.Equal(1, found / d, d > 100 * u ? 1e-3 : 1e-9); // after hundreds of repetitions hardly any slope tells D
                }
        Assert.Null((law with { UniqueTokens = 1e9 }).TokensFor(1e9, (law with { UniqueTokens = 1e9 }).Loss(1e9, 1e15) - 1e-6));
    }

    [Fact]
    public void A_budget_in_money_hours_or_energy_is_the_FLOPs_that_it_runs()
    {
        var rates = CostRates.Resolve(Accelerator.Named("h100"), new() { Utilization = 0.4, UsdPerHour = 2 });
        Assert.Equal(1e6 / 2 * 3600 * 989e12 * 0.4, Budget.FromUsd(1e6, rates).Flops, 1e10);
        Assert.Equal(Budget.FromUsd(1e6, rates).Flops, Budget.FromHours(5e5, rates).Flops, 1e10);
        Assert.Equal(Budget.FromHours(5e5, rates).Flops, Budget.FromEnergy(5e5 * 0.7 * 1.82 * 0.75 * 1.1, rates).Flops, 1e12);
        Assert.Null(Budget.FromUsd(1e6, rates).Band);
        var open = Budget.FromUsd(1e6, CostRates.Resolve(Accelerator.Named("h100"), new()));
        Assert.Equal([1e6 / 12.29 * 3600 * 989e12 * 0.28 / 1e24, 1e6 / 2.45 * 3600 * 989e12 * 0.44 / 1e24], open.Band!.Select(b => b / 1e24).ToArray(), (a, b) => Math.Abs(a / b - 1) < 1e-9);
        Assert.Contains(open.Assumptions, a => a.Contains("2025"));
    }

    [Fact]
    public void Enough_distinct_tokens_change_nothing_and_few_make_more_epochs_and_a_higher_loss()
    {
        var law = PlanningLaw.Load("muennighoff2023");
        var free = OptimumPlan.For(law, new Flops(1e21));
        var plenty = OptimumPlan.For(law, new OptimumTask { Budget = 1e21, UniqueTokens = 10 * free.Tokens });
        Assert.Equal(free.Params, plenty.Params, 1e-4 * free.Params); // the loss is flat there: it agrees to 1e-9
        Assert.Equal(free.Loss!.Value, plenty.Loss!.Value, 1e-9);
        double last = plenty.Loss.Value;
        foreach (double share in new[] { 0.5, 0.1, 0.02 })
        {
            var few = OptimumPlan.For(law, new OptimumTask { Budget = 1e21, UniqueTokens = share * free.Tokens });
            Assert.True(few.Loss > last);
            Assert.True(few.Epochs > 1);
            last = few.Loss!.Value;
        }
    }

    [Fact]
    public void No_neighbour_of_an_optimum_is_better()
    {
        var tasks = from c in Gen.Choose(18, 26)
                    from served in Gen.Elements(0.0, 0.01, 1, 100)
                    from unique in Gen.Elements(double.NaN, 0.02, 0.3, 3)
                    from cap in Gen.Elements(double.NaN, 0.2, 5)
                    from lifetime in Gen.Elements(true, false)
                    select (c, served, unique, cap, lifetime);
        Prop.ForAll(tasks.ToArbitrary(), x =>
        {
            double budget = Math.Pow(10, x.c);
            var free = Sardana.Surface!.Law.ComputeOptimal(new Flops(budget));
            var task = new OptimumTask
            {
                Budget = budget, ServedTokens = x.served * free.Tokens, BudgetCoversServing = x.lifetime,
                UniqueTokens = double.IsNaN(x.unique) ? null : x.unique * free.Tokens, MostParameters = double.IsNaN(x.cap) ? null : x.cap * free.Parameters,
            };
            var surface = Sardana.Surface with { UniqueTokens = task.UniqueTokens };
            var spending = task.Spending(6);
            var best = task.Best(surface, 6)!.Value;
            double loss = surface.Loss(best.Parameters, best.Tokens), cost = spending.Lifetime(best);
            bool fixedLoss = task.ServedTokens > 0 && !task.BudgetCoversServing;
            bool withinCap = best.Parameters <= (task.MostParameters ?? double.PositiveInfinity) * (1 + 1e-12);
            bool spends = fixedLoss || Math.Abs(cost / budget - 1) < 1e-9;
            return withinCap && spends && new[] { 0.5, 0.9, 0.999, 1.001, 1.1, 2 }.Select(f => f * best.Parameters).Where(n => !(n > task.MostParameters)).All(n => fixedLoss
                ? surface.TokensFor(n, loss) is not { } d || spending.Lifetime(new(n, d)) >= cost * (1 - 1e-10)
                : !(spending.TokensWithin(budget, n) > 0) || surface.Loss(n, spending.TokensWithin(budget, n)) >= loss - 1e-11);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20240405, 1));
    }

    [Fact]
    public void Both_readings_of_a_budget_meet_where_they_cost_the_same()
    {
        double budget = Budget.FromQuality(Sardana.Surface!, 13e9, 6);
        var quality = OptimumPlan.For(Sardana, new OptimumTask { Budget = budget, ServedTokens = 2e12 });
        var lifetime = OptimumPlan.For(Sardana, new OptimumTask { Budget = quality.Serving!.LifetimeFlops, ServedTokens = 2e12, BudgetCoversServing = true });
        Assert.Equal(quality.Params, lifetime.Params, 1e-5 * quality.Params);
        Assert.Equal(quality.Loss!.Value, lifetime.Loss!.Value, 1e-10);
        Assert.Equal(quality.Serving.SavedFlops, lifetime.Serving!.SavedFlops, 1e-5 * quality.Serving.SavedFlops);
    }

    [Fact]
    public void Dearer_serving_makes_the_model_smaller()
    {
        double last = double.PositiveInfinity;
        foreach (double weight in new[] { 0.5, 1, 4, 16 })
        {
            var plan = OptimumPlan.For(Sardana, new OptimumTask { Budget = 1e23, ServedTokens = 1e12, ServingWeight = weight });
            Assert.True(plan.Params < last);
            last = plan.Params;
        }
    }

    [Fact]
    public void A_memory_limit_is_met_exactly_when_it_binds()
    {
        var plan = OptimumPlan.For(Sardana, new OptimumTask { Budget = 1e24, MostParameters = 5e9 });
        Assert.Equal(5e9, plan.Params, 1);
        Assert.Equal("training, memory-limited", plan.Mode);
    }

    [Fact]
    public void The_table_of_over_training_has_its_least_at_the_optimum_and_breaks_even_where_costs_meet()
    {
        var plan = OptimumPlan.For(Sardana, new Flops(1e23));
        var rows = plan.OverTraining!;
        Assert.Equal(OverTraining.Multiples, rows.Select(r => r.Multiple));
        Assert.All(rows, r => Assert.True(r.Multiple == 1 ? r.LossPenalty == 0 && r.FlopsRatio == 1 : r.LossPenalty > 0 && r.FlopsRatio > 1));
        foreach (var row in rows.Where(r => r.Multiple > 1))
        {
            double served = row.BreakEvenServedTokens!.Value;
            Assert.Equal(plan.Loss!.Value, Sardana.Surface!.Loss(row.SameLossParams!.Value, row.SameLossTokens!.Value), 1e-9);
            double large = 6 * plan.Params * plan.Tokens + 2 * plan.Params * served, small = 6 * row.SameLossParams.Value * row.SameLossTokens.Value + 2 * row.SameLossParams.Value * served;
            Assert.Equal(large, small, 1e-6 * large);
        }
        Assert.All(rows.Where(r => r.Multiple <= 1), r => Assert.Null(r.BreakEvenServedTokens));
    }

    [Fact]
    public void Every_published_law_answers_side_by_side()
    {
        var variants = OptimumPlan.PublishedVariants(new OptimumTask { Budget = 5.76e23 });
        Assert.Equal(["besiroglu2024", "hoffmann2022", "hoffmann2022-rounded", "sardana2024", "muennighoff2023", "kaplan2020"], variants.Select(v => v.Law));
        Assert.Equal([93, 59], variants.Where(v => v.Law.StartsWith("hoffmann", StringComparison.Ordinal)).Select(v => Math.Round(v.TokensPerParam)).OrderDescending());
        Assert.Equal(variants[0].Params / 16e9, variants[0].Extrapolation!.Value, 1e-12); // 4.5 in N, 2.7 in D
        Assert.All(variants, v => Assert.True(v.Loss > 1 && v.Source.Contains("arXiv:")));
    }

    /// <summary>Kaplan et al. 2020, Sec. 6.3: N_opt for one PF-day is 1.3e9, and a tenfold budget goes into N 5.4-fold.</summary>
    [Fact]
    public void Kaplan_puts_most_of_a_budget_into_parameters()
    {
        var plan = OptimumPlan.For(PlanningLaw.Load("kaplan2020"), new Flops(8.64e19));
        Assert.Equal(1.3e9, plan.Params, 1);
        Assert.Equal(2e10, plan.Tokens, 1);
        Assert.Equal(Math.Pow(3.1e8, 0.05), plan.Loss!.Value, 1e-12);
        Assert.Equal(5.37, OptimumPlan.For(PlanningLaw.Load("kaplan2020"), new Flops(8.64e20)).Params / plan.Params, 0.01);
    }

    [Fact]
    public void A_law_without_a_loss_surface_plans_training_budgets_only()
    {
        var error = Assert.Throws<UserErrorException>(() => OptimumPlan.For(PlanningLaw.Load("kaplan2020"), new OptimumTask { Budget = 1e21, ServedTokens = 1e12 }));
        Assert.Contains("no loss surface", error.Message);
    }

    [Fact]
    public void A_budget_that_serving_eats_up_is_refused() => Assert.Contains("cannot serve",
        Assert.Throws<UserErrorException>(() => OptimumPlan.For(Sardana, new OptimumTask { Budget = 1e10, ServedTokens = 1e12, BudgetCoversServing = true })).Message);

    private static string Text(double value) => value.ToString("0.00e0", CultureInfo.InvariantCulture);
}
