using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Reproduction;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Reproduction;

public class ReproducerTests(ITestOutputHelper output)
{
    [PublishedFact]
    public void Nothing_that_is_served_is_off_and_the_rest_is_listed_with_a_reason()
    {
        var document = ReproduceDocument.Of(Reproducer.Run(PublishedData.Folder!));
        foreach (var set in document.DataSets)
            output.WriteLine($"{set.Name}: {string.Join("; ", set.Rows.Where(r => r.Verdict is "off").Select(r => $"{r.Quantity} {r.Published:R} {r.Refitted:R}"))} {string.Join("; ", set.NotServed)} {set.Seconds:f2} s");
        output.WriteLine($"{document.Rows} {document.Reproduced} {document.Bettered} {document.Refused} {document.Off}");
        Assert.Equal(0, document.Off);
        Assert.True(document.Reproduced > 250);
        Assert.Contains(document.DataSets.Single(d => d.Name == "data-constrained").Rows, r => r.Quantity.StartsWith("all seven free", StringComparison.Ordinal)); // The slowest fit: tested here only.
        Assert.True(document.Bettered >= 3); // Among them .0227819003 and two of the Gemstones' with delta 1e-4.
        Assert.All(document.DataSets, s => Assert.True(s.Rows.Count > 0 || s.NotServed.Count > 0));
        Assert.Equal(document.DataSets.Count, Directory.GetFiles(PublishedData.Folder!, "expected.json", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Strange_folders_are_told_apart()
    {
        string folder = Directory.CreateTempSubdirectory("scalinglab-").FullName;
        try
        {
            Assert.Contains("no data set", Assert.Throws<UserErrorException>(() => Reproducer.Run(folder).ToArray()).Message);
            Write("chinchilla-epoch", "{");
            Write("porian-x", "{}");
            Write("unheard-of", "{}");
            var sets = Reproducer.Run(folder).ToArray();
            Assert.Equal(3, sets.Length);
            Assert.All(sets, s => Assert.Single(s.NotServed));
            Assert.Contains("no recipe", sets[2].NotServed[0].Reason);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Write(string name, string json) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, "expected.json"), json);
    }
}
