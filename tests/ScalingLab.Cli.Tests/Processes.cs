namespace ScalingLab.Cli.Tests;

/// <summary>Tests that start the program: one at a time, and beside no other tests, since each loads all cores.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Processes : ICollectionFixture<UndisturbedSweep>
{
    public const string Name = "processes";
}
