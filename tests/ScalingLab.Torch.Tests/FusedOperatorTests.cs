using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

/// <summary>Every fused operator against the plain composition of libtorch's own and against central differences, in float64 and at odd shapes.</summary>
public sealed class FusedOperatorTests
{
    private static readonly double Unit = 1e-12; // float64 sums of some hundred terms near 1, in two orders

    [Theory]
    [InlineData(2, 7, 3, 4, false, false)]
    [InlineData(1, 1, 1, 12, true, true)] // one token, one sequence
    [InlineData(1, 67, 2, 12, true, false)] // no block divides 67, no vector 12
    [InlineData(2, 50, 1, 6, false, true)]
    [InlineData(1, 130, 1, 32, true, true)]
    [InlineData(1, 37, 2, 7, false, false)] // an odd width
    public void Attention_equals_the_plain_softmax(long batch, long tokens, long heads, long width, bool rotary, bool qkNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? cosines = rotary ? Normal(3, tokens + 2, width / 2).cos() : null, sines = rotary ? Normal(3, tokens + 2, width / 2).sin() : null;
        Agree(
            [Normal(1, batch, tokens, 3 * heads * width)],
            t => FusedOperators.CausalAttention(t[0], heads, cosines, sines, qkNorm),
            t => PlainAttention(t[0], heads, cosines, sines, qkNorm));
    }

    [Theory]
    [InlineData(2, 7, 3, 4, false, false)]
    [InlineData(1, 1, 1, 12, true, true)]
    [InlineData(5, 67, 2, 6, true, false)] // two groups of sequences, 268 rows in the first
    [InlineData(3, 128, 1, 4, false, true)]
    [InlineData(1, 300, 1, 2, true, true)] // a group of one
    [InlineData(3, 130, 4, 16, true, false)] // whole slivers of 64 columns: sums read their rows where they lie
    [InlineData(2, 70, 4, 32, true, true)] // rows of a multiple of 128 numbers, which are spread over the cache
    public void Attention_with_its_maps_equals_them_one_by_one(long batch, long tokens, long heads, long width, bool rotary, bool qkNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? cosines = rotary ? Normal(3, tokens + 2, width / 2).cos() : null, sines = rotary ? Normal(3, tokens + 2, width / 2).sin() : null;
        long d = heads * width;
        Agree(
            [Normal(1, batch, tokens, d), Normal(4, 3 * d, d), Normal(5, d, d)],
            t => FusedOperators.SelfAttention(t[0], t[1], t[2], heads, cosines, sines, qkNorm),
            t => nn.functional.linear(PlainAttention(nn.functional.linear(t[0], t[1]), heads, cosines, sines, qkNorm), t[2]));
    }

    /// <summary>Two keys, one of them with logit a: its weight is 1 / (1 + exp(-a)). In float32 a itself is off by up to |a| · 6e-8, twice rounded.</summary>
    [Fact]
    public void Weights_of_attention_keep_to_the_exponential()
    {
        using DisposeScope scope = NewDisposeScope();
        float[] logits = [.. Enumerable.Range(0, 1733).Select(i => (i - 866) / 10f)];
        Tensor qkv = tensor([.. logits.SelectMany(a => new[] { 0, 0, 0, a, 1, 1f })], [logits.Length, 2, 3]);
        float[] weights = [.. FusedOperators.CausalAttention(qkv, 1).data<float>().ToArray().Where((_, i) => i % 2 == 1)];
        Assert.All(logits.Zip(weights), pair => Assert.InRange((pair.Second * (1 + Math.Exp(-(double)pair.First))) - 1, -3e-7 - (1.2e-7 * Math.Abs(pair.First)), 3e-7 + (1.2e-7 * Math.Abs(pair.First))));
        Assert.Equal(0.5f, weights[866]);
    }

    [Theory]
    [InlineData(3, 5, 4, true)]
    [InlineData(5, 67, 12, true)] // two groups of sequences, the first of 268 rows, whose last part has 12
    [InlineData(1, 1, 2, false)] // without bias: root mean square
    [InlineData(2, 130, 33, false)]
    public void A_norm_before_attention_and_the_sum_after_it_equal_those_one_by_one(long batch, long tokens, long width, bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        Agree(
            [Normal(1, batch, tokens, width), Normal(2, 3 * width, width), Normal(3, width, width), Normal(4, width), .. Bias(bias, width)],
            t => FusedOperators.SelfAttention(t[0], t[1], t[2], 1, norm: NormOf(t, 3)),
            t => t[0] + nn.functional.linear(PlainAttention(nn.functional.linear(PlainNorm(t[0], t, 3), t[1]), 1, null, null, false), t[2]));
    }

