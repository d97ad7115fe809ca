namespace ScalingLab.Training.Data;

/// <summary>Two ids that become one. The place of a merge in its list is its rank: the lowest goes first.</summary>
public readonly record struct BpeMerge(int Left, int Right)
{
    /// <summary>Both ids in one number, left high.</summary>
    internal ulong Key => KeyOf(Left, Right);

    internal static ulong KeyOf(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
