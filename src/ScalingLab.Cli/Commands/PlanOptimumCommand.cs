using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Planning;
using ScalingLab.Planning.Optimum;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;
using ScalingLab.Planning.Units;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan optimum</c>: how to split a budget between parameters and tokens, under which limits.</summary>
internal static class PlanOptimumCommand
{
    private const string DefaultAccelerator = "h100";

    public static Command Create()
    {
        var flags = new Flags();
        var command = new Command("optimum", "Split a budget between parameters and tokens: for training alone, with serving, limited data or memory.");
        foreach (var option in flags.All)
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            var law = PlanningLaw.Load(parse.GetValue(flags.Law)!);
            var (task, budget) = flags.Task(parse, law);
            var plan = OptimumPlan.For(law, task);
            plan = plan with { FlopsBand = budget.Band, Assumptions = [.. budget.Assumptions, .. plan.Assumptions] };
            if (parse.GetValue(flags.AllLaws))
                plan = plan with { Variants = OptimumPlan.PublishedVariants(task) };
            if (parse.GetValue(flags.Figure) is { } path)
                Draw(path, law, task, plan);
            if (parse.GetValue(flags.Json))
                Console.Out.WriteLine(plan.ToJson());
            else
                PlanOptimumText.Print(plan, parse.GetValue(flags.TradeOff));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Draw(string path, PlanningLaw law, OptimumTask task, OptimumPlan plan)
    {
        const int Points = 97;
        if (law.Surface is not { } surface || plan.OverTraining is not { } rows)
            throw CostOptions.Usage($"--figure: {law.Name} gives no loss surface to draw", "use a law of losses such as besiroglu2024");
        var optimum = rows.First(r => r.Multiple == 1);
        var multiples = Enumerable.Range(0, Points).Select(i => Math.Pow(2, -3 + 10.0 * i / (Points - 1)));
        var dense = OverTraining.Around(surface with { UniqueTokens = task.UniqueTokens }, new(optimum.Params, optimum.Tokens), law.FlopsPerParameterToken, multiples);
        var figure = new OverTrainingTradeOff([.. dense.Select(r => new TradeOffPoint(r.TokensPerParam, r.LossPenalty, r.FlopsRatio, r.BreakEvenServedTokens))],
            optimum.TokensPerParam, $"{law.Name}, around {PlanText.Count(optimum.Params)} parameters on {PlanText.Count(optimum.Tokens)} tokens");
        File.WriteAllText(path, figure.ToSvg());
        Console.Error.WriteLine($"wrote {path}");
    }

    private sealed class Flags
    {
        private readonly CostOptions cost = new();
        private readonly QuantityOption flops = QuantityOption.Of("--flops", Dimension.Flops, "Budget in FLOPs: 5.76e23, 3640PF-day, 12EFLOP.");
        private readonly QuantityOption usd = QuantityOption.Of("--usd", Dimension.Usd, "Budget in rent instead: 2M; the accelerator's price and utilization turn it into FLOPs.");
        private readonly QuantityOption hours = QuantityOption.Of("--accelerator-hours", Dimension.AcceleratorHours, "Budget in accelerator-hours instead.");
        private readonly QuantityOption energy = QuantityOption.Of("--energy", Dimension.Energy, "Budget in energy at the meter instead: 300MWh.");
        private readonly QuantityOption quality = QuantityOption.Of("--quality-of", Dimension.Parameters, "Instead of a budget: that of the compute-optimal model of so many parameters.");
        private readonly QuantityOption served = QuantityOption.Of("--inference-tokens", Dimension.Tokens, "Tokens that will be served: the budget sets the quality, reached at the least cost of training and serving.");
        private readonly Option<bool> lifetime = new("--lifetime") { Description = "The budget pays for serving too." };
        private readonly QuantityOption servingUtilization = QuantityOption.Of("--serving-utilization", Dimension.Share, "Share of the peak that serving reaches: its FLOPs cost more by the ratio to --utilization.");
        private readonly QuantityOption servingUsdPerHour = QuantityOption.Of("--serving-usd-per-hour", Dimension.UsdPerHour, "Rent of a serving accelerator, where it differs.");
        private readonly Option<string?> servingAccelerator = new("--serving-accelerator") { Description = "Accelerator that serves, where it differs." };
        private readonly QuantityOption unique = QuantityOption.Of("--unique-tokens", Dimension.Tokens, "Distinct tokens there are: beyond them tokens repeat and lose value.");
        private readonly QuantityOption memory = QuantityOption.Of("--memory", Dimension.Bytes, "Memory that the model must fit into: 640GB.");
        private readonly QuantityOption bytesPerParameter = QuantityOption.Of("--bytes-per-param", Dimension.Factor, "Bytes a parameter in that memory. Default 16, training with Adam; 2 to serve at 16 bits.");
        private readonly QuantityOption parameters = QuantityOption.Of("--params", Dimension.Parameters, "Hold N, and see what it costs.");
        private readonly QuantityOption tokens = QuantityOption.Of("--tokens", Dimension.Tokens, "Hold D, and see what it costs. With --params too, no budget is needed.");

        public Option<string> Law { get; } = new("--law")
        {
            Description = $"{string.Join(", ", PublishedLaw.All.Select(l => l.Name))}, {KaplanAllocation.Name}, or a file that fit --json wrote.",
            DefaultValueFactory = _ => "besiroglu2024",
        };

        public Option<bool> AllLaws { get; } = new("--all-laws") { Description = "Show every published law beside it." };

        public Option<bool> TradeOff { get; } = new("--trade-off") { Description = "Show the price of training on more or fewer tokens a parameter." };

        public Option<string?> Figure { get; } = new("--figure") { Description = "Draw that trade-off to an SVG file." };

        public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document (schema scalinglab.plan.optimum/1)." };

        public IEnumerable<Option> All => [Law, flops, usd, hours, energy, quality, served, lifetime, servingUtilization, servingUsdPerHour, servingAccelerator, unique, memory, bytesPerParameter, parameters, tokens,
            AllLaws, TradeOff, Figure, .. cost.All, Json];

        public (OptimumTask Task, Budget Budget) Task(ParseResult parse, PlanningLaw law)
        {
            double? held = parameters.Read(parse), heldTokens = tokens.Read(parse), servedTokens = served.Read(parse);
            if ((held ?? heldTokens) is not null && servedTokens is not null)
                throw CostOptions.Usage("--params or --tokens hold the model, and --inference-tokens would choose it", "give one or the other; --trade-off shows the served tokens that pay a smaller model back");
            foreach (var serving in new Option[] { lifetime, servingUtilization, servingUsdPerHour, servingAccelerator }.Where(o => servedTokens is null && parse.GetResult(o) is { Implicit: false }))
                throw CostOptions.Usage($"{serving.Name} is about serving, and --inference-tokens is missing", "give --inference-tokens 2T");
            double? bytes = memory.Read(parse);
            if (bytes is null && bytesPerParameter.Read(parse) is not null)
                throw CostOptions.Usage("--bytes-per-param is given without --memory", "give --memory 640GB");
            double perParameter = bytesPerParameter.Read(parse) ?? 16;
            if (!(perParameter > 0))
                throw CostOptions.Usage("--bytes-per-param is 0", "write 16 for training with Adam, 2 to serve at 16 bits");
            var budget = held is { } n && heldTokens is { } d ? NoBudget(parse, law.FlopsPerParameterToken * n * d) : Read(parse, law);
            return (new()
            {
                Budget = budget.Flops,
                ServedTokens = servedTokens ?? 0,
                ServingWeight = servedTokens is null ? 1 : Weight(parse),
                BudgetCoversServing = parse.GetValue(lifetime),
                UniqueTokens = unique.Read(parse),
                MostParameters = bytes / perParameter,
                HeldParameters = held,
                HeldTokens = heldTokens,
            }, budget);
        }

        private Budget NoBudget(ParseResult parse, double flopsOfBoth) => new Option[] { flops, usd, hours, energy, quality }.FirstOrDefault(o => parse.GetResult(o) is not null) is { } budget
            ? throw CostOptions.Usage($"--params and --tokens cost {NumberTables.Number(flopsOfBoth)} FLOPs, and {budget.Name} gives another budget", "leave one of the three out")
            : Budget.FromFlops(flopsOfBoth);

        private Budget Read(ParseResult parse, PlanningLaw law)
        {
            Option[] given = [.. new Option[] { flops, usd, hours, energy, quality }.Where(o => parse.GetResult(o) is not null)];
            if (given.Length != 1)
                throw CostOptions.Usage(given.Length == 0 ? "there is no budget" : $"there are two budgets: {given[0].Name} and {given[1].Name}", "give one of --flops 5.76e23, --usd 2M, --accelerator-hours 500k, --energy 300MWh and --quality-of 13B");
            if (flops.Read(parse) is { } count)
                return Budget.FromFlops(count);
            if (quality.Read(parse) is { } like)
                return law.Surface is { } surface ? Budget.FromFlops(Budget.FromQuality(surface, like, law.FlopsPerParameterToken)) : throw CostOptions.Usage($"--quality-of: {law.Name} gives no loss surface", "use a law of losses such as besiroglu2024");
            var rates = Rates(parse);
            if (hours.Read(parse) is { } h)
                return Budget.FromHours(h, rates);
            if (energy.Read(parse) is { } kwh)
                return rates.KwhPerHour > 0 ? Budget.FromEnergy(kwh, rates) : throw CostOptions.Usage("--energy: the accelerator draws no power by --server-factor, --power-fraction or --pue", "leave them out");
            return rates.UsdPerHour is > 0 ? Budget.FromUsd(usd.Read(parse)!.Value, rates) : throw CostOptions.Usage($"--usd: no rent of {rates.Accelerator.Name} is known", "give --usd-per-hour");
        }

        private CostRates Rates(ParseResult parse) => cost.Rates(parse, Accelerator.Named(parse.GetValue(cost.Accelerator) ?? DefaultAccelerator));

        // (rent/speed of serving)/(rent/speed of training); 1 when nothing about serving is said to differ.
        private double Weight(ParseResult parse)
        {
            if (servingUtilization.Read(parse) is null && servingUsdPerHour.Read(parse) is null && parse.GetValue(servingAccelerator) is null)
                return 1;
            var training = Rates(parse);
            var accelerator = parse.GetValue(servingAccelerator) is { } name ? Accelerator.Named(name, "--serving-accelerator") : training.Accelerator;
            var own = CostRates.Resolve(accelerator, new() { Utilization = servingUtilization.Read(parse) ?? training.Utilization, UsdPerHour = servingUsdPerHour.Read(parse) ?? (accelerator == training.Accelerator ? training.UsdPerHour : null) });
            if (own.UsdPerHour is not > 0 || training.UsdPerHour is not > 0)
                throw CostOptions.Usage("the rent of the accelerators is not known", "give --usd-per-hour and --serving-usd-per-hour");
            return own.UsdPerHour.Value / own.Achieved.Value / (training.UsdPerHour.Value / training.Achieved.Value);
        }
    }
}
