using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Tests.Configs;

public sealed class BrokenYamlTests
{
    private const int Seed = 20261122;

    [Fact]
    public void Whatever_a_file_holds_it_loads_or_is_a_user_error()
    {
        const string Text = "name: a\ncorpus: {path: &p 'x', tokenizer: byte}\nmodel:\n  layers: 2\n  norm: !!str rms_norm\ntraining:\n  tokens: 1e6\nsweep:\n  shapes: [{width: 64}, {layers: 3}]\n  seeds: [1, 2]\n  grid:\n    training.learning_rate: [1e-3, \"2e-3\"]\n";
        const string Pieces = "[]{}:,-*&!|>'\"%@`#?\n\t \\0é9eE._~<=";
        var random = new Random(Seed);
        for (int round = 0; round < 3000; round++)
        {
            char[] text = Text.ToCharArray();
            for (int i = 0; i < 1 + round % 4; i++)
                text[random.Next(text.Length)] = Pieces[random.Next(Pieces.Length)];
            string broken = new string(text)[..random.Next(text.Length / 2, text.Length + 1)];
            try
            {
                SweepPlan.Of(Sweeps.Config(broken), 257);
            }
            catch (UserErrorException e)
            {
                Assert.Equal(ExitCode.Config, e.ExitCode);
                Assert.DoesNotContain('\0', DiagnosticRenderer.Render(e.Diagnostics));
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}: {e}\n{broken}");
            }
        }
    }
}
