using System.Globalization;
using System.Text;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>A gnuplot script (5.4 or later) that draws a figure again from the .tsv beside it, for those who want to restyle it.</summary>
internal sealed class GnuplotScript
{
    private readonly string name;
    private readonly StringBuilder body = new();
    private bool panels;

    public GnuplotScript(string name, string title, double width, double height)
    {
        this.name = name;
        string size = string.Create(CultureInfo.InvariantCulture, $"{width:0},{height:0}");
        Line($"# Draws {name} from {name}.tsv into {name}.gnuplot.svg: gnuplot {name}.gnuplot");
        Line($"set terminal svg size {size} enhanced font 'Helvetica,12' background '#ffffff'");
        Line($"set output '{name}.gnuplot.svg'");
        Line("set encoding utf8");
        Line("set datafile separator tab");
        Line($"set title {Quoted(title)} noenhanced");
        Line("set grid lc rgb '#e3e6ea'");
        Line("set key top right noenhanced");
        Line("set autoscale fix");
        Line($"set palette defined ({string.Join(", ", Enumerable.Range(0, 6).Select(i => $"{i} '{ColourRamp.At(i / 5.0).Light}'"))})");
    }

    /// <summary>Several panels side by side; each <see cref="Plot"/> then fills the next.</summary>
    public GnuplotScript Panels(int rows, int columns, string title)
    {
        panels = true;
        return Line("unset title").Line($"set multiplot layout {rows},{columns} title {Quoted(title)} noenhanced");
    }

    /// <summary>Axes of the next plot.</summary>
    public GnuplotScript Axes(RichText x, RichText y, bool logX = true, bool logY = true)
    {
        Line(logX ? "set logscale x" : "unset logscale x").Line(logY ? "set logscale y" : "unset logscale y");
        Line(logX ? "set format x '10^{%L}'" : "set format x '%g'");
        Line(logY && y.ToString().Contains("nats", StringComparison.Ordinal) ? "set ytics (0.5, 0.7, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 12)" : "set ytics autofreq");
        return Line($"set xlabel {Enhanced(x)}").Line($"set ylabel {Enhanced(y)}");
    }

    /// <summary>Label of the colour bar, on a logarithmic scale.</summary>
    public GnuplotScript ColourBar(RichText label) => Line("set logscale cb").Line("set format cb '10^{%L}'").Line($"set cblabel {Enhanced(label)}");

    /// <summary>Any other command.</summary>
    public GnuplotScript Line(string command)
    {
        body.Append(command).Append('\n');
        return this;
    }

    /// <summary>Draws; each clause is what follows the file's name.</summary>
    public GnuplotScript Plot(params IEnumerable<string> clauses) => PlotAll(clauses.Select(c => $"'{name}.tsv' skip 1 {c}"));

    /// <summary>Draws clauses that name their own data: functions, constants.</summary>
    public GnuplotScript PlotAll(params IEnumerable<string> clauses) => Line("plot " + string.Join(", \\\n     ", clauses));

    /// <summary>Lines between successive rows that have the same text in column <paramref name="group"/>, coloured by column <paramref name="colour"/>.</summary>
    /// <param name="group">Column, from 1.</param>
    /// <param name="x">Column of x.</param>
    /// <param name="y">Column of y.</param>
    /// <param name="colour">Column that gives the colour.</param>
    /// <param name="kind">Column and text that rows must have; null for all rows.</param>
    public static string JoinedRows(int group, int x, int y, int colour, (int Column, string Text)? kind = null)
    {
        string key = $"strcol({I(group)})" + (kind is (int column, string text) ? $".(strcol({I(column)}) eq {Quoted(text)} ? 'y' : strcol(0))" : "");
        return $"using (key = {key}, same = key eq before, fromX = toX, fromY = toY, before = key, toX = ${I(x)}, toY = ${I(y)}, same ? fromX : NaN)" +
            $":(fromY):(toX - fromX):(toY - fromY):{I(colour)} with vectors nohead lw 1.5 lc palette notitle";
    }

    /// <summary>What <see cref="JoinedRows"/> starts from.</summary>
    public GnuplotScript StartJoining() => Line("before = ''; toX = NaN; toY = NaN");

    /// <summary>Rows whose column <paramref name="column"/> is a text; others become undefined.</summary>
    public static string Where(int column, string text, string value) => $"(strcol({I(column)}) eq {Quoted(text)} ? {value} : NaN)";

    /// <summary>A colour, as gnuplot takes it.</summary>
    public static string Colour(Paint paint) => $"lc rgb '{paint.Light}'";

    /// <summary>The script.</summary>
    public string Finish() => body + (panels ? "unset multiplot\n" : "") + "unset output\n";

    /// <summary>Text in double quotes, for any text from outside.</summary>
    public static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ') + "'";

    private static string Enhanced(RichText text) => "'" + text.ToGnuplot().Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string I(int column) => column.ToString(CultureInfo.InvariantCulture);
}
