using ScalingLab.Training.Sampling;

namespace ScalingLab.Training.Tests.Sampling;

public sealed class TokenChoiceTests
{
    private static readonly float[] Scores = [0.5f, 2, -1, 2, 1.25f];

    [Theory]
    [InlineData(1, null)]
    [InlineData(0.5, null)]
    [InlineData(2, 3)]
    [InlineData(1, 2)]
    public void Frequencies_are_those_of_the_softmax_over_the_highest_scores(double temperature, int? topK)
    {
        int[] kept = [.. Enumerable.Range(0, Scores.Length).OrderByDescending(i => Scores[i]).ThenBy(i => i).Take(topK ?? Scores.Length)];
        double total = kept.Sum(i => Math.Exp(Scores[i] / temperature));
        var counts = new int[Scores.Length];
        const int draws = 100_000; // evenly spread numbers: a share is right to 1/draws, but for rounding
        for (int n = 0; n < draws; n++)
            counts[new TokenChoice(temperature, topK).Of(Scores, (n + 0.5) / draws)]++;
        for (int i = 0; i < Scores.Length; i++)
            Assert.Equal(kept.Contains(i) ? Math.Exp(Scores[i] / temperature) / total : 0, counts[i] / (double)draws, 2e-5);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, 1)]
    public void Greedy_takes_the_highest_score_and_of_equal_ones_the_first(double temperature, int? topK) =>
        Assert.All(new[] { 0, 0.5, 0.999 }, uniform => Assert.Equal(1, new TokenChoice(temperature, topK).Of(Scores, uniform)));

    [Fact]
    public void A_top_k_beyond_the_vocabulary_is_all_of_it() =>
        Assert.Equal(new TokenChoice(1).Of(Scores, 0.7), new TokenChoice(1, 99).Of(Scores, 0.7));

    [Fact]
    public void Scores_of_any_size_overflow_nothing() => Assert.Equal(1, new TokenChoice(1e-3).Of([-3e38f, 3e38f], 0.5));

    [Fact]
    public void A_score_that_is_no_number_is_refused() => Assert.Throws<ArgumentException>(() => new TokenChoice(1).Of([1, float.NaN], 0.5));
}
