using ScalingLab.Core.Models;

namespace ScalingLab.Laws.Design;

/// <summary>Models like those of a sweep: the same blocks, context and vocabulary, other layers and widths.</summary>
/// <param name="Like">The sweep's shapes.</param>
/// <param name="Vocabulary">Tokens of its tokenizer.</param>
/// <param name="Count">N of a shape, in the convention of the fit.</param>
public sealed record ShapeFamily(IReadOnlyList<ModelShape> Like, int Vocabulary, Func<ParameterCounts, double> Count)
{
    private const double AspectReach = 1.5;
    private const int Sizes = 32;

    /// <summary>Shapes between two sizes, some 30 of them, about even in ln N, none wider or narrower for its depth than the sweep's by more than half.</summary>
    public IReadOnlyList<(ModelShape Shape, double Parameters)> Between(double least, double most)
    {
        double[] aspects = [.. Like.Select(Aspect)];
        int deepest = 2 * Like.Max(s => s.Layers), widest = 4 * Like.Max(s => s.Width);
        var all = new List<(ModelShape Shape, double Parameters)>();
        for (int layers = 1; layers <= deepest; layers++)
        {
            for (int width = 4; width <= widest; width += width < 64 ? 4 : width < 256 ? 16 : 64)
            {
                var shape = Shaped(layers, width);
                double n = Count(ParameterCounts.Of(shape, Vocabulary));
                if (n >= least && n <= most && Aspect(shape) >= aspects.Min() / AspectReach && Aspect(shape) <= aspects.Max() * AspectReach && !shape.Problems().Any())
                    all.Add((shape, n));
            }
        }
        return
        [
            .. Enumerable.Range(0, Sizes).Select(i => least * Math.Pow(most / least, i / (Sizes - 1.0)))
                .Select(target => all.OrderBy(c => Math.Abs(Math.Log(c.Parameters / target)) + 0.1 * Math.Abs(Math.Log(Aspect(c.Shape) / Aspect(Nearest(c.Parameters))))).FirstOrDefault())
                .Where(c => c.Shape is not null).DistinctBy(c => c.Parameters).OrderBy(c => c.Parameters),
        ];
    }

    // Heads of the nearest of the sweep's models, as wide as there.
    private ModelShape Shaped(int layers, int width)
    {
        var like = Like.MinBy(s => Math.Abs(Math.Log((double)s.Width / width)) + 0.1 * Math.Abs(Math.Log((double)s.Layers / layers)))!;
        int heads = Math.Max(1, (int)Math.Round((double)width / like.HeadWidth));
        int pair = like.Positions == Positions.Rope ? 2 : 1;
        while (heads > 1 && width % (heads * pair) != 0)
            heads--;
        return like with { Layers = layers, Width = width, Heads = heads, MlpWidth = like.MlpWidth is { } mlp ? (int)Math.Round((double)mlp / like.Width * width) : null };
    }

    private ModelShape Nearest(double parameters) => Like.MinBy(s => Math.Abs(Math.Log(Count(ParameterCounts.Of(s, Vocabulary)) / parameters)))!;

    private static double Aspect(ModelShape shape) => (double)shape.Width / shape.Layers;
}
