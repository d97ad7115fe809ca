namespace ScalingLab.Training.Data;

/// <summary>The bytes of each id while merges are added: all different, none longer than a bound.</summary>
internal sealed class BpeSpellings
{
    /// <summary>Longest token in bytes. Doubling at each merge, a hostile file of 60 merges would otherwise ask for 2^60 bytes.</summary>
    public const int LongestToken = 4096;

    private readonly List<byte[]> tokens = [.. ByteLevelVocabulary.SingleBytes];
    private readonly HashSet<string> spelt = [.. ByteLevelVocabulary.SingleBytes.Select(b => ByteLevelVocabulary.Spell(b))];

    /// <summary>Bytes by id.</summary>
    public IReadOnlyList<byte[]> Tokens => tokens;

    /// <summary>Gives the merged pair the next id; false when it is too long, is spelt already, or has an id that is not there yet.</summary>
    public bool TryAdd(BpeMerge pair)
    {
        if (pair.Left < 0 || pair.Right < 0 || pair.Left >= tokens.Count || pair.Right >= tokens.Count) return false;
        byte[] left = tokens[pair.Left], right = tokens[pair.Right];
        if (left.Length + right.Length > LongestToken) return false;
        byte[] merged = [.. left, .. right];
        if (!spelt.Add(ByteLevelVocabulary.Spell(merged))) return false;
        tokens.Add(merged);
        return true;
    }
}
