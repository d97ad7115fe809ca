using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Tests.Diagnostics;

public sealed class SuggestionsTests
{
    [Theory]
    [InlineData("batchh", "batch")]
    [InlineData("wdith", "width")] // one swap
    [InlineData("Chinchila", "chinchilla")]
    [InlineData("N", "n")]
    [InlineData("temperature", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_the_one_with_the_fewest_slips(string word, string? expected) =>
        Assert.Equal(expected, Suggestions.Nearest(word, ["batch", "width", "chinchilla", "n", "heads"]));

    [Theory]
    [InlineData("ca", "abc", 3)] // Optimal string alignment edits no substring twice; full Damerau-Levenshtein says 2.
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("", "abc", 3)]
    public void The_distance_is_that_of_optimal_string_alignment(string a, string b, int expected)
    {
        Assert.Equal(expected, Suggestions.Distance(a, b));
        Assert.Equal(expected, Suggestions.Distance(b, a));
    }
}
