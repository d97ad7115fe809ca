using ScalingLab.Core.Configs;
using ScalingLab.Training.Model;
using ScalingLab.Training.Optim;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Optim;

public sealed class AdamWTests
{
    private static readonly ParameterSpec Gain = new("norm.gain", [4], null, 1), Matrix = new("mlp.weight", [3, 5], 0.3), Bias = new("norm.bias", [2], null);

    [Theory]
    [InlineData(0.9, 0.95, 1e-8, 0.1, KernelChoice.Fused)]
    [InlineData(0.0, 0.99, 1e-3, 0.5, KernelChoice.Fused)]
    [InlineData(0.9, 0.999, 1e-8, 0.0, KernelChoice.Fused)]
    [InlineData(0.9, 0.95, 1e-8, 0.1, KernelChoice.Reference)]
    [InlineData(0.0, 0.99, 1e-3, 0.5, KernelChoice.Reference)]
    public void Ten_updates_equal_those_of_a_plain_scalar_loop(double beta1, double beta2, double epsilon, double decay, KernelChoice kernels)
    {
        using var parameters = new ParameterSet([Gain, Matrix, Bias], ScalarType.Float64);
        parameters.Initialise(5);
        using var optimizer = new AdamW(parameters, new AdamConfig { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = decay }, kernels);
        double[] expected = Values(parameters.Values);
        var first = new double[expected.Length];
        var second = new double[expected.Length];
        for (int step = 1; step <= 10; step++)
        {
            double[] gradient = [.. Enumerable.Range(0, expected.Length).Select(i => CounterRandom.Normal(7, step, i))];
            double rate = 0.01 / step;
            Set(parameters.Gradients, gradient);
            optimizer.Step(step, rate);
            for (int i = 0; i < expected.Length; i++)
            {
                // Loshchilov and Hutter 2019, Algorithm 2, one number at a time. The matrix's 15 values come first.
                double shrunk = expected[i] * (1 - (i < 15 ? rate * decay : 0));
                first[i] = (beta1 * first[i]) + ((1 - beta1) * gradient[i]);
                second[i] = (beta2 * second[i]) + ((1 - beta2) * gradient[i] * gradient[i]);
                double m = first[i] / (1 - Math.Pow(beta1, step)), v = second[i] / (1 - Math.Pow(beta2, step));
                expected[i] = shrunk - (rate * m / (Math.Sqrt(v) + epsilon));
            }

            double[] found = Values(parameters.Values);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(found[i] - expected[i]) < 1e-13, $"step {step}, value {i}: {found[i]:R} against {expected[i]:R}"); // some ten roundings of values near 1
        }

        Assert.Equal(first, Values(optimizer.FirstMoment), (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.Equal(second, Values(optimizer.SecondMoment), (a, b) => Math.Abs(a - b) < 1e-14);
    }

    [Fact]
    public void Weight_decay_shrinks_matrices_and_leaves_gains_and_biases()
    {
        using var parameters = new ParameterSet([Gain, Matrix, Bias], ScalarType.Float64);
        parameters.Initialise(5);
        using var optimizer = new AdamW(parameters, new AdamConfig { WeightDecay = 0.5 });
        double[] matrix = Values(parameters[Matrix.Name]), gain = Values(parameters[Gain.Name]);
        parameters.ZeroGradients();
        optimizer.Step(1, 0.1);
        Assert.Equal(matrix.Select(w => w * 0.95), Values(parameters[Matrix.Name]), (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal(gain, Values(parameters[Gain.Name]));
        Assert.Equal([0, 0], Values(parameters[Bias.Name]));
    }

    [Theory]
    [InlineData(0, 1, KernelChoice.Fused)] // off
    [InlineData(10, 1, KernelChoice.Fused)] // above the norm
    [InlineData(2.5, 0.5, KernelChoice.Fused)]
    [InlineData(2.5, 0.5, KernelChoice.Reference)]
    public void Clipping_scales_all_gradients_of_one_step_together_and_tells_the_norm_before_it(double limit, double scale, KernelChoice kernels)
    {
        using var parameters = new ParameterSet([Gain, Matrix, Bias], ScalarType.Float64);
        using var optimizer = new AdamW(parameters, new AdamConfig { Beta1 = 0 }, kernels);
        var gradient = new double[21];
        (gradient[2], gradient[20]) = (3, -4); // one in the matrix, one in the bias
        Set(parameters.Gradients, gradient);
        Assert.Equal(5, optimizer.ClipGradients(limit), 1e-15);
        optimizer.Step(1, 0.1);
        Assert.Equal(gradient.Select(g => g * scale), Values(optimizer.FirstMoment), (a, b) => Math.Abs(a - b) < 1e-6); // torch's own 1e-6 in the denominator
        Set(parameters.Gradients, gradient);
        optimizer.Step(2, 0.1); // not clipped: the scale was that of one step
        Assert.Equal(gradient, Values(optimizer.FirstMoment));
    }

    [Theory]
    [InlineData(KernelChoice.Fused)]
    [InlineData(KernelChoice.Reference)]
    public void Gradients_start_at_zero_after_an_update_and_after_one_that_was_not_made(KernelChoice kernels)
    {
        using var parameters = new ParameterSet([Gain, Matrix, Bias], ScalarType.Float64);
        using var optimizer = new AdamW(parameters, new AdamConfig(), kernels);
        var zeros = new double[21];
        Set(parameters.Gradients, [.. Enumerable.Range(1, 21).Select(i => (double)i)]);
        optimizer.Step(1, 0.1);
        parameters.ZeroGradients();
        Assert.Equal(zeros, Values(parameters.Gradients));
        Set(parameters.Gradients, [.. Enumerable.Repeat(double.NaN, 21)]);
        parameters.ZeroGradients(); // no update between: the first one's zeros are gone
        Assert.Equal(zeros, Values(parameters.Gradients));
    }

    [Theory]
    [InlineData(double.NaN, KernelChoice.Fused)]
    [InlineData(double.PositiveInfinity, KernelChoice.Fused)]
    [InlineData(double.NaN, KernelChoice.Reference)]
    public void A_gradient_that_is_not_finite_shows_in_the_norm_and_is_not_scaled(double bad, KernelChoice kernels)
    {
        using var parameters = new ParameterSet([Matrix], ScalarType.Float64);
        using var optimizer = new AdamW(parameters, new AdamConfig(), kernels);
        var gradient = new double[15];
        (gradient[0], gradient[1]) = (bad, 3);
        Set(parameters.Gradients, gradient);
        Assert.False(double.IsFinite(optimizer.ClipGradients(1)));
        Assert.Equal(3, Values(parameters.Gradients)[1]);
    }

    private static double[] Values(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().contiguous().data<double>().ToArray();
    }

    private static void Set(Tensor target, double[] values)
    {
        using DisposeScope scope = NewDisposeScope();
        target.copy_(tensor(values, [values.Length]));
    }
}
