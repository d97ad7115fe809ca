using System.Text;

namespace ScalingLab.Plotting.Figures;

/// <summary>Rows for programs: tabs between, no quotes; tabs and line ends inside a name become spaces.</summary>
internal sealed class TabSeparated
{
    private readonly StringBuilder text = new();

    public TabSeparated(params string[] header) => Row(header);

    public void Row(params string[] cells) =>
        text.AppendJoin('\t', cells.Select(c => c.Replace('\t', ' ').Replace('\n', ' ').Replace('\r', ' '))).Append('\n');

    public override string ToString() => text.ToString();
}
