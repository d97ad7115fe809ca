using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

/// <summary>The kernels for GPUs through the operators that launch them, against libtorch's operators in float64: on the CPU by an emulator, and on a GPU where there is one.</summary>
public sealed class CudaKernelTests
{
    private const ScalarType F32 = ScalarType.Float32, Bf16 = ScalarType.BFloat16;

    [EmulatedTheory]
    [InlineData(F32, 1, 1, 1)]
    [InlineData(F32, 3, 5, 257)] // rows that begin at any multiple of 4 bytes
    [InlineData(F32, 2, 3, 1030)]
    [InlineData(F32, 1, 2, 50257)] // the widest block
    [InlineData(Bf16, 3, 5, 257)]
    [InlineData(Bf16, 1, 1, 2)] // shorter than the way to the first vector
    [InlineData(Bf16, 2, 2, 50257)]
    [InlineData(Bf16, 2, 7, 64)]
    public void Cross_entropy_and_its_gradient_in_place(ScalarType type, long models, long rows, long classes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = tensor([.. Enumerable.Range(0, (int)(models * rows)).Select(i => i * 7919L % classes)], [models, rows]);
        Agree(
            type,
            [FusedOperatorTests.Normal(1, models, rows, classes) * 4],
            t => CudaOperators.CrossEntropyInPlace(t[0].clone(), targets.to(t[0].device)),
            t => nn.functional.cross_entropy(t[0].view(-1, classes), targets.view(-1), reduction: nn.Reduction.None).view(models, rows).mean([1]),
            resultIsWhole: true,
            roundings: 2); // of the gradient, and of it times the outer one
    }

