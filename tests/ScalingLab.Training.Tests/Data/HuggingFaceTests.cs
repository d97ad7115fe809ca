using System.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

/// <summary>Compares with the npm package @huggingface/tokenizers where node and the package are found through NODE_PATH; skipped elsewhere.</summary>
public sealed class HuggingFaceTests
{
    [HuggingFaceFact, Trait("Needs", "node and @huggingface/tokenizers")]
    public void Ids_of_the_held_out_speeches_are_those_of_hugging_face()
    {
        using var folder = new TemporaryFolder();
        using PreparedCorpus corpus = TokenCache.Prepare(CommittedCorpus.Bpe1024, folder.Path);
        (int exitCode, string output) = Check(corpus.Folder);
        Assert.True(exitCode == 0, output);
        Assert.Contains("12 documents, 111484 ids compared, 0 documents differ", output);
    }

    internal static (int ExitCode, string Output) Check(string folder)
    {
        var start = new ProcessStartInfo("node", [CorpusLocation.Resolve("scripts/check-tokenizer.mjs"), folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private sealed class HuggingFaceFactAttribute : FactAttribute
    {
        private const int PackageMissing = 3;

        public HuggingFaceFactAttribute()
        {
            try
            {
                if (Check("/nowhere").ExitCode == PackageMissing) Skip = "the npm package @huggingface/tokenizers is not on NODE_PATH; scripts/check-tokenizer.mjs says how to get it";
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Skip = "node is not installed";
            }
        }
    }
}
