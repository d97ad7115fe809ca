using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

/// <summary>The kernels of each instruction set, which a process chooses once: in processes of their own, in float32, at shapes as wide as a page of memory.</summary>
public sealed class KernelSetTests
{
    /// <summary>Of a largest element. Sums of up to two thousand terms round by 1e-6; an element that is out of place is off by about 1.</summary>
    private const double Tolerance = 1e-5;

    [Fact]
    public async Task Each_instruction_set_keeps_to_libtorch_where_rows_are_pages_apart()
    {
        string[] sets = ["portable", .. Avx2.IsSupported && Fma.IsSupported ? ["avx2"] : Array.Empty<string>(), .. Avx512DQ.VL.IsSupported && Avx512BW.IsSupported ? ["avx512"] : Array.Empty<string>()];
        (string, Process, Task<string>, Task<string>)[] running = [.. sets.Select(Started)];
        var sums = new List<string>();
        foreach ((string set, Process process, Task<string> output, Task<string> errors) in running)
        {
            using (process)
            {
                await process.WaitForExitAsync();
                string said = await output;
                Assert.True(process.ExitCode == 0, $"{set}: {said}{await errors}");
                sums.Add(said);
            }
        }

        Assert.Equal(sets.Length, sums.Distinct().Count()); // vectors of other widths add up in another order: each was another set indeed
    }

    private static (string, Process, Task<string>, Task<string>) Started(string set)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", typeof(KernelSetTests).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SCALINGLAB_KERNELS"] = set;
        Process process = Process.Start(start)!;
        return (set, process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    // What the process of one instruction set does: the checks, one line each of what failed, and a sum that tells the sets apart.
    private static int Main()
    {
        using DisposeScope scope = NewDisposeScope();
        string[] failures = [.. Wide().SelectMany(c => Differences(c.Name, c.Operands, c.Fused, c.Plain))];
        foreach (string failure in failures)
            Console.WriteLine(failure);
        Tensor x = FusedOperatorTests.Normal(9, 64, 200).to_type(ScalarType.Float32);
        Console.WriteLine(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(FusedOperators.Mlp(x, ones([3, 200]), null, ones([200, 3]), "relu2", new PreNorm(ones([200]), null, 1e-5)).bytes.ToArray())));
        return failures.Length == 0 ? 0 : 1;
    }

    private static IEnumerable<(string Name, Tensor[] Operands, Func<Tensor[], Tensor> Fused, Func<Tensor[], Tensor> Plain)> Wide()
    {
        foreach (long columns in new[] { 1024, 2048 })
        {
            Tensor targets = tensor([.. Enumerable.Range(0, 300).Select(i => i * 7919L % columns)], [300]);
            yield return (
                $"mlp, {columns} hidden",
                [Normal(1, 300, 20), Normal(2, columns, 20), Normal(3, 20, columns)],
                t => FusedOperators.Mlp(t[0], t[1], null, t[2], "gelu"),
                t => nn.functional.linear(nn.functional.gelu(nn.functional.linear(t[0], t[1])), t[2]));
            yield return (
                $"head_loss, {columns} classes",
                [Normal(1, 300, 20), Normal(2, columns, 20)],
                t => FusedOperators.HeadLoss(t[0], t[1], targets),
                t => nn.functional.cross_entropy(nn.functional.linear(t[0], t[1]), targets));
        }

        yield return (
            "self_attention, width 1024",
            [Normal(1, 2, 21, 1024), Normal(2, 3072, 4).matmul(Normal(3, 4, 1024)) * (1 / 64.0), Normal(4, 1024, 4).matmul(Normal(5, 4, 1024)) * (1 / 64.0)],
            t => FusedOperators.SelfAttention(t[0], t[1], t[2], 32),
            t => nn.functional.linear(FusedOperatorTests.PlainAttention(nn.functional.linear(t[0], t[1]), 32, null, null, false), t[2]));
    }

    private static IEnumerable<string> Differences(string name, Tensor[] operands, Func<Tensor[], Tensor> fused, Func<Tensor[], Tensor> plain)
    {
        float[][] expected = Run(plain), found = Run(fused);
        for (int i = 0; i < expected.Length; i++)
        {
            double scale = expected[i].Max(Math.Abs), most = expected[i].Zip(found[i], (a, b) => Math.Abs((double)a - b)).Max();
            if (!(most <= Tolerance * scale))
                yield return $"{name}: {(i == 0 ? "value" : $"gradient {i - 1}")} is off by {most / scale:R} of its largest element";
        }

        float[][] Run(Func<Tensor[], Tensor> function)
        {
            Tensor[] leaves = [.. operands.Select(o => o.detach().clone().requires_grad_())];
            Tensor result = function(leaves);
            (result * Normal(99, result.shape)).sum().backward();
            return [result.detach().data<float>().ToArray(), .. leaves.Select(l => l.grad!.contiguous().data<float>().ToArray())];
        }
    }

    private static Tensor Normal(int seed, params long[] shape) => FusedOperatorTests.Normal(seed, shape).to_type(ScalarType.Float32);
}
