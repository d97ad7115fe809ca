using System.Text;
using System.Text.RegularExpressions;

namespace ScalingLab.Core.Configs;

/// <summary>Writes text as a YAML scalar.</summary>
internal static partial class YamlText
{
    /// <summary>Plain when that reads back as the same text, else in double quotes with escapes.</summary>
    public static string Quoted(string text)
    {
        if (Harmless().IsMatch(text) && text is not ("null" or "Null" or "NULL"))
            return text;
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF')
                quoted.Append("\\u").Append(((int)c).ToString("X4", null));
            else
                quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[A-Za-z0-9_./][A-Za-z0-9_./\-+]*\z")]
    private static partial Regex Harmless();
}
