using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Tests.Configs;

public sealed class ErrorReportTests
{
    [Fact]
    public void All_problems_of_single_values_come_in_one_report_in_the_order_of_their_places() => Approved.Equal("WrongValues", Report("""
        name: tiny
        batchh: 3
        corpus:
          path: text.txt
          vocabulary: 1
        model:
          layers: four
          widht: 64
          activation: swigly
          qk_norm: yes
        training:
          tokens: 10M
          learning_rate: .inf
          schedule: cosine
          seed: 1
          seed: 2
          adam:
            beta2: 1
            epsilon:
        logging: [1, 2]
        sweep:
          tokens: 1e6
          seeds: [1, two, 3.5]
          shapes:
            - {layers: 2, widht: 64}
            - 64
          grid:
            training.learning_rte: [0.1]
            learning_rate: [0.1]
            model.activation: [gelu, relu]
            training.seed: [1, 2]
            training.gradient_clip: 3
        learning_rate: 0.1
        """, "training.learning_rate=abc", "trainin.tokens=3", "training=3", "nothing", "sweep.grid.model.norm=rms_norm,batch"));

    [Fact]
    public void Problems_of_values_together_come_in_one_report() => Approved.Equal("WrongTogether", Report("""
        name: my sweep
        corpus: {tokenizer: byte}
        model:
          width: 64
          heads: 4
        training:
          batch_rule: kaplan2020
        sweep:
          shapes:
            - {layers: 2, width: 100}
            - {layers: 2, width: 96, heads: 5}
            - {layers: 2, width: 96, heads: 32}
          min_tokens_per_parameter: 20
          max_tokens_per_parameter: 10
          seeds: []
        """));

    [Fact]
    public void A_width_that_no_head_divides_names_the_widths_near_it() => Approved.Equal("WidthAndHeads", Report("""
        corpus: {path: text.txt}
        model:
          width: 100
          heads: 6
        training: {tokens: 1e6}
        """));

    [Fact]
    public void A_grid_point_that_makes_no_model_is_found_before_any_run() => Approved.Equal("WrongGridPoint", Report("""
        corpus: {path: text.txt}
        training: {tokens: 1e6}
        sweep:
          grid:
            training.learning_rate: [0.001, 0.002]
            model.heads: [2, 3]
        """));

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("# only a comment\n", "the file is empty")]
    [InlineData("- 1\n- 2\n", "the file is not a mapping of keys to values")]
    [InlineData("tiny", "the file is not a mapping of keys to values")]
    [InlineData("a: [1, 2\nb: 3", "not valid YAML")]
    [InlineData("a: *nowhere", "no anchor '&nowhere'")]
    [InlineData("name: a\n---\nname: b\n", "more than one document")]
    [InlineData("? [1]\n: 2", "a key must be a single word")]
    [InlineData("a:\n\tb: 1", "not valid YAML")]
    public void A_file_that_is_no_config_says_what_it_is(string text, string message)
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Sweeps.Parse(text));
        Assert.Equal(ExitCode.Config, error.ExitCode);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_thousand_brackets_are_refused_and_do_not_overflow_the_stack()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Sweeps.Parse("a: " + new string('[', 20_000)));
        Assert.Contains("levels deep", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<UserErrorException>(() => Sweeps.Parse("a:\n" + string.Concat(Enumerable.Range(1, 3000).Select(i => new string(' ', i) + "a:\n"))));
        Assert.Contains("levels deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_before_it_grows()
    {
        string text = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n"
            + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
        UserErrorException error = Assert.Throws<UserErrorException>(() => Sweeps.Parse(text));
        Assert.Contains("aliases resolved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_names_its_neighbour_and_a_huge_one_is_not_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tiny.yaml"), Sweeps.Smallest);
        UserErrorException missing = Assert.Throws<UserErrorException>(() => SweepConfigLoader.Load(folder.File("tyni.yaml"), []));
        Assert.Equal("did you mean 'tiny.yaml'?", Assert.Single(missing.Diagnostics).Help);
        File.WriteAllBytes(folder.File("big.yaml"), new byte[(1 << 20) + 1]);
        UserErrorException huge = Assert.Throws<UserErrorException>(() => SweepConfigLoader.Load(folder.File("big.yaml"), []));
        Assert.Equal("SL0304", Assert.Single(huge.Diagnostics).Code);
        File.WriteAllBytes(folder.File("latin.yaml"), [(byte)'a', (byte)':', 0xE9]);
        UserErrorException latin = Assert.Throws<UserErrorException>(() => SweepConfigLoader.Load(folder.File("latin.yaml"), []));
        Assert.Contains("not UTF-8", latin.Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<UserErrorException>(() => SweepConfigLoader.Load(folder.Path, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_of_a_file_do_not_reach_the_terminal()
    {
        string report = Report("\"ev\\x1b[2Jil\": 1\n");
        Assert.DoesNotContain('\x1b', report);
        Assert.Contains("unknown key 'ev?[2Jil'", report, StringComparison.Ordinal);
    }

    private static string Report(string text, params string[] flags) =>
        DiagnosticRenderer.Render(Assert.Throws<UserErrorException>(() => Sweeps.Parse(text, flags)).Diagnostics);
}
