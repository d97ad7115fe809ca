using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Randomness;

public sealed class CounterRandomTests
{
    [Fact]
    public void A_filled_number_depends_on_its_place_and_not_on_the_length_of_the_fill()
    {
        var five = new float[5];
        var nine = new float[9];
        CounterRandom.FillNormal(five, seed: 7, stream: 3, mean: 0, standardDeviation: 1);
        CounterRandom.FillNormal(nine, seed: 7, stream: 3, mean: 0, standardDeviation: 1);
        Assert.Equal(five, nine[..5]);
        Assert.Equal(nine, Enumerable.Range(0, 9).Select(i => (float)CounterRandom.Normal(7, 3, i)));
    }

    [Fact]
    public void Normal_numbers_are_the_same_bits_on_every_machine()
    {
        var numbers = new float[4];
        CounterRandom.FillNormal(numbers, seed: 1, stream: 0, mean: 0, standardDeviation: 1);
        Assert.Equal(PinnedNormals, numbers.Select(BitConverter.SingleToUInt32Bits));
    }

    private static readonly uint[] PinnedNormals = [3186151722, 3203034596, 3197354703, 3202134761];

    [Fact]
    public void Moments_and_tails_of_a_million_normal_numbers_are_those_of_the_normal_law()
    {
        const int n = 1_000_000;
        var numbers = new float[n];
        CounterRandom.FillNormal(numbers, seed: 42, stream: 1, mean: 0, standardDeviation: 1);
        double mean = numbers.Average(x => (double)x);
        double variance = numbers.Average(x => (double)x * x);
        double fourth = numbers.Average(x => Math.Pow(x, 4));
        // Five standard errors: 1/√n, √2/√n and √96/√n.
        Assert.InRange(mean, -0.005, 0.005);
        Assert.InRange(variance, 1 - 0.0071, 1 + 0.0071);
        Assert.InRange(fourth, 3 - 0.049, 3 + 0.049);
        double beyondTwo = numbers.Count(x => Math.Abs(x) > 2) / (double)n; // 0.0455
        Assert.InRange(beyondTwo, 0.0455 - 0.00105, 0.0455 + 0.00105);
    }

    [Fact]
    public void Mean_and_deviation_shift_and_scale()
    {
        var numbers = new float[3];
        CounterRandom.FillNormal(numbers, 5, 0, mean: 10, standardDeviation: 0);
        Assert.Equal([10f, 10f, 10f], numbers);
    }

    [Fact]
    public void Own_logarithm_sine_and_cosine_agree_with_the_library_to_a_few_units_in_the_last_place()
    {
        for (int i = 0; i < 20_000; i++)
        {
            PhiloxBlock bits = CounterRandom.Block(9, 9, i);
            NormalPair pair = NormalPair.From(bits);
            double u = ((bits.Low >> 11) + 1) * Math.Pow(2, -53);
            double angle = 2 * Math.PI * ((bits.High >> 9) * Math.Pow(2, -55));
            double radius = Math.Sqrt(-2 * Math.Log(u));
            Assert.Equal(radius * Math.Cos(angle), pair.First, 3e-15 * 8);
            Assert.Equal(radius * Math.Sin(angle), pair.Second, 3e-15 * 8);
        }
    }

    [Fact]
    public void Whole_numbers_below_a_bound_are_equally_frequent()
    {
        const int draws = 70_000;
        var counts = new int[7];
        for (int i = 0; i < draws; i++) counts[CounterRandom.NextBelow(3, 0, i, 7)]++;
        // Chi-square with 6 degrees of freedom: 22.5 has a probability of 0.001.
        Assert.InRange(counts.Sum(c => Math.Pow(c - 10_000, 2) / 10_000), 0, 22.5);
    }

    [Theory, InlineData(1), InlineData(long.MaxValue)]
    public void The_bound_itself_is_never_reached(long bound)
    {
        for (int i = 0; i < 100; i++) Assert.InRange(CounterRandom.NextBelow(3, 0, i, bound), 0, bound - 1);
    }

    [Fact]
    public void Seeds_streams_and_places_give_different_numbers()
    {
        double[] numbers = [CounterRandom.Uniform(1, 0, 0), CounterRandom.Uniform(2, 0, 0), CounterRandom.Uniform(1, 1, 0), CounterRandom.Uniform(1, 0, 1)];
        Assert.Equal(4, numbers.Distinct().Count());
        Assert.All(numbers, x => Assert.InRange(x, 0, 1));
    }
}
