using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Randomness;
using ScalingLab.Training.Sampling;
using ScalingLab.Training.Tests.Model;

namespace ScalingLab.Training.Tests.Sampling;

public sealed class TextSamplerTests
{
    [Fact]
    public void Greedy_text_is_that_of_the_uncached_model_token_by_token()
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Model();
        List<long> text = [4, 7, 1];
        int[] cached = [.. new TextSampler(model, new TokenChoice(0), null).Continue([4, 7, 1], 13, seed: 1)];
        foreach (int id in cached)
        {
            float[] scores = model.Logits(tensor([.. text], [1, text.Count])).data<float>().ToArray()[^model.Vocabulary..];
            Assert.Equal(Array.IndexOf(scores, scores.Max()), id);
            text.Add(id);
        }
    }

    [Fact]
    public void Beyond_the_context_the_older_half_is_forgotten()
    {
        using DisposeScope scope = NewDisposeScope();
        using Gpt model = Model();
        int[] cached = [.. new TextSampler(model, new TokenChoice(1), null).Continue([4, 7, 1], 60, seed: 5)];
        Assert.Equal(60, cached.Length);
        List<long> window = [4, 7, 1];
        for (int n = 0; n < cached.Length; n++)
        {
            if (window.Count == 17) // a context of 16 and the token that does not fit any more
                window.RemoveRange(0, 9);
            float[] scores = model.Logits(tensor([.. window], [1, window.Count])).data<float>().ToArray()[^model.Vocabulary..];
            Assert.Equal(new TokenChoice(1).Of(scores, CounterRandom.Uniform(5, 0, n)), cached[n]);
            window.Add(cached[n]);
        }
    }

    [Fact]
    public void A_text_is_a_function_of_its_seed_and_number()
    {
        using Gpt model = Model();
        var sampler = new TextSampler(model, new TokenChoice(1), null);
        int[] first = [.. sampler.Continue([3], 40, 7)];
        Assert.Equal(first, sampler.Continue([3], 40, 7));
        Assert.NotEqual(first, sampler.Continue([3], 40, 8));
        Assert.NotEqual(first, sampler.Continue([3], 40, 7, text: 1));
    }

    [Fact]
    public void End_of_document_ends_the_text_and_is_its_last_token()
    {
        using Gpt model = Model();
        int[] free = [.. new TextSampler(model, new TokenChoice(1), null).Continue([3], 40, 7)];
        int[] ended = [.. new TextSampler(model, new TokenChoice(1), free[5]).Continue([3], 40, 7)];
        Assert.Equal(free[..(Array.IndexOf(free, free[5]) + 1)], ended);
    }

    [Fact]
    public void A_prompt_longer_than_the_context_counts_by_its_last_tokens()
    {
        using Gpt model = Model();
        int[] prompt = [.. Enumerable.Range(0, 40).Select(i => i % 19)];
        var sampler = new TextSampler(model, new TokenChoice(0), null);
        Assert.Equal(sampler.Continue(prompt[^16..], 9, 1), sampler.Continue(prompt, 9, 1));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(-1)]
    public void An_id_beyond_the_vocabulary_never_reaches_the_embedding(int id)
    {
        using Gpt model = Model();
        Assert.Throws<ArgumentException>(() => new TextSampler(model, new TokenChoice(0), null).Continue([id], 1, 1).First());
    }

    private static Gpt Model() => IncrementalGptTests.Make(Norm.LayerNorm, Activation.Gelu, Positions.Rope, true, true, ScalarType.Float32);
}
