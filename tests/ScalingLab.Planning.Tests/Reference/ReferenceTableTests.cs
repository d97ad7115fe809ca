using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Tests.Reference;

public class ReferenceTableTests
{
    [Theory]
    [InlineData("H100", "h100")]
    [InlineData("NVIDIA H100 SXM5 80GB", "h100")]
    [InlineData("h100-sxm", "h100")]
    [InlineData("H100 PCIe", "h100-pcie")]
    [InlineData("A100", "a100")]
    [InlineData("A100 SXM4 40 GB", "a100-40gb")]
    [InlineData("TPU v4", "tpu-v4")]
    [InlineData("rtx4090", "rtx-4090")]
    [InlineData("Tesla V100", "v100-16gb")]
    public void An_accelerator_is_found_however_it_is_written(string name, string key) => Assert.Equal(key, Accelerator.Named(name).Key);

    [Theory, InlineData("h1000", "did you mean 'h100'?"), InlineData("mi30x", "did you mean 'mi300x'?"), InlineData("abacus", "there are v100-16gb, ")]
    public void An_unknown_accelerator_is_refused_with_the_nearest(string name, string help) =>
        Assert.StartsWith(help, Assert.Throws<UserErrorException>(() => Accelerator.Named(name)).Diagnostics[0].Help);

    /// <summary>Ridge points of the roofline that papers quote.</summary>
    [Theory, InlineData("a100", 153), InlineData("h100", 295)]
    public void The_ridge_of_an_accelerator_is_its_peak_over_its_bandwidth(string name, double expected) => Assert.Equal(expected, Accelerator.Named(name).FlopsPerByte, 0.5);

    /// <summary>The published counts, from the shapes: attention, MLPs and embeddings; norms are below a thousandth. GPT-3 ties its head.</summary>
    [Theory]
    [InlineData("gpt-3", 175e9, 0.005)]
    [InlineData("llama-2-7b", 6.738e9, 0.001)]
    [InlineData("llama-2-70b", 68.977e9, 0.001)]
    [InlineData("llama-3-8b", 8.030e9, 0.001)]
    [InlineData("llama-3-70b", 70.554e9, 0.001)]
    [InlineData("llama-3-405b", 405.85e9, 0.001)]
    [InlineData("mixtral-8x7b", 46.703e9, 0.001)]
    public void A_published_shape_has_the_published_number_of_parameters(string name, double parameters, double tolerance)
    {
        var model = ModelSize.Named(name);
        Assert.Equal(parameters, model.Parameters);
        Assert.Equal(1, model.Shape.Parameters(model.Experts) / parameters, tolerance);
        Assert.Equal(1, model.Shape.Parameters(model.ExpertsPerToken) / model.ActiveParameters, tolerance);
    }

    [Theory, InlineData("accelerators.csv"), InlineData("rental-prices.csv"), InlineData("purchase-prices.csv"), InlineData("models.csv"), InlineData("laws.csv")]
    public void Every_row_of_a_table_is_whole_and_names_its_source(string file)
    {
        var rows = ReferenceTable.Read(file);
        Assert.NotEmpty(rows);
        Assert.All(rows, r => Assert.Equal(r.Header.Length, r.Values.Length));
        Assert.All(rows, r => Assert.True(r.Text("source").Length > 8));
        if (file.EndsWith("prices.csv", StringComparison.Ordinal))
            Assert.All(rows, r => Accelerator.Named(r.Text("accelerator")));
    }

    [PublishedFact]
    public void The_table_agrees_with_the_published_one()
    {
        Dictionary<string, string> names = new()
        {
            ["V100 SXM2 16GB"] = "v100-16gb", ["A100 SXM4 80GB"] = "a100", ["A100 PCIe 80GB"] = "a100-pcie", ["H100 PCIe 80GB"] = "h100-pcie", ["B200 (HGX)"] = "b200", ["MI300X"] = "mi300x",
            ["TPU v4"] = "tpu-v4", ["TPU v5p"] = "tpu-v5p", ["RTX 4090"] = "rtx-4090", ["L40S"] = "l40s", ["MI355X"] = "mi355x", ["GB200 (per GPU)"] = "gb200", ["H100 SXM5 80GB"] = "h100",
        };
        string[][] table = PublishedData.Csv("accelerator_specs.csv");
        int Column(string name) => Array.IndexOf(table[0], name);
        foreach (string[] row in table.Where(r => names.ContainsKey(r[0])))
        {
            var ours = Accelerator.Named(names[row[0]]);
            string peak = row[Column("bf16_dense_tflops")] is { Length: > 0 } bf16 ? bf16 : row[Column("fp16_dense_tflops")];
            Assert.Equal(PublishedData.Number(row[Column("memory_gb")]) * 1e9, ours.MemoryBytes);
            Assert.Equal(PublishedData.Number(row[Column("mem_bw_gbs")]) * 1e9, ours.BytesPerSecond);
            Assert.Equal(PublishedData.Number(row[Column("tdp_w")]), ours.Watts);
            Assert.Equal(PublishedData.Number(peak) * 1e12, ours.Peak16.Value, tolerance: 0.0005 * ours.Peak16.Value); // 989 or 989.4
        }
    }
}
