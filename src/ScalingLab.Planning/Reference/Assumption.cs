namespace ScalingLab.Planning.Reference;

/// <summary>One number that a plan rests on.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value; null when none is known.</param>
/// <param name="Unit">Unit; empty for a bare factor.</param>
/// <param name="Source">Where it comes from, with the date of a price.</param>
/// <param name="Given">True when the user gave it.</param>
public sealed record Assumption(string Name, double? Value, string Unit, string Source, bool Given);