    [EmulatedFact]
    public void Logits_may_be_minus_infinity_or_large()
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        double[] row = [.. Enumerable.Repeat(double.NegativeInfinity, 300)];
        (row[7], row[150], row[299]) = (1000, 999, -1000);
        Tensor leaf = tensor(row, [1, 1, 300]).to_type(F32).requires_grad_();
        Tensor loss = CudaOperators.CrossEntropyInPlace(leaf.clone(), tensor([150L], [1, 1]));
        loss.sum().backward();
        Assert.Equal(1 + Math.Log(1 + Math.Exp(-1)), loss.ToDouble(), 1e-4); // 1000 has a last digit of 6e-5
        float[] gradient = leaf.grad!.data<float>().ToArray();
        Assert.Equal(1 / (1 + Math.Exp(-1)), gradient[7], 1e-6);
        Assert.Equal(-gradient[7], gradient[150], 1e-6);
        Assert.All(gradient.Where((_, i) => i is not (7 or 150)), g => Assert.Equal(0, g));
    }

    [EmulatedTheory]
    [InlineData(-1L)]
    [InlineData(40L)]
    [InlineData(long.MaxValue)]
    public void A_target_that_is_no_class_gives_a_loss_that_is_no_number(long target)
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        Tensor leaf = FusedOperatorTests.Normal(1, 2, 2, 40).to_type(F32).requires_grad_();
        Tensor losses = CudaOperators.CrossEntropyInPlace(leaf.clone(), tensor([3, target, 4, 5], [2, 2]));
        losses.sum().backward();
        Assert.True(double.IsNaN(losses.select(0, 0).ToDouble()));
        Assert.True(double.IsFinite(losses.select(0, 1).ToDouble()));
        float[] gradient = leaf.grad!.data<float>().ToArray();
        Assert.All(gradient[..40], g => Assert.True(float.IsFinite(g)));
        Assert.All(gradient[40..80], g => Assert.True(float.IsNaN(g)));
        Assert.All(gradient[80..], g => Assert.True(float.IsFinite(g)));
    }

    [EmulatedFact]
    public void Without_gradients_logits_stay_as_they_are()
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        Tensor logits = FusedOperatorTests.Normal(1, 1, 3, 20).to_type(F32), before = logits.clone();
        using IDisposable _ = no_grad();
        CudaOperators.CrossEntropyInPlace(logits, tensor([1L, 2, 3], [1, 3]));
        Assert.Equal(before.bytes.ToArray(), logits.bytes.ToArray());
    }

    [EmulatedTheory]
    [InlineData(F32, 3, 5, 12, true, true)]
    [InlineData(F32, 1, 130, 33, true, true)] // parts of 16 rows, the last not full
    [InlineData(F32, 2, 7, 12, true, false)] // without bias: root mean square
    [InlineData(F32, 1, 1, 2, false, true)]
    [InlineData(F32, 1, 9, 1600, false, false)] // fewer warps a block: their sums would not fit
    [InlineData(F32, 1, 2, 6144, true, true)] // one warp a block
    [InlineData(Bf16, 3, 20, 12, true, true)]
    [InlineData(Bf16, 2, 40, 96, true, false)]
    [InlineData(Bf16, 1, 3, 7, false, true)]
    public void A_residual_norm_of_a_stack(ScalarType type, long models, long rows, long width, bool branch, bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] operands =
        [
            FusedOperatorTests.Normal(1, models, rows, width), FusedOperatorTests.Normal(2, models, width + 3), // parameters are narrowed out of all of them
            .. branch ? [FusedOperatorTests.Normal(3, models, rows, width)] : Array.Empty<Tensor>(), .. bias ? [FusedOperatorTests.Normal(4, models, width)] : Array.Empty<Tensor>(),
        ];
        Agree(
            type,
            operands,
            t =>
            {
                (Tensor sum, Tensor normed) = CudaOperators.StackedNorm(t[0], branch ? t[2] : null, t[1].narrow(1, 3, width), bias ? t[^1] : null, 1e-5, type == Bf16);
                Assert.Equal(type, normed.dtype);
                return cat([sum, normed.to_type(F32)], 2);
            },
            t =>
            {
                Tensor sum = branch ? t[0] + t[2] : t[0], gain = t[1].narrow(1, 3, width).unsqueeze(1);
                Tensor normed = bias
                    ? (nn.functional.layer_norm(sum, [width], null, null, 1e-5) * gain) + t[^1].unsqueeze(1)
                    : sum * (sum.square().mean([-1], keepdim: true) + 1e-5).rsqrt() * gain;
                return cat([sum, normed], 2);
            },
            resultIsWhole: true,
            whole: [0, 1, bias ? operands.Length - 1 : 0],
            amplification: width == 2 ? 300 : 1); // of two numbers less their mean, over the root of 1e-5
    }

    [EmulatedTheory]
    [InlineData(F32, "gelu", 3, 37)]
    [InlineData(F32, "relu2", 2, 8)]
    [InlineData(F32, "swiglu", 5, 7)]
    [InlineData(Bf16, "gelu", 1, 1)]
    [InlineData(Bf16, "relu2", 3, 50)]
    [InlineData(Bf16, "swiglu", 70, 65)] // more than one block
    public void An_activation(ScalarType type, string name, long rows, long width)
    {
        using DisposeScope scope = NewDisposeScope();
        Agree(
            type,
            [FusedOperatorTests.Normal(1, rows, width) * 2, .. name == "swiglu" ? [FusedOperatorTests.Normal(2, rows, width) * 2] : Array.Empty<Tensor>()],
            t => CudaOperators.Activation(t[0], name == "swiglu" ? t[1] : null, name),
            t => name switch
            {
                "gelu" => nn.functional.gelu(t[0]),
                "relu2" => nn.functional.relu(t[0]).square(),
                _ => nn.functional.silu(t[1]) * t[0],
            });
    }

    [EmulatedFact]
    public void Activations_of_extreme_arguments_are_their_limits()
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        Tensor x = tensor([-200.0, 200, -0.0, double.NaN], [4]).to_type(F32);
        Assert.Equal([0, 200, 0, float.NaN], CudaOperators.Activation(x, null, "gelu").data<float>().ToArray());
        Assert.Equal([0, 40000, 0, float.NaN], CudaOperators.Activation(x, null, "relu2").data<float>().ToArray());
        Assert.Equal([0, 200, 0, float.NaN], CudaOperators.Activation(ones([4]).to_type(F32), x, "swiglu").data<float>().ToArray());
    }

    [EmulatedFact]
    public void Results_are_rounded_to_bfloat16_as_libtorch_rounds_them()
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        double[] significands = [.. Enumerable.Range(128, 128).Select(i => i / 128.0), 1e38, 1e-38, 1e-40, double.NaN]; // all of them: many products end in a tie
        Tensor all = tensor(significands, [1, significands.Length]).to_type(Bf16);
        Tensor one = ones([significands.Length, significands.Length], dtype: Bf16);
        Tensor x = (one * all).requires_grad_(), outer = one * all.transpose(0, 1);
        (CudaOperators.Activation(x, null, "relu2") * outer).sum().backward();
        float[] expected = (outer.to_type(ScalarType.Float64) * x.detach().to_type(ScalarType.Float64) * 2).to_type(F32).to_type(Bf16).to_type(F32).data<float>().ToArray();
        Assert.Equal(expected, x.grad!.to_type(F32).data<float>().ToArray());
    }

    [EmulatedTheory]
    [InlineData(F32, 2, 7, 3, 4, true, true)]
    [InlineData(F32, 1, 3, 2, 70, true, false)] // wider than two warps
    [InlineData(F32, 2, 5, 1, 7, false, true)] // an odd width
    [InlineData(F32, 1, 2, 2, 8, false, false)]
    [InlineData(Bf16, 2, 7, 3, 16, true, true)]
    [InlineData(Bf16, 1, 4, 2, 12, true, false)]
    public void Heads_split_normalised_and_rotated(ScalarType type, long sequences, long tokens, long heads, long width, bool rotary, bool qkNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? angles = rotary ? FusedOperatorTests.Normal(3, tokens + 2, 1, width / 2) : null;
        Tensor? cosines = angles?.cos().to_type(F32), sines = angles?.sin().to_type(F32);
        Agree(
            type,
            [FusedOperatorTests.Normal(1, sequences, tokens, 3 * heads * width)],
            t =>
            {
                (Tensor q, Tensor k, Tensor v) = CudaOperators.SplitHeads(t[0], heads, cosines?.to(t[0].device), sines?.to(t[0].device), qkNorm ? 1e-5 : null);
                return cat([q, k, v], 2);
            },
            t =>
            {
                Tensor all = t[0].view(sequences, tokens, 3 * heads, width), qk = all.narrow(2, 0, 2 * heads);
                if (qkNorm)
                    qk = qk * (qk.square().mean([-1], keepdim: true) + 1e-5).rsqrt();
                if (rotary)
                {
                    Tensor c = cosines!.to_type(ScalarType.Float64).narrow(0, 0, tokens), s = sines!.to_type(ScalarType.Float64).narrow(0, 0, tokens);
                    Tensor a = qk.narrow(-1, 0, width / 2), b = qk.narrow(-1, width / 2, width / 2);
                    qk = cat([(a * c) - (b * s), (b * c) + (a * s)], -1);
                }

                return cat([qk, all.narrow(2, 2 * heads, heads)], 2);
            });
    }

    [EmulatedFact]
    public void Results_do_not_depend_on_which_thread_comes_first()
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        byte[] forward = Everything();
        EmulatedKernels.Reverse(true);
        try
        {
            Assert.Equal(forward, Everything());
        }
        finally
        {
            EmulatedKernels.Reverse(false);
        }

        static byte[] Everything()
        {
            Tensor x = FusedOperatorTests.Normal(1, 2, 70, 40).to_type(F32).requires_grad_(), weight = FusedOperatorTests.Normal(2, 2, 40).to_type(F32).requires_grad_();
            Tensor normed = CudaOperators.StackedNorm(x, null, weight, weight, 1e-5, false).Normed;
            Tensor logits = normed.matmul(FusedOperatorTests.Normal(3, 40, 700).to_type(F32));
            CudaOperators.CrossEntropyInPlace(logits, tensor([.. Enumerable.Range(0, 140).Select(i => i * 31L % 700)], [2, 70])).sum().backward();
            return [.. x.grad!.bytes.ToArray(), .. weight.grad!.bytes.ToArray()];
        }
    }

    [EmulatedFact]
    public void Operands_that_do_not_fit_are_refused_by_name()
    {
        using DisposeScope scope = NewDisposeScope();
        EmulatedKernels.Use();
        Tensor x = ones([2, 3, 4]).to_type(F32), weight = ones([2, 4]).to_type(F32), targets = tensor([0L, 1, 2, 3, 0, 1], [2, 3]);
        Refused("targets", () => CudaOperators.CrossEntropyInPlace(x, targets.narrow(1, 0, 2)));
        Refused("not contiguous", () => CudaOperators.CrossEntropyInPlace(x.transpose(1, 2), targets));
        Refused("takes float32 and bfloat16", () => CudaOperators.CrossEntropyInPlace(x.to_type(ScalarType.Float64), targets));
        Refused("weight", () => CudaOperators.StackedNorm(x, null, weight.narrow(1, 0, 3), null, 1e-5, false));
        Refused("branch", () => CudaOperators.StackedNorm(x, x, weight, null, 1e-5, true)); // not bfloat16
        Refused("width 6145", () => CudaOperators.StackedNorm(ones([1, 1, 6145]).to_type(F32), null, ones([1, 6145]).to_type(F32), null, 1e-5, false));
        Refused("gate", () => CudaOperators.Activation(x, null, "swiglu"));
        Refused("none of gelu", () => CudaOperators.Activation(x, null, "tanh"));
        Refused("packed heads", () => CudaOperators.SplitHeads(x, 5, null, null, null));
        Refused("cosines and sines", () => CudaOperators.SplitHeads(ones([1, 3, 12]).to_type(F32), 1, ones([3, 2]).to_type(F32), null, null));

        static void Refused(string reason, Action call) => Assert.Contains(reason, Assert.Throws<TorchException>(call).Message, StringComparison.Ordinal);
    }

    // `whole` operands are float32 whatever the type; all are rounded to what they are given as before the reference sees them.
    private static void Agree(ScalarType type, Tensor[] operands, Func<Tensor[], Tensor> kernel, Func<Tensor[], Tensor> plain, bool resultIsWhole = false, int[]? whole = null, double amplification = 1, int roundings = 1)
    {
        EmulatedKernels.Use();
        AgreeOn(CPU);
        if (CudaFactAttribute.Missing is null)
        {
            Assert.Null(CudaKernels.Load(0));
            AgreeOn(device("cuda:0"));
        }

        void AgreeOn(Device device)
        {
            ScalarType TypeOf(int operand) => whole is not null && whole.Contains(operand) ? F32 : type;
            Tensor[] given = [.. operands.Select((o, i) => o.to_type(TypeOf(i)).to(device).requires_grad_())];
            Tensor[] exact = [.. given.Select(g => g.detach().to(CPU).to_type(ScalarType.Float64).requires_grad_())];
            Tensor result = kernel(given), expected = plain(exact);
            Assert.Equal(resultIsWhole ? F32 : type, result.dtype);
            Tensor outer = FusedOperatorTests.Normal(99, expected.shape).to_type(type).to_type(ScalarType.Float64); // exact in either type
            (result * outer.to_type(result.dtype).to(device)).sum().backward();
            (expected * outer).sum().backward();
            Close(expected.detach(), result.detach(), resultIsWhole && whole is null ? F32 : type, "value");
            for (int i = 0; i < operands.Length; i++)
            {
                Assert.Equal(given[i].dtype, given[i].grad!.dtype);
                Close(exact[i].grad!, given[i].grad!, type, $"gradient {i}");
            }
        }

        void Close(Tensor right, Tensor found, ScalarType rounded, string what)
        {
            double[] a = right.contiguous().data<double>().ToArray(), b = found.to(CPU).to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
            Assert.Equal(a.Length, b.Length);
            double largest = a.Max(Math.Abs);
            // Half a unit of the last place of the type at each rounding, and float32 sums of terms as large as the largest.
            double relative = rounded == Bf16 ? roundings / 256.0 : 0, absolute = 3e-6 * Math.Max(largest, 1e-3) * amplification;
            for (int i = 0; i < a.Length; i++)
                Assert.True(Math.Abs(a[i] - b[i]) <= (relative * Math.Abs(a[i])) + absolute, $"{what}[{i}]: {b[i]:R} in place of {a[i]:R}");
        }
    }
}