    [Theory]
    [InlineData("gelu", 130, 5, 7, true)]
    [InlineData("swiglu", 300, 12, 9, true)] // two blocks of rows, the second with one part of 44
    [InlineData("swiglu", 1, 33, 4, false)]
    [InlineData("gelu", 300, 64, 128, true)] // whole slivers, and hidden units whose rows are spread over the cache
    [InlineData("relu2", 66, 16, 5, false)]
    public void A_norm_before_an_mlp_and_the_sum_after_it_equal_those_one_by_one(string activation, long rows, long width, long hidden, bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        bool gated = activation == "swiglu";
        int norm = gated ? 4 : 3;
        Agree(
            [Normal(1, rows, width), Normal(2, hidden, width), Normal(3, width, hidden), .. gated ? [Normal(4, hidden, width)] : Array.Empty<Tensor>(), Normal(5, width), .. Bias(bias, width)],
            t => FusedOperators.Mlp(t[0], t[1], gated ? t[3] : null, t[2], activation, NormOf(t, norm)),
            t => t[0] + PlainMlp(PlainNorm(t[0], t, norm), t[1], gated ? t[3] : null, t[2], activation));
    }

    [Theory]
    [InlineData(3, 5, 4, true)]
    [InlineData(300, 12, 31, true)]
    [InlineData(97, 33, 2, false)]
    public void A_norm_before_a_head_equals_the_two_one_by_one(long rows, long width, long classes, bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = tensor([.. Enumerable.Range(0, (int)rows).Select(i => i * 7919L % classes)], [rows]);
        Agree(
            [Normal(1, rows, width), Normal(2, classes, width), Normal(3, width), .. Bias(bias, width)],
            t => FusedOperators.HeadLoss(t[0], t[1], targets, NormOf(t, 2)),
            t => nn.functional.cross_entropy(nn.functional.linear(PlainNorm(t[0], t, 2), t[1]), targets));
    }

