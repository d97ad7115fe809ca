using System.Security.Cryptography;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class HeldOutSplitTests
{
    private static byte[][] Hashes(int n) => [.. Enumerable.Range(0, n).Select(i => SHA256.HashData(BitConverter.GetBytes(i)))];

    [Theory, InlineData(233, 0.05, 12), InlineData(10, 0.25, 3), InlineData(10, 0.0001, 1), InlineData(10, 0.9999, 9), InlineData(2, 0.5, 1)]
    public void The_rounded_share_is_held_out_at_least_one_and_never_all(int documents, double fraction, int heldOut) =>
        Assert.Equal(heldOut, HeldOutSplit.HeldOut(Hashes(documents), fraction).Count(h => h));

    [Fact]
    public void The_order_of_the_documents_plays_no_part()
    {
        byte[][] hashes = Hashes(50);
        bool[] split = HeldOutSplit.HeldOut(hashes, 0.2);
        Assert.Equal(split.Reverse(), HeldOutSplit.HeldOut([.. hashes.Reverse()], 0.2));
    }

    [Fact]
    public void A_larger_share_holds_out_the_same_documents_and_more()
    {
        bool[] few = HeldOutSplit.HeldOut(Hashes(50), 0.1), more = HeldOutSplit.HeldOut(Hashes(50), 0.3);
        Assert.All(few.Zip(more), pair => Assert.True(!pair.First || pair.Second));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(double.NaN)]
    public void A_share_outside_0_to_1_is_refused(double fraction) => Assert.Throws<ArgumentOutOfRangeException>(() => HeldOutSplit.HeldOut(Hashes(5), fraction));
}
