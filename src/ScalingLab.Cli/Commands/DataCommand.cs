using System.CommandLine;
using ScalingLab.Core.Configs;
using ScalingLab.Training.Data;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab data prepare CONFIG</c> and <c>scalinglab data inspect FILE</c>.</summary>
internal static class DataCommand
{
    /// <summary>The command with its two parts.</summary>
    public static Command Create() => new("data", "Prepare a corpus for training, or say what is in a corpus or token file.") { Prepare(), Inspect() };

    private static Command Prepare()
    {
        var config = new Argument<string>("config") { Description = "Sweep file that names the corpus." };
        var set = new Option<string[]>("--set") { Description = "Override a key of the config, e.g. corpus.vocabulary=2048; may be repeated.", HelpName = "key=value", Arity = ArgumentArity.OneOrMore };
        var cache = new Option<string>("--cache") { Description = "Folder for prepared corpora.", HelpName = "dir", DefaultValueFactory = _ => ProgramInfo.TokenCacheFolder };
        var rebuild = new Option<bool>("--rebuild") { Description = "Make the tokens anew though they are there." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on stdout." };
        var command = new Command("prepare", "Tokenize the corpus of a sweep once; later runs only open the result.") { config, set, cache, rebuild, json };
        command.SetAction(parsed =>
        {
            string file = parsed.GetRequiredValue(config);
            SweepConfig sweep = SweepConfigLoader.Load(file, parsed.GetValue(set) ?? []);
            using PreparedCorpus corpus = TokenCache.Prepare(sweep.Corpus, parsed.GetRequiredValue(cache), file, parsed.GetValue(rebuild));
            corpus.Verify();
            DataReport.Write(parsed.InvocationConfiguration.Output, DataReport.Of(corpus), parsed.GetValue(json));
        });
        return command;
    }

    private static Command Inspect()
    {
        var file = new Argument<string>("file") { Description = "Token file, token shard of llm.c or nanoGPT (.bin), or corpus: .txt, .jsonl, .json, each also with .gz." };
        var separator = new Option<string>("--separator") { Description = "Line that ends a document of plain text.", HelpName = "line", DefaultValueFactory = _ => new CorpusConfig().DocumentSeparator };
        var heldOut = new Option<double>("--held-out") { Description = "Share of documents to hold out, above 0 and below 1.", HelpName = "share", DefaultValueFactory = _ => new CorpusConfig().HeldOutFraction };
        heldOut.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and < 1)) result.AddError("--held-out must be above 0 and below 1.");
        });
        var json = new Option<bool>("--json") { Description = "Print one JSON document on stdout." };
        var command = new Command("inspect", "Print a token file's header after checking its tokens, or a corpus's documents, bytes, checksum and split.") { file, separator, heldOut, json };
        command.SetAction(parsed =>
        {
            string path = CorpusLocation.Resolve(parsed.GetRequiredValue(file));
            DataReport.Write(parsed.InvocationConfiguration.Output, IsTokenFile(path) ? Tokens(path) : IsShard(path) ? Shard(path) : Corpus(path, parsed.GetRequiredValue(separator), parsed.GetValue(heldOut)), parsed.GetValue(json));
        });
        return command;
    }

    private static IReadOnlyList<(string Key, object Value)> Tokens(string path)
    {
        using TokenFile tokens = TokenFile.Open(path);
        tokens.Verify();
        return DataReport.Of(tokens);
    }

    private static IReadOnlyList<(string Key, object Value)> Corpus(string path, string separator, double heldOut)
    {
        CorpusFacts facts = CorpusFacts.Read(new CorpusReader(path, separator));
        facts.RequireTwoDocuments(path);
        return DataReport.Of(path, facts, HeldOutSplit.HeldOut(facts.DocumentHashes, heldOut));
    }

    private static IReadOnlyList<(string Key, object Value)> Shard(string path)
    {
        TokenShard shard = TokenShard.Open(path);
        int largest = 0;
        long documents = 0;
        foreach (ReadOnlyMemory<int> piece in shard.Read(vocabulary: null))
        {
            foreach (int id in piece.Span)
            {
                largest = Math.Max(largest, id);
                documents += id == shard.EndOfDocument ? 1 : 0;
            }
        }

        return DataReport.Of(shard, largest, documents);
    }

    // Of .bin files only: whatever has another name is taken for text, and refused by its first bytes if it is not.
    private static bool IsShard(string path) => File.Exists(path) && Path.GetExtension(path).Equals(".bin", StringComparison.OrdinalIgnoreCase);

    private static bool IsTokenFile(string path)
    {
        if (!File.Exists(path)) return false;
        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[8];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual("SLTOKENS"u8);
    }
}
