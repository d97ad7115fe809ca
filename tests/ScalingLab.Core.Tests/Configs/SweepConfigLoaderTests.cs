using System.Globalization;
using System.Reflection;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Tests.Configs;

public sealed class SweepConfigLoaderTests
{
    [Fact]
    public void What_a_file_leaves_out_keeps_its_default()
    {
        SweepConfig config = Sweeps.Config(Sweeps.Smallest);
        var expected = new SweepConfig { Name = "tiny", Corpus = new CorpusConfig { Path = "text.txt" }, Training = new TrainingConfig { Tokens = 1_000_000 } };
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(config));
    }

    [Fact]
    public void Every_member_of_the_records_has_a_key_and_every_key_a_member()
    {
        Assert.Equal(Paths(typeof(SweepConfig), "").Order(), Origins(Sweeps.Smallest).Keys.Order());

        static IEnumerable<string> Paths(Type type, string prefix) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite)
            .SelectMany(p => p.PropertyType.IsClass && p.PropertyType.Namespace!.StartsWith("ScalingLab", StringComparison.Ordinal)
                ? Paths(p.PropertyType, prefix + Snake(p.Name) + ".")
                : [prefix + Snake(p.Name)]);
        static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
    }

    [Theory]
    [InlineData("1000000")]
    [InlineData("1_000_000")]
    [InlineData("1e6")]
    [InlineData("1.0E+6")]
    [InlineData("\"1000000\"")]
    public void A_whole_number_may_be_written_in_each_usual_way(string text) =>
        Assert.Equal(1_000_000, Sweeps.Config(Sweeps.Smallest, $"training.tokens={text.Trim('"')}").Training.Tokens);

    [Fact]
    public void A_locale_with_a_decimal_comma_changes_nothing()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            // Invariant globalization knows no German, so the culture is made by hand.
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            german.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
            CultureInfo.CurrentCulture = german;
            SweepConfig config = Sweeps.Config(Sweeps.Smallest, "training.learning_rate=1.5e-3", "sweep.flops=1e12,3.5e12");
            Assert.Equal(0.0015, config.Training.LearningRate);
            Assert.Contains("learning_rate: 0.0015\n", SweepConfigWriter.ToYaml(config), StringComparison.Ordinal);
            Assert.Contains("\"exclusiveMinimum\": 0", SweepConfigSchema.ToJson(), StringComparison.Ordinal);
            Assert.Contains("-1.5M-", CanonicalJson.RunId(SweepPlan.Of(config with { Sweep = new SweepAxes { Tokens = [1_500_000] } }, 257).Runs[0].Config), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Names_of_choices_are_those_of_the_papers()
    {
        SweepConfig config = Sweeps.Config(Sweeps.Smallest, "model.norm=rms_norm", "model.activation=swi_glu", "model.positions=none", "training.learning_rate_rule=steplaw2025", "training.batch_rule=porian2024", "training.schedule.kind=wsd", "corpus.tokenizer=bpe");
        Assert.Equal((Norm.RmsNorm, Activation.SwiGlu, Positions.None), (config.Model.Norm, config.Model.Activation, config.Model.Positions));
        Assert.Equal((HyperParameterRule.StepLaw2025, HyperParameterRule.Porian2024), (config.Training.LearningRateRule, config.Training.BatchRule));
        Assert.Equal((ScheduleKind.Wsd, TokenizerKind.Bpe), (config.Training.Schedule.Kind, config.Corpus.Tokenizer));
    }

    [Fact]
    public void A_flag_beats_the_file_which_beats_the_default()
    {
        IReadOnlyDictionary<string, ConfigOrigin> origins = Origins(Sweeps.Smallest, "training.seed=7");
        Assert.Equal(["default", "line 4", "--set"], new[] { "training.learning_rate", "training.tokens", "training.seed" }.Select(k => origins[k].ToString()));
        Assert.Equal(5, Sweeps.Config(Sweeps.Smallest, "training.tokens=3", "training.tokens=5").Training.Tokens);
    }

    [Fact]
    public void Origins_stand_behind_each_value_as_comments()
    {
        string yaml = SweepConfigWriter.ToYamlWithOrigins(Sweeps.Parse(Sweeps.Smallest, "training.seed=7"));
        Assert.Contains("  tokens: 1000000  # line 4\n", yaml, StringComparison.Ordinal);
        Assert.Contains("  seed: 7  # --set\n", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_given_to_training_is_the_sweeps_seed_unless_the_sweep_lists_its_own()
    {
        Assert.Equal([7], Sweeps.Config(Sweeps.Smallest, "training.seed=7").Sweep.Seeds);
        Assert.Equal([1, 2], Sweeps.Config(Sweeps.Smallest, "training.seed=7", "sweep.seeds=[1, 2]").Sweep.Seeds);
    }

    [Fact]
    public void Windows_line_ends_a_byte_order_mark_anchors_and_empty_sections_are_all_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.yaml"), "\uFEFFcorpus: {path: &p 'text.txt'}\r\nmodel:\r\n#  layers: 2\r\ntraining:\r\n  tokens: 1e6\r\nname: *p\r\n");
        SweepConfig config = SweepConfigLoader.Load(folder.File("a.yaml"), []);
        Assert.Equal(("text.txt", 2), (config.Name, config.Model.Layers));
    }

    [Fact]
    public void A_config_written_out_loads_to_the_same_config() => Prop.ForAll(Configs.ToArbitrary(), config =>
    {
        string yaml = SweepConfigWriter.ToYaml(config);
        Assert.Equal(JsonSerializer.Serialize(config), JsonSerializer.Serialize(Sweeps.Config(yaml)));
    }).QuickCheckThrowOnFailure();

    /// <summary>Sound configs with most members away from their defaults.</summary>
    private static Gen<SweepConfig> Configs =>
        from separator in ArbMap.Default.GeneratorFor<string>()
        from rate in Gen.Choose(1, int.MaxValue).Select(i => i / 1e9 / 3)
        from tokens in Gen.Choose(1, int.MaxValue).Select(i => 1000L * i)
        from head in Gen.Choose(1, 40).Select(i => 2 * i)
        from heads in Gen.Choose(1, 8)
        from norm in Gen.Elements(Enum.GetValues<Norm>())
        from activation in Gen.Elements(Enum.GetValues<Activation>())
        from rule in Gen.Elements(HyperParameterRule.Fixed, HyperParameterRule.Porian2024, HyperParameterRule.StepLaw2025)
        from horizon in Gen.Elements<long?>(null, 12345)
        from seeds in Gen.Choose(0, 99).NonEmptyListOf()
        from shapes in Gen.Elements<SweepShape>(new(), new() { Layers = 3 }, new() { Width = 2 * head }, new() { Layers = 1, Width = 12, Heads = 3 }).ListOf()
        from budgets in Gen.Choose(1, 99).Select(i => i * 1.1e12).ListOf()
        select new SweepConfig
        {
            Name = "n-1.2_x",
            Corpus = new CorpusConfig { Path = "a b.txt", DocumentSeparator = Sound(separator), Tokenizer = TokenizerKind.Bpe, Vocabulary = 4096 },
            Model = new ModelShape { Width = head * heads, Heads = heads, Norm = norm, Activation = activation, QkNorm = false, MlpWidth = head },
            Training = new TrainingConfig { Tokens = tokens, LearningRate = rate, LearningRateRule = rule, BatchRule = rule, Schedule = new ScheduleConfig { HorizonTokens = horizon, Kind = ScheduleKind.Cosine } },
            Evaluation = new EvaluationConfig { AtTokens = [tokens, 2 * tokens] },
            Logging = new LoggingConfig { CheckpointSteps = heads },
            Sweep = new SweepAxes
            {
                Seeds = [.. seeds.Take(9)], Shapes = [.. shapes.Take(9)], Flops = [.. budgets.Take(9)], MaxTokensPerParameter = rate,
                Grid = new Dictionary<string, IReadOnlyList<string>> { ["training.learning_rate"] = ["0.001", "1e-2"], ["model.mlp_width"] = ["null", "64"] },
            },
        };

    /// <summary>Text that UTF-8 can hold.</summary>
    private static string Sound(string? text) => new((text ?? "").Where(c => !char.IsSurrogate(c)).ToArray());

    private static IReadOnlyDictionary<string, ConfigOrigin> Origins(string text, params string[] flags) => Sweeps.Parse(text, flags).Origins;
}
