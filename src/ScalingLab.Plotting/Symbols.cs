using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting;

/// <summary>Parameters of laws as the papers print them, and what they mean.</summary>
internal static class Symbols
{
    /// <summary>The symbol of a parameter named as in files; an unknown name stands as it is.</summary>
    public static RichText Of(string name) => name switch
    {
        "A" or "B" or "E" => RichText.Markup($"*{name}*"),
        "alpha" => RichText.Markup("*α*"),
        "beta" => RichText.Markup("*β*"),
        "gamma" => RichText.Markup("*γ*"),
        "alphaN" or "alphaD" or "alphaC" or "alphaS" => RichText.Markup($"*α*_{{{name[^1]}}}"),
        "Nc" or "Dc" or "Cc" or "Sc" => RichText.Markup($"*{name[0]}*_{{c}}"),
        "rd" => RichText.Markup("*R*_{D}"),
        "rn" => RichText.Markup("*R*_{N}"),
        _ => RichText.Plain(name),
    };

    /// <summary>Meaning in a few words; empty for an unknown name.</summary>
    public static string Meaning(string law, string name) => (law, name) switch
    {
        (_, "E") => "loss that no size and no data remove, nats per token",
        ("chinchilla" or "data-constrained", "A") => "scale of the part that falls with parameters",
        ("chinchilla" or "data-constrained", "B") => "scale of the part that falls with tokens",
        (_, "alpha") => "exponent of parameters",
        (_, "beta") => "exponent of tokens",
        (_, "alphaN") => "exponent of parameters",
        (_, "alphaD") => "exponent of tokens",
        (_, "alphaC") => "exponent of compute",
        (_, "alphaS") => "exponent of steps",
        (_, "Nc") => "scale of parameters",
        (_, "Dc") => "scale of tokens",
        (_, "Cc") => "scale of compute",
        (_, "Sc") => "scale of steps",
        (_, "rd") => "repeats at which repeated data are worth 1 − 1/e of new",
        (_, "rn") => "the same for excess parameters",
        _ => "",
    };
}
