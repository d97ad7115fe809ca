using ScalingLab.Core.Configs;

namespace ScalingLab.Core.Tests.Configs;

/// <summary>Config texts that the tests share.</summary>
internal static class Sweeps
{
    public const string Smallest = """
        corpus:
          path: text.txt
        training:
          tokens: 1e6
        """;

    public static LoadedConfig Parse(string text, params string[] flags) => SweepConfigLoader.Parse(text, "tiny.yaml", flags);

    public static SweepConfig Config(string text, params string[] flags) => Parse(text, flags).Config;
}