    [Theory]
    [InlineData("gelu", 5, 7, 29)]
    [InlineData("gelu", 98, 16, 64)]
    [InlineData("relu2", 3, 12, 33)]
    [InlineData("gelu", 260, 3, 512)] // two blocks of rows, and a page between those of the hidden units
    [InlineData("swiglu", 101, 9, 17)]
    [InlineData("swiglu", 300, 2, 6)]
    [InlineData("swiglu", 1, 1, 1)]
    [InlineData("swiglu", 300, 32, 256)]
    [InlineData("relu2", 257, 64, 384)]
    public void An_mlp_equals_its_layers_one_by_one(string activation, long rows, long width, long hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        bool gated = activation == "swiglu";
        Tensor[] operands = [Normal(1, rows, width), Normal(2, hidden, width), Normal(3, width, hidden), .. gated ? [Normal(4, hidden, width)] : Array.Empty<Tensor>()];
        Agree(
            operands,
            t => FusedOperators.Mlp(t[0], t[1], gated ? t[3] : null, t[2], activation),
            t => PlainMlp(t[0], t[1], gated ? t[3] : null, t[2], activation));
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(5, 12, 257)]
    [InlineData(97, 8, 19)]
    [InlineData(300, 4, 515)] // two blocks of rows
    [InlineData(300, 64, 512)] // whole slivers, and logits whose rows are spread over the cache
    public void A_head_loss_equals_the_cross_entropy_of_its_logits(long rows, long width, long classes)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = tensor([.. Enumerable.Range(0, (int)rows).Select(i => i * 7919L % classes)], [rows]);
        Agree(
            [Normal(1, rows, width), Normal(2, classes, width)],
            t => FusedOperators.HeadLoss(t[0], t[1], targets),
            t => nn.functional.cross_entropy(nn.functional.linear(t[0], t[1]), targets));
    }

    [Fact]
    public void A_logit_far_above_the_others_overflows_nowhere()
    {
        const long classes = 83; // whole vectors by fours, one by one, and a rest
        for (long largest = 0; largest < classes; largest++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor weight = zeros([classes, 1]), input = ones([1, 1]).requires_grad_();
            weight.narrow(0, largest, 1).fill_(500); // e^500 is beyond a float32
            Tensor loss = FusedOperators.HeadLoss(input, weight, tensor([(largest + 1) % classes], [1]));
            loss.backward();
            Assert.Equal(500, loss.ToDouble());
            Assert.Equal(500, input.grad!.ToDouble());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_embedding_equals_lookup_and_addition(bool positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = tensor([3L, 0, 3, 3, 1, 2, 0, 3], [2, 4]);
        Tensor[] operands = [Normal(1, 5, 70), .. positions ? [Normal(2, 6, 70)] : Array.Empty<Tensor>()];
        Agree(
            operands,
            t => FusedOperators.Embedding(tokens, t[0], positions ? t[1] : null),
            t => positions ? nn.functional.embedding(tokens, t[0]) + t[1].narrow(0, 0, 4) : nn.functional.embedding(tokens, t[0]));
    }

    [Fact]
    public void Operands_may_lie_in_memory_in_any_order()
    {
        using DisposeScope scope = NewDisposeScope();
        Agree(
            [Normal(1, 6, 5), Normal(2, 6, 4), Normal(3, 4, 6)],
            t => FusedOperators.Mlp(t[0].transpose(0, 1), t[1].transpose(0, 1), null, t[2].transpose(0, 1), "gelu"),
            t => PlainMlp(t[0].transpose(0, 1), t[1].transpose(0, 1), null, t[2].transpose(0, 1), "gelu"));
        Agree(
            [Normal(1, 3 * 8, 9, 2)],
            t => FusedOperators.CausalAttention(t[0].permute(2, 1, 0), 2),
            t => PlainAttention(t[0].permute(2, 1, 0), 2, null, null, false));
        Tensor targets = tensor([.. Enumerable.Range(0, 9).Select(i => (long)i)], [9]);
        Agree(
            [Normal(1, 5, 9), Normal(2, 5, 11), Normal(3, 2, 5)],
            t => FusedOperators.HeadLoss(t[0].transpose(0, 1), t[1].transpose(0, 1), targets, new PreNorm(t[2].transpose(0, 1).select(1, 0), t[2].transpose(0, 1).select(1, 1), 1e-5)),
            t => nn.functional.cross_entropy(nn.functional.linear(nn.functional.layer_norm(t[0].transpose(0, 1), [5], t[2].select(0, 0), t[2].select(0, 1), 1e-5), t[1].transpose(0, 1)), targets));
    }

    [Theory]
    [InlineData("self_attention")]
    [InlineData("mlp")]
    [InlineData("gated mlp")]
    [InlineData("head_loss")]
    public void A_given_gradient_is_added_to_times_the_outer_one_and_autograds_stays_empty(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        const double outer = 2.5;
        (long[][] shapes, Func<Tensor[], Tensor[]?, Tensor> fused, Func<Tensor[], Tensor> plainly) = Named(name);
        Tensor[] Leaves() => [.. shapes.Select((shape, i) => Normal(i + 1, shape).requires_grad_())];
        Tensor[] given = Leaves(), returned = Leaves(), plain = Leaves();
        Tensor[] memory = [.. shapes.Skip(1).Select(shape => ones(shape, dtype: ScalarType.Float64))];
        (fused(given, memory).sum() * outer).backward();
        (fused(returned, null).sum() * outer).backward();
        (plainly(plain).sum() * outer).backward();
        Assert.All(given.Skip(1), weight => Assert.Null(weight.grad));
        for (int i = 0; i < plain.Length; i++)
        {
            double[] expected = plain[i].grad!.contiguous().data<double>().ToArray(), found = returned[i].grad!.contiguous().data<double>().ToArray();
            double[] added = i == 0 ? given[0].grad!.contiguous().data<double>().ToArray() : [.. memory[i - 1].data<double>().ToArray().Select(g => g - 1)];
            double scale = Math.Max(1, expected.Max(Math.Abs));
            Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) < 100 * Unit * scale);
            Assert.Equal(expected, added, (a, b) => Math.Abs(a - b) < 100 * Unit * scale);
        }
    }

    [Theory]
    [InlineData("self_attention")]
    [InlineData("mlp")]
    [InlineData("gated mlp")]
    [InlineData("head_loss")]
    public void Any_one_operand_alone_may_ask_for_its_gradient(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        (long[][] shapes, Func<Tensor[], Tensor[]?, Tensor> fused, _) = Named(name);
        Tensor[] all = [.. shapes.Select((shape, i) => Normal(i + 1, shape).requires_grad_())];
        fused(all, null).sum().backward();
        for (int i = 0; i < shapes.Length; i++)
        {
            Tensor[] one = [.. shapes.Select((shape, j) => j == i ? Normal(j + 1, shape).requires_grad_() : Normal(j + 1, shape))];
            fused(one, null).sum().backward();
            Assert.Equal(all[i].grad!.bytes.ToArray(), one[i].grad!.bytes.ToArray());
        }
    }

    [Fact]
    public void Float32_keeps_to_float64_within_its_rounding()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] exact = [Normal(1, 2, 40, 48), Normal(2, 48, 16), Normal(3, 64, 16), Normal(4, 16, 64)];
        double[] loss = [.. new[] { ScalarType.Float64, ScalarType.Float32 }.Select(type =>
        {
            Tensor[] t = [.. exact.Select(e => e.to_type(type))];
            Tensor mixed = FusedOperators.CausalAttention(t[0], 2);
            return FusedOperators.Mlp(mixed, t[2], null, t[3], "gelu").square().mean().ToDouble();
        })];
        Assert.Equal(1, loss[1] / loss[0], 1e-6); // 6e-8 a rounding, averaged over 1280 numbers
        Assert.NotEqual(loss[0], loss[1]); // they were two types indeed
    }

    [Fact]
    public void Results_are_the_same_on_any_number_of_threads()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] one = EverythingOn(1);
        try
        {
            Assert.Equal(one, EverythingOn(2));
            Assert.Equal(one, EverythingOn(3));
        }
        finally
        {
            set_num_threads(1);
        }
    }

    [Theory]
    [InlineData(7, 67)] // groups of four sequences, 268 rows: not a whole number of blocks
    [InlineData(9, 64)] // of four on one thread, of eight on two: 256 rows each
    [InlineData(3, 257)] // of one
    public void Groups_of_sequences_and_blocks_of_rows_give_the_same_bits_on_any_number_of_threads(long batch, long tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        try
        {
            byte[][] one = GroupsOn(1);
            for (int threads = 2; threads <= 3; threads++)
            {
                byte[][] more = GroupsOn(threads);
                for (int i = 0; i < one.Length; i++)
                    Assert.True(one[i].AsSpan().SequenceEqual(more[i]), $"result {i} on {threads} threads");
            }
        }
        finally
        {
            set_num_threads(1);
        }

        byte[][] GroupsOn(int threads)
        {
            set_num_threads(threads);
            Tensor[] t = [.. new[] { Normal(1, batch, tokens, 24), Normal(2, 72, 24), Normal(3, 24, 24), Normal(4, 40, 24), Normal(5, 40, 24), Normal(6, 24, 40), Normal(7, 35, 24), Normal(8, 24), Normal(9, 24) }.Select(x => x.to_type(ScalarType.Float32).requires_grad_())];
            Tensor targets = tensor([.. Enumerable.Range(0, (int)(batch * tokens)).Select(i => i * 31L % 35)], [batch * tokens]);
            var norm = new PreNorm(t[7], t[8], 1e-5);
            Tensor mixed = FusedOperators.SelfAttention(t[0], t[1], t[2], 3, norm: norm), active = FusedOperators.Mlp(mixed, t[3], t[4], t[5], "swiglu", norm);
            Tensor loss = FusedOperators.HeadLoss(active, t[6], targets, norm);
            loss.backward();
            return [mixed.detach().bytes.ToArray(), active.detach().bytes.ToArray(), loss.detach().bytes.ToArray(), .. t.Select(x => x.grad!.bytes.ToArray())];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(1003)]
    public void The_norm_of_a_gradient_is_the_root_of_the_sum_of_its_squares(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] values = [.. Enumerable.Range(1, count).Select(i => i % 17 / 16.0)]; // exact in float32
        double norm = Math.Sqrt(values.Sum(v => v * v));
        Assert.Equal(norm, FusedOperators.NormOf(tensor(values, [count])), 1e-12 * norm);
        Assert.Equal(norm, FusedOperators.NormOf(tensor(values, [count]).to_type(ScalarType.Float32)), 1e-12 * norm);
    }

    [Fact]
    public void The_norm_of_a_gradient_is_summed_in_double()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradients = full([1 << 20], 0.1);
        Assert.Equal((float)0.1 * 1024.0, FusedOperators.NormOf(gradients), 1e-10);
    }

    [Fact]
    public void What_does_not_fit_is_an_error_that_says_what_was_expected()
    {
        using DisposeScope scope = NewDisposeScope();
        Says("does not end in the width", () => FusedOperators.HeadLoss(Normal(1, 2, 3), Normal(2, 4, 5), tensor([0L, 0], [2])));
        Says("float32 and float64", () => FusedOperators.HeadLoss(ones([2, 2], dtype: ScalarType.Int64), ones([2, 2], dtype: ScalarType.Int64), tensor([0L, 0], [2])));
        Says("3 x 4 heads", () => FusedOperators.CausalAttention(Normal(1, 1, 2, 30), 4));
        Says("target 5 is not one of 5", () => FusedOperators.HeadLoss(Normal(1, 1, 3), Normal(2, 5, 3), tensor([5L], [1])));
        Says("token -1 is not one of 5", () => FusedOperators.Embedding(tensor([-1L], [1, 1]), Normal(2, 5, 3)));
        Says("is none of gelu, relu2, swiglu", () => FusedOperators.Mlp(Normal(1, 1, 3), Normal(2, 5, 3), Normal(2, 5, 3), Normal(3, 3, 5), "tanh"));
        Says("gradient is [3, 4], and its parameter [4, 3]", () => FusedOperators.HeadLoss(Normal(1, 1, 3), Normal(2, 4, 3), tensor([0L], [1]), gradient: Normal(3, 3, 4)));
        Says("gradient is not contiguous", () => FusedOperators.HeadLoss(Normal(1, 1, 3), Normal(2, 5, 3), tensor([0L], [1]), gradient: Normal(3, 3, 5).transpose(0, 1)));
        Says("gradient is Float, and the first operand Double", () => FusedOperators.HeadLoss(Normal(1, 1, 3), Normal(2, 4, 3), tensor([0L], [1]), gradient: ones([4, 3])));
        Says("norm weight [4] does not have the width of [1, 3]", () => FusedOperators.Mlp(Normal(1, 1, 3), Normal(2, 5, 3), null, Normal(3, 3, 5), "gelu", new PreNorm(Normal(4, 4), null, 1e-5)));
        Says("a norm's bias comes with its weight", () => FusedOperators.Mlp(Normal(1, 1, 3), Normal(2, 5, 3), null, Normal(3, 3, 5), "gelu", new PreNorm(null, Normal(4, 3), 1e-5)));
        Says("cosines and sines come together", () => FusedOperators.CausalAttention(Normal(1, 1, 2, 12), 1, cosines: Normal(2, 2, 2)));
        Says("rotation [2, 2] is not contiguous (3 tokens or more, 4 / 2)", () => FusedOperators.SelfAttention(Normal(1, 1, 3, 4), Normal(2, 12, 4), Normal(3, 4, 4), 1, Normal(4, 2, 2), Normal(5, 2, 2)));
        Says("not (3, 5)", () => FusedOperators.Mlp(Normal(1, 1, 3), Normal(2, 5, 3), null, Normal(3, 5, 3), "gelu"));

        static void Says(string part, Action call) => Assert.Contains(part, Assert.Throws<TorchException>(call).Message, StringComparison.Ordinal);
    }

    // Shapes of the operands of an operator, two blocks of rows each; the operator with memory for its weights' gradients; and the plain composition.
    private static (long[][] Shapes, Func<Tensor[], Tensor[]?, Tensor> Fused, Func<Tensor[], Tensor> Plain) Named(string name)
    {
        Tensor targets = tensor([.. Enumerable.Range(0, 300).Select(i => i * 7919L % 6)], [300]);
        return name switch
        {
            "self_attention" => Of(
                [[4, 75, 6], [18, 6], [6, 6], [6], [6]],
                (t, g) => FusedOperators.SelfAttention(t[0], t[1], t[2], 2, norm: NormOf(t, 3, g), inputGradient: g?[0], outputGradient: g?[1]),
                t => t[0] + nn.functional.linear(PlainAttention(nn.functional.linear(PlainNorm(t[0], t, 3), t[1]), 2, null, null, false), t[2])),
            "mlp" => Of(
                [[300, 6], [9, 6], [6, 9], [6]],
                (t, g) => FusedOperators.Mlp(t[0], t[1], null, t[2], "relu2", NormOf(t, 3, g), g?[0], null, g?[1]),
                t => t[0] + PlainMlp(PlainNorm(t[0], t, 3), t[1], null, t[2], "relu2")),
            "gated mlp" => Of(
                [[300, 6], [9, 6], [9, 6], [6, 9], [6], [6]],
                (t, g) => FusedOperators.Mlp(t[0], t[1], t[2], t[3], "swiglu", NormOf(t, 4, g), g?[0], g?[1], g?[2]),
                t => t[0] + PlainMlp(PlainNorm(t[0], t, 4), t[1], t[2], t[3], "swiglu")),
            _ => Of(
                [[300, 6], [6, 6], [6], [6]],
                (t, g) => FusedOperators.HeadLoss(t[0], t[1], targets, NormOf(t, 2, g), g?[0]),
                t => nn.functional.cross_entropy(nn.functional.linear(PlainNorm(t[0], t, 2), t[1]), targets)),
        };

        static (long[][], Func<Tensor[], Tensor[]?, Tensor>, Func<Tensor[], Tensor>) Of(long[][] shapes, Func<Tensor[], Tensor[]?, Tensor> fused, Func<Tensor[], Tensor> plain) => (shapes, fused, plain);
    }

    private static Tensor[] Bias(bool bias, long width) => bias ? [Normal(6, width)] : [];

    // The norm whose gain, and bias if there is one, are the last of some operands; memory for gradients starts at the second of them.
    private static PreNorm NormOf(Tensor[] t, int gain, Tensor[]? gradients = null)
    {
        bool bias = t.Length > gain + 1;
        return new PreNorm(t[gain], bias ? t[gain + 1] : null, 1e-5, gradients?[gain - 1], bias ? gradients?[gain] : null);
    }

    private static Tensor PlainNorm(Tensor x, Tensor[] t, int gain) => t.Length > gain + 1
        ? nn.functional.layer_norm(x, [x.size(-1)], t[gain], t[gain + 1], 1e-5)
        : x * (x.square().mean([-1], keepdim: true) + 1e-5).rsqrt() * t[gain];

    private static Tensor PlainMlp(Tensor x, Tensor input, Tensor? gate, Tensor output, string activation)
    {
        Tensor inner = nn.functional.linear(x, input);
        Tensor active = activation switch
        {
            "gelu" => nn.functional.gelu(inner),
            "relu2" => nn.functional.relu(inner).square(),
            _ => nn.functional.silu(nn.functional.linear(x, gate!)) * inner,
        };
        return nn.functional.linear(active, output);
    }

    internal static Tensor PlainAttention(Tensor qkv, long heads, Tensor? cosines, Tensor? sines, bool qkNorm)
    {
        long batch = qkv.size(0), tokens = qkv.size(1), model = qkv.size(2) / 3, width = model / heads;
        Tensor[] parts = [.. Enumerable.Range(0, 3).Select(i => qkv.narrow(2, i * model, model).reshape(batch, tokens, heads, width).transpose(1, 2))]; // (B, H, T, D)
        for (int i = 0; i < 2; i++)
        {
            if (qkNorm)
                parts[i] = parts[i] * (parts[i].square().mean([-1], keepdim: true) + 1e-5).rsqrt();
            if (cosines is null)
                continue;
            Tensor a = parts[i].narrow(-1, 0, width / 2), b = parts[i].narrow(-1, width / 2, width / 2), c = cosines.narrow(0, 0, tokens), s = sines!.narrow(0, 0, tokens);
            parts[i] = cat([(a * c) - (b * s), (b * c) + (a * s)], -1);
        }

        Tensor future = full([tokens, tokens], double.NegativeInfinity, dtype: qkv.dtype).triu(1);
        Tensor weights = ((parts[0].matmul(parts[1].transpose(-1, -2)) * (1 / Math.Sqrt(width))) + future).softmax(-1);
        return weights.matmul(parts[2]).transpose(1, 2).reshape(batch, tokens, model);
    }

    // Values against the plain composition; gradients against its gradients, and against central differences of the fused operator.
    private static void Agree(Tensor[] operands, Func<Tensor[], Tensor> fused, Func<Tensor[], Tensor> plain, double? rounding = null)
    {
        double tolerance = rounding ?? Unit;
        (double[] value, double[][] gradients) = Run(fused);
        (double[] plainValue, double[][] plainGradients) = Run(plain);
        Close(plainValue, value, "value");
        for (int i = 0; i < operands.Length; i++)
            Close(plainGradients[i], gradients[i], $"gradient {i}");
        const double h = 1e-5;
        for (int i = 0; i < operands.Length; i++)
        {
            for (int j = 0; j < gradients[i].Length; j += Math.Max(1, gradients[i].Length / 5))
            {
                double difference = (LossWith(i, j, h) - LossWith(i, j, -h)) / (2 * h);
                double scale = Math.Max(1, gradients[i].Max(Math.Abs));
                Assert.True(Math.Abs(difference - gradients[i][j]) < 1e-7 * scale, $"gradient {i}[{j}]: {gradients[i][j]:R} against the difference {difference:R}");
            }
        }

        (double[], double[][]) Run(Func<Tensor[], Tensor> function)
        {
            Tensor[] leaves = [.. operands.Select(o => o.clone().requires_grad_())];
            Tensor result = function(leaves);
            Weighted(result).backward();
            return (result.detach().contiguous().data<double>().ToArray(), [.. leaves.Select(l => l.grad!.contiguous().data<double>().ToArray())]);
        }

        double LossWith(int index, int element, double change)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable _ = no_grad();
            Tensor[] changed = [.. operands.Select(o => o.clone())];
            changed[index].view(-1).narrow(0, element, 1).add_(change);
            return Weighted(fused(changed)).ToDouble();
        }

        void Close(double[] expected, double[] actual, string what)
        {
            double scale = Math.Max(1, expected.Max(Math.Abs));
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * 100 * scale, $"{what} [{i}]: expected {expected[i]:R}, got {actual[i]:R}");
        }
    }

    // A sum with unlike weights, so that no two errors cancel.
    private static Tensor Weighted(Tensor result) => (result * Normal(99, result.shape)).sum();

    private static byte[] EverythingOn(int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        set_num_threads(threads);
        Tensor tokens = tensor([.. Enumerable.Range(0, 300).Select(i => i * 31L % 40)], [5, 60]);
        Tensor table = Normal(1, 40, 48).to_type(ScalarType.Float32).requires_grad_(), qkv = Normal(2, 144, 48).to_type(ScalarType.Float32).requires_grad_();
        Tensor gain = ones([48]).requires_grad_(), wide = Normal(3, 192, 48).to_type(ScalarType.Float32).requires_grad_(), narrow = Normal(4, 48, 192).to_type(ScalarType.Float32).requires_grad_();
        Tensor x = FusedOperators.Embedding(tokens, table);
        Tensor mixed = x + FusedOperators.CausalAttention(nn.functional.linear(x, qkv), 3);
        Tensor loss = FusedOperators.HeadLoss(FusedOperators.Mlp(mixed, wide, null, narrow, "gelu", new PreNorm(gain, null, 1e-5)), table, tokens.view(-1));
        loss.backward();
        Tensor[] gradients = [.. new[] { table, qkv, gain, wide, narrow }.Select(p => p.grad!)];
        double norm = gradients.Sum(FusedOperators.NormOf);
        return [.. loss.detach().bytes.ToArray(), .. gradients.SelectMany(g => g.bytes.ToArray()), .. BitConverter.GetBytes(norm)];
    }

    internal static Tensor Normal(int seed, params long[] shape)
    {
        var random = new Random(seed);
        var values = new double[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return tensor(values, shape);
    }
}
