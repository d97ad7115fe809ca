using System.Text.Json;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tests.Configs;

public sealed class SweepPlanTests
{
    private const int Vocabulary = 257;

    private static readonly SweepConfig Base = new() { Name = "s", Corpus = new CorpusConfig { Path = "text.txt" } };

    /// <summary>Folders made by one version must be found by the next: a change here orphans every run on disk.</summary>
    [Fact]
    public void A_run_keeps_its_id_for_ever()
    {
        PlannedRun run = Assert.Single(SweepPlan.Of(With(KernelChoice.Reference), Vocabulary).Runs);
        Assert.Equal("L2-d64-999K-s1-a2743487", run.Id);
        Approved.Equal("CanonicalJson", CanonicalJson.Of(run.Config) + "\n");
    }

    /// <summary>The kernels differ in the last bits of a result, so their runs have folders of their own; a config of before the choice was reference.</summary>
    [Fact]
    public void Runs_of_other_kernels_are_other_runs_and_a_config_that_names_none_means_reference()
    {
        RunConfig reference = Assert.Single(SweepPlan.Of(With(KernelChoice.Reference), Vocabulary).Runs).Config, fused = Assert.Single(SweepPlan.Of(With(KernelChoice.Fused), Vocabulary).Runs).Config;
        Assert.NotEqual(CanonicalJson.RunId(reference), CanonicalJson.RunId(fused));
        Assert.Equal(KernelChoice.Fused, Base.Training.Kernels);
        foreach (RunConfig config in new[] { reference, fused })
        {
            var manifest = new RunManifest { RunId = "r", Config = config, Vocabulary = Vocabulary, Logging = new LoggingConfig() };
            string json = JsonSerializer.Serialize(manifest, RunJson.Default.RunManifest);
            Assert.Equal(config == fused, json.Contains("kernels", StringComparison.Ordinal));
            Assert.Equal(config.Training.Kernels, JsonSerializer.Deserialize(json, RunJson.Default.RunManifest)!.Config.Training.Kernels);
        }
    }

    [Fact]
    public void A_constant_schedule_trains_one_trunk_that_is_evaluated_at_every_budget()
    {
        SweepConfig sweep = Base with { Sweep = new SweepAxes { Flops = [1e11, 4e11, 2e11], Seeds = [1, 2] } };
        IReadOnlyList<PlannedRun> runs = SweepPlan.Of(sweep, Vocabulary).Runs;
        Assert.Equal([1, 2], runs.Select(r => r.Config.Training.Seed));
        double perToken = FlopCounts.MatrixProducts(Base.Model, Vocabulary);
        foreach (PlannedRun run in runs)
        {
            Assert.Equal(new[] { 1e11, 2e11, 4e11 }.Select(c => (long)Math.Round(c / perToken / 2048) * 2048), run.Config.Evaluation.AtTokens);
            Assert.Equal(run.Config.Evaluation.AtTokens[^1], run.Tokens);
            Assert.Equal(4e11, run.Flops, 0.5 * 2048 * perToken); // half a step
            Assert.Equal(3, run.Observations);
        }
    }

    [Theory]
    [InlineData(ScheduleKind.Cosine)]
    [InlineData(ScheduleKind.Wsd)]
    public void A_schedule_with_an_end_trains_one_run_for_each_token_count(ScheduleKind kind)
    {
        SweepConfig sweep = Base with
        {
            Training = Base.Training with { Schedule = new ScheduleConfig { Kind = kind } },
            Sweep = new SweepAxes { Tokens = [100_000, 200_000, 200_100] },
        };
        // The last two round to the same whole number of steps.
        Assert.Equal([49 * 2048L, 98 * 2048L], SweepPlan.Of(sweep, Vocabulary).Runs.Select(r => r.Tokens));
        Assert.All(SweepPlan.Of(sweep, Vocabulary).Runs, r => Assert.Equal(1, r.Observations));
    }

