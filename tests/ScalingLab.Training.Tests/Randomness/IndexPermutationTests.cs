using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Randomness;

public sealed class IndexPermutationTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(7), InlineData(64), InlineData(65), InlineData(1000), InlineData(70_001)]
    public void Every_element_comes_exactly_once(int length)
    {
        var permutation = new IndexPermutation(length, seed: 11, stream: 2, epoch: 5);
        var seen = new bool[length];
        for (int i = 0; i < length; i++)
        {
            long element = permutation[i];
            Assert.False(seen[element]);
            seen[element] = true;
        }
    }

    [Fact]
    public void Seeds_and_epochs_give_different_orders()
    {
        static IEnumerable<long> Order(long seed, int epoch)
        {
            var permutation = new IndexPermutation(500, seed, 0, epoch);
            return Enumerable.Range(0, 500).Select(i => permutation[i]);
        }
        Assert.NotEqual(Order(1, 0), Order(2, 0));
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.Equal(Order(1, 0), Order(1, 0));
    }

    [Fact]
    public void Over_many_seeds_each_element_is_equally_often_at_each_place()
    {
        const int length = 5, seeds = 20_000;
        var counts = new int[length, length];
        for (int seed = 0; seed < seeds; seed++)
        {
            var permutation = new IndexPermutation(length, seed, 0, 0);
            for (int i = 0; i < length; i++) counts[i, permutation[i]]++;
        }
        const double expected = seeds / (double)length;
        double chiSquare = counts.Cast<int>().Sum(c => Math.Pow(c - expected, 2) / expected);
        Assert.InRange(chiSquare, 0, 39.3); // (5 − 1)² = 16 degrees of freedom, probability 0.001
    }

    [Fact]
    public void Neighbours_do_not_stay_neighbours()
    {
        var permutation = new IndexPermutation(100_000, 3, 0, 0);
        int kept = Enumerable.Range(0, 99_999).Count(i => Math.Abs(permutation[i + 1] - permutation[i]) == 1);
        Assert.InRange(kept, 0, 12); // 2 are expected of a random order
    }

    [Fact]
    public void A_length_of_2_to_the_62_works()
    {
        var permutation = new IndexPermutation(1L << 62, 3, 0, 0);
        Assert.InRange(permutation[(1L << 62) - 1], 0, (1L << 62) - 1);
    }
}
