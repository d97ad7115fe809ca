using System.Globalization;
using System.Text;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.Tests.Frontier;

/// <summary>A table of models made from known growth.</summary>
internal sealed class PlantedModels : IDisposable
{
    public const double Duration = 1.3, Chips = 1.8, Throughput = 2.1;

    public PlantedModels(string text) => File.WriteAllText(Path, text);

    public string Path { get; } = System.IO.Path.GetTempFileName();

    /// <summary>Frontier models that grow by known factors, each quantity with log-normal scatter.</summary>
    public static PlantedModels Growing(double scatter, int models = 60, long seed = 1)
    {
        var random = new RandomStream(seed, 0);
        var text = new StringBuilder("name,publication_date,training_flop,training_time_hours,hardware_quantity,base_model,frontier_flag\n");
        for (int i = 0; i < models; i++)
        {
            int month = i * 144 / models; // 2012 to 2023
            double years = month / 12.0;
            double hours = 100 * Math.Pow(Duration, years) * Noise(ref random), chips = 8 * Math.Pow(Chips, years) * Noise(ref random), rate = 1e12 * Math.Pow(Throughput, years) * Noise(ref random);
            text.Append(CultureInfo.InvariantCulture, $"m{i},{2012 + month / 12}-{month % 12 + 1:00}-01,{hours * 3600 * chips * rate:R},{hours:R},{chips:R},,1\n");
        }
        return new(text.ToString());

        double Noise(ref RandomStream r) => Math.Exp(scatter * r.NextNormal());
    }

    public void Dispose() => File.Delete(Path);
}
