using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Optim;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Model;

/// <summary>A hundred steps of a small model on a walk over a few tokens, which it learns.</summary>
internal static class ShortWalk
{
    public const int Vocabulary = 61, Batch = 4, Context = 24, Steps = 100;

    public static double[] Losses(ModelShape shape, KernelChoice kernels)
    {
        using var model = new Gpt(shape, Vocabulary, kernels: kernels);
        using var optimizer = new AdamW(model.Parameters, new AdamConfig(), model.Operators);
        return Losses(model, optimizer);
    }

    /// <summary>Losses of the steps from initial weights, each before its update.</summary>
    public static double[] Losses(Gpt model, AdamW optimizer)
    {
        model.Parameters.Initialise(2);
        var losses = new double[Steps];
        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor inputs, Tensor targets) = Data(step);
            model.Parameters.ZeroGradients();
            Tensor loss = model.Loss(inputs, targets);
            loss.backward();
            losses[step - 1] = loss.ToDouble();
            optimizer.ClipGradients(1);
            optimizer.Step(step, 2e-3 * Math.Min(1, step / 20.0));
        }

        return losses;
    }

    /// <summary>A walk: the next token is the last plus one, two or three.</summary>
    public static (Tensor Inputs, Tensor Targets) Data(int step)
    {
        var inputs = new long[Batch * Context];
        var targets = new long[inputs.Length];
        for (int row = 0; row < Batch; row++)
        {
            long token = (step * 17) + (row * 29);
            for (int t = 0; t < Context; t++)
            {
                inputs[(row * Context) + t] = token % 13;
                token += 1 + (Math.Abs(CounterRandom.Normal(5, step, (row * Context) + t)) > 1 ? 1 : 0);
                targets[(row * Context) + t] = token % 13;
            }
        }

        return (tensor(inputs, [Batch, Context]), tensor(targets, [targets.Length]));
    }
}
