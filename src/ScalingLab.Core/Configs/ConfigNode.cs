namespace ScalingLab.Core.Configs;

/// <summary>A node of a parsed config file and where it starts; lines and columns count from 1, and are 0 for a value given on the command line.</summary>
/// <param name="Line">Line of its first character.</param>
/// <param name="Column">Column of its first character.</param>
/// <param name="Size">Nodes beneath it and itself, those reached by an alias counted each time.</param>
internal abstract record ConfigNode(int Line, int Column, int Size);

/// <summary>A single value, as text.</summary>
/// <param name="Line">Line of its first character.</param>
/// <param name="Column">Column of its first character.</param>
/// <param name="Text">The text with quotes and escapes resolved.</param>
/// <param name="Quoted">Whether it stood in quotes or in a block: then it is never null.</param>
internal sealed record ScalarNode(int Line, int Column, string Text, bool Quoted) : ConfigNode(Line, Column, 1)
{
    /// <summary>Nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => !Quoted && Text is ("" or "~" or "null" or "Null" or "NULL");
}

/// <summary>A sequence.</summary>
internal sealed record ListNode(int Line, int Column, int Size, IReadOnlyList<ConfigNode> Items) : ConfigNode(Line, Column, Size);

/// <summary>A mapping in the order of the file, repeated keys included.</summary>
internal sealed record MapNode(int Line, int Column, int Size, IReadOnlyList<(ScalarNode Key, ConfigNode Value)> Entries) : ConfigNode(Line, Column, Size);