    [Theory]
    [InlineData(HyperParameterRule.Porian2024)]
    [InlineData(HyperParameterRule.StepLaw2025)]
    public void The_batch_of_a_rule_divides_the_tokens_and_is_kept_in_the_config(HyperParameterRule rule)
    {
        for (long tokens = 1_000; tokens < 30_000_000; tokens = tokens * 5 / 3)
        {
            SweepConfig sweep = Base with { Training = Base.Training with { BatchRule = rule }, Sweep = new SweepAxes { Tokens = [tokens] } };
            PlannedRun run = Assert.Single(SweepPlan.Of(sweep, Vocabulary).Runs);
            Assert.Equal(0, run.Tokens % run.BatchTokens);
            Assert.Equal(0, run.BatchTokens % 128);
            Assert.Equal(HyperParameters.BatchTokens(sweep.Training, run.Parameters, 128, tokens), run.BatchTokens);
            // What the trainer computes from the run's own config is the same batch.
            Assert.Equal(run.BatchTokens, HyperParameters.BatchTokens(run.Config.Training, run.Parameters, 128, run.Tokens));
        }
    }

    [Fact]
    public void Bounds_on_tokens_per_parameter_leave_out_pairs_and_warn_of_a_shape_that_lost_all()
    {
        SweepConfig sweep = Base with
        {
            Sweep = new SweepAxes
            {
                Shapes = [new() { Layers = 1, Width = 32 }, new() { Layers = 8, Width = 512 }], Tokens = [500_000, 5_000_000],
                MinTokensPerParameter = 1, MaxTokensPerParameter = 100,
            },
        };
        SweepPlan plan = SweepPlan.Of(sweep, Vocabulary);
        // 1 layer of 32 has about 20 thousand parameters: 5 million tokens are 240 for each.
        Assert.Equal([(long)Math.Round(500_000.0 / 2048) * 2048], plan.Runs.Select(r => r.Tokens));
        Assert.Equal("L8-d512 has no run: the bound of 1 to 100 tokens per parameter leaves out all its token counts", Assert.Single(plan.Warnings));
    }

    [Fact]
    public void A_shape_without_heads_keeps_the_head_width_of_the_model()
    {
        SweepConfig sweep = Base with { Sweep = new SweepAxes { Shapes = [new() { Width = 128 }, new() { Layers = 3 }, new() { Width = 96, Heads = 1 }] } };
        Assert.Equal([4, 2, 1], SweepPlan.Of(sweep, Vocabulary).Runs.Select(r => r.Config.Model.Heads));
    }

    [Fact]
    public void The_grid_makes_every_combination_and_equal_runs_are_merged()
    {
        SweepConfig sweep = Base with
        {
            Sweep = new SweepAxes
            {
                Seeds = [1, 1],
                Grid = new Dictionary<string, IReadOnlyList<string>>
                {
                    ["training.learning_rate"] = ["0.001", "1e-3", "0.002"], ["model.norm"] = ["rms_norm", "layer_norm"],
                    ["training.batch_tokens"] = ["2048", "2100"], // both are 16 sequences of 128
                },
            },
        };
        Assert.Equal(
            [(0.001, Norm.RmsNorm), (0.001, Norm.LayerNorm), (0.002, Norm.RmsNorm), (0.002, Norm.LayerNorm)],
            SweepPlan.Of(sweep, Vocabulary).Runs.Select(r => (r.Config.Training.LearningRate, r.Config.Model.Norm)));
    }

    [Fact]
    public void Everything_that_decides_a_result_changes_the_id_and_logging_does_not()
    {
        string[] ids =
        [
            Id(Base),
            Id(Base with { Model = Base.Model with { QkNorm = false } }),
            Id(Base with { Training = Base.Training with { LearningRate = Math.BitIncrement(0.003) } }),
            Id(Base with { Corpus = Base.Corpus with { HeldOutFraction = 0.1 } }),
            Id(Base with { Evaluation = Base.Evaluation with { Tokens = 7 } }),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[0], Id(Base with { Name = "other", Logging = new LoggingConfig { EverySteps = 1 } }));

        static string Id(SweepConfig sweep) => SweepPlan.Of(sweep, Vocabulary).Runs[0].Id;
    }

    private static SweepConfig With(KernelChoice kernels) => Base with { Training = Base.Training with { Kernels = kernels } };
}
