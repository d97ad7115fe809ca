using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.TestTime;

namespace ScalingLab.Planning.Tests.TestTime;

public class SampleTableTests
{
    [Theory, InlineData("problem,n,c\na,10,3\nb,10,0\n"), InlineData("task;Samples;Correct\na;10;3\nb;10;0\n")]
    public void Counts_are_read(string text) => Assert.Equal([new(10, 3), new(10, 0)], Read(text));

    [Theory]
    [InlineData("problem,n,c\na,10,11\n", "c is '11'; it must be a whole number from 0 to 10")]
    [InlineData("problem,n,c\na,0,0\n", "n is '0'; it must be a whole number of 1 or more")]
    [InlineData("problem,n,c\na,ten,1\n", "n is 'ten'; it must be a whole number of 1 or more")]
    [InlineData("problem,n\na,10\n", "no column 'correct'")]
    public void What_is_no_count_is_refused_with_its_place(string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Read(text));
        Assert.Equal((ExitCode.CorruptData, message), (error.ExitCode, error.Message));
    }

    [Theory, InlineData(0), InlineData(10)]
    public void Counts_that_are_all_alike_hold_no_law(int correct)
    {
        var counts = Enumerable.Repeat(new SampleCount(10, correct), 5).ToArray();
        Assert.Throws<UserErrorException>(() => TestTimePlan.Cover(counts, [1], 10, 1, 0.95, []));
    }

    private static IReadOnlyList<SampleCount> Read(string text)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            return SampleTable.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
