using System.CommandLine;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan</c>: what to train next, and what it takes. One file a subcommand.</summary>
internal static class PlanCommand
{
    public static Command Create() => new("plan", "Plan training and serving from a published or a fitted law.")
    {
        PlanOptimumCommand.Create(),
        PlanTrainCommand.Create(),
        PlanInferCommand.Create(),
        PlanMemoryCommand.Create(),
        PlanFrontierCommand.Create(),
        PlanDataCommand.Create(),
        PlanTestTimeCommand.Create(),
        PlanClaimsCommand.Create(),
    };
}
