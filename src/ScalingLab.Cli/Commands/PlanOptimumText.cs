using ScalingLab.Planning.Optimum;
using ScalingLab.Planning.Units;

namespace ScalingLab.Cli.Commands;

/// <summary>The plan of a budget as tables for people.</summary>
internal static class PlanOptimumText
{
    public static void Print(OptimumPlan plan, bool tradeOff)
    {
        Console.Out.WriteLine($"{plan.Law}: {plan.Source}");
        string heading = PlanText.Text($"{plan.Mode}, {NumberTables.Number(plan.Flops)} FLOPs{(plan.Flops >= 1e-3 * Dimension.PetaflopDay ? $" = {NumberTables.Number(plan.Flops / Dimension.PetaflopDay)} PF-days" : "")}");
        var table = plan.Bands is { } bands ? NumberTables.Table(heading, plan.Best is null ? "optimum" : "plan", PlanText.Text($"{bands.Level * 100:0.##} % interval")) : NumberTables.Table(heading, plan.Best is null ? "optimum" : "plan");
        Row("parameters", PlanText.Count(plan.Params), plan.Bands?.Params, PlanText.Count);
        Row("tokens", PlanText.Count(plan.Tokens), plan.Bands?.Tokens, PlanText.Count);
        Row("tokens per parameter", NumberTables.Number(plan.TokensPerParam), plan.Bands?.TokensPerParam, NumberTables.Number);
        if (plan.Loss is { } loss)
            Row("loss, nats per token", NumberTables.Number(loss), plan.Bands?.Loss, NumberTables.Number);
        if (plan.Epochs is { } epochs)
            Row("times that the data are read", NumberTables.Number(epochs), null, NumberTables.Number);
        Terminal.Out.Write(table);
        if (plan.Best is { } best)
            Console.Out.WriteLine(PlanText.Text($"the optimum of these FLOPs: {PlanText.Count(best.Params)} parameters on {PlanText.Count(best.Tokens)} tokens, loss {NumberTables.Number(best.Loss!.Value)}: {plan.Loss - best.Loss:+0.####;-0.####} nats for what is held"));
        if (plan.Serving is { } serving)
            Print(plan, serving);
        if (plan.Variants is { } variants)
            Print(variants);
        if (tradeOff && plan.OverTraining is { } rows)
            Print(rows);
        PlanText.Lines("assumed", plan.Assumptions);
        PlanText.Lines("warning", plan.Warnings);

        void Row(string name, string value, double[]? band, Func<double, string> write) => PlanText.Row(table, plan.Bands is null ? [name, value] : [name, value, PlanText.Band(band, write)]);
    }

    private static void Print(OptimumPlan plan, ServingSaving s)
    {
        var table = NumberTables.Table(PlanText.Text($"the same loss, {PlanText.Count(s.ServedTokens)} tokens served"), "parameters", "tokens", "training and serving, FLOPs");
        PlanText.Row(table, "trained without serving in mind", PlanText.Count(s.BaselineParams), PlanText.Count(s.BaselineTokens), NumberTables.Number(s.BaselineLifetimeFlops));
        PlanText.Row(table, "this plan", PlanText.Count(plan.Params), PlanText.Count(plan.Tokens), NumberTables.Number(s.LifetimeFlops));
        PlanText.Row(table, PlanText.Text($"saved: {s.SavedShare * 100:0.0} %"), "", "", NumberTables.Number(s.SavedFlops));
        Terminal.Out.Write(table);
    }

    private static void Print(IReadOnlyList<OptimumVariant> variants)
    {
        var table = NumberTables.Table("published laws", "parameters", "tokens", "tokens per parameter", "its loss", "outside its runs");
        foreach (var v in variants)
            PlanText.Row(table, v.Law, PlanText.Count(v.Params), PlanText.Count(v.Tokens), NumberTables.Number(v.TokensPerParam), v.Loss is { } l ? NumberTables.Number(l) : "-", v.Extrapolation is > 1 and var factor ? PlanText.Text($"x {factor:0.#}") : "-");
        Terminal.Out.Write(table);
    }

    private static void Print(IReadOnlyList<OverTrainingRow> rows)
    {
        var table = NumberTables.Table("tokens per parameter", "at the same FLOPs: N", "loss", "above optimum", "at the same loss: N", "FLOPs", "served tokens to break even");
        foreach (var r in rows)
        {
            PlanText.Row(table, PlanText.Text($"{NumberTables.Number(r.TokensPerParam)} ({r.Multiple:0.##} x)"), PlanText.Count(r.Params), PlanText.Text($"{r.Loss:0.0000}"), PlanText.Text($"{r.LossPenalty:+0.0000;-0.0000;0}"),
                r.SameLossParams is { } n ? PlanText.Count(n) : "-", r.FlopsRatio is { } f ? PlanText.Text($"x {f:0.000}") : "-", r.BreakEvenServedTokens is { } t ? PlanText.Count(t) : "-");
        }
        Terminal.Out.Write(table);
    }
}
