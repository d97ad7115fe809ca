using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ScalingLab.Cli.Devices;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Training;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Data;
using ScalingLab.Training.Model;
using ScalingLab.Training.Sampling;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Sampling;

/// <summary>What to sample.</summary>
/// <param name="Prompt">Text to go on from.</param>
/// <param name="Tokens">Tokens a text at most.</param>
/// <param name="Texts">Texts.</param>
/// <param name="Choice">How tokens are drawn.</param>
/// <param name="Seed">Seed.</param>
/// <param name="LogitsFile">Where to write the prompt's scores; null for nowhere.</param>
/// <param name="Json">Print one JSON document.</param>
internal sealed record SampleRequest(string Prompt, int Tokens, int Texts, TokenChoice Choice, long Seed, string? LogitsFile, bool Json);

/// <summary>A trained model at work.</summary>
internal sealed class SampleSession : IDisposable
{
    private readonly OneRun run;
    private readonly ITokenizer tokenizer;
    private readonly Gpt model;

    /// <param name="run">The run.</param>
    /// <param name="tokenizerFile">A tokenizer for tokens that came without one; null for the run's own.</param>
    /// <param name="device">Where the model works.</param>
    public SampleSession(OneRun run, string? tokenizerFile, DeviceRequest device)
    {
        this.run = run;
        tokenizer = tokenizerFile is null ? RunTokenizer.Of(run.Folder, run.Manifest, ProgramInfo.TokenCacheFolder) : TokenizerJson.Load(tokenizerFile);
        if (tokenizer is NoTokenizer)
            throw Usage($"{run.Folder.Id} was trained on token ids that came without a tokenizer", "name it: --tokenizer tokenizer.json");
        if (tokenizer.Vocabulary != run.Manifest.Vocabulary)
            throw Usage($"{tokenizerFile} has {tokenizer.Vocabulary} ids, the model of {run.Folder.Id} {run.Manifest.Vocabulary}", "name the tokenizer that the shard was made with");
        ProviderCapabilities.Initialise(threads: 1); // products of one row gain nothing from a second thread
        model = new Gpt(run.Manifest.Config.Model, run.Manifest.Vocabulary, device: device.InThisProcess().ToTorch());
        try
        {
            TrainerArrays.Put(model.Parameters, run.Weights.Arrays);
        }
        catch (InvalidDataException error)
        {
            model.Dispose();
            throw Unusable($"its weights are not those of its config: {error.Message}", error);
        }
    }

    public void Write(SampleRequest request)
    {
        List<int> prompt = [.. tokenizer.EndOfDocument is >= 0 and int end ? [end] : Array.Empty<int>()];
        try
        {
            tokenizer.Encode(Encoding.UTF8.GetBytes(request.Prompt), prompt);
        }
        catch (ArgumentException error) // a character-level vocabulary
        {
            throw Usage(error.Message.TrimEnd('.'), "leave that character out of the prompt");
        }

        if (prompt.Count == 0)
            throw Usage("the prompt is empty, and this vocabulary has no token that begins a document", "give one with --prompt");
        if (request.LogitsFile is { } file)
            WriteLogits(file, prompt);
        var sampler = new TextSampler(model, request.Choice, tokenizer.EndOfDocument >= 0 ? tokenizer.EndOfDocument : null);
        using Stream output = ClosablePipe.Open();
        var watch = Stopwatch.StartNew();
        List<int[]> texts = [];
        try
        {
            for (int i = 0; i < request.Texts; i++)
                texts.Add(request.Json ? [.. sampler.Continue(prompt, request.Tokens, request.Seed, i)] : Stream(request, sampler, prompt, i, output));
        }
        catch (ArgumentException error)
        {
            throw Unusable("its scores are not finite", error);
        }

        int drawn = texts.Sum(t => t.Length);
        double seconds = watch.Elapsed.TotalSeconds;
        if (request.Json)
        {
            var document = new SampleDocument(
                run.Folder.Id, run.Weights.State.Step, run.Weights.State.Tokens, request.Prompt, prompt, request.Choice.Temperature, request.Choice.TopK, request.Seed,
                [.. texts.Select(Sampled)], seconds, drawn > 0 ? drawn / seconds : null);
            output.Write(JsonSerializer.SerializeToUtf8Bytes(document, SampleJson.Default.SampleDocument));
            output.Write("\n"u8);
        }
        else
        {
            Console.Error.WriteLine(FormattableString.Invariant($"{run.Folder.Id}, step {run.Weights.State.Step}: {drawn} tokens in {seconds:F2} s"));
        }
    }

    public void Dispose()
    {
        model.Dispose();
        (tokenizer as IDisposable)?.Dispose();
    }

    private int[] Stream(SampleRequest request, TextSampler sampler, List<int> prompt, int number, Stream output)
    {
        if (number > 0)
            output.Write("---\n"u8);
        var text = new TextStream(tokenizer, output, terminal: !Console.IsOutputRedirected);
        List<int> drawn = [];
        foreach (int id in prompt)
            text.Add(id);
        foreach (int id in sampler.Continue(prompt, request.Tokens, request.Seed, number))
        {
            drawn.Add(id);
            text.Add(id);
        }

        text.End();
        return [.. drawn];
    }

    private SampledText Sampled(int[] tokens) => new(
        Encoding.UTF8.GetString(tokenizer.Decode(tokens)), tokens, tokens.Length > 0 && tokens[^1] == tokenizer.EndOfDocument ? "end-of-document" : "length");

    /// <summary>The scores after each token of the prompt, of the whole text at once and not from the cache: what another implementation is compared with.</summary>
    private void WriteLogits(string path, List<int> prompt)
    {
        long[] ids = [.. prompt.TakeLast(model.Shape.ContextTokens).Select(id => (long)id)];
        byte[] scores = model.LogitsOf(ids);
        using var content = new MemoryStream();
        SafeTensors.Write(
            content,
            [new NamedArray("tokens", "I64", [ids.Length], MemoryMarshal.AsBytes<long>(ids).ToArray()), new NamedArray("logits", "F32", [ids.Length, model.Vocabulary], scores)],
            new Dictionary<string, string> { ["run"] = run.Folder.Id });
        AtomicFile.Write(path, content.ToArray());
    }

    private static UserErrorException Usage(string message, string help) => new(ExitCode.Usage, new Diagnostic("SL0182", message, null, help));

    private UserErrorException Unusable(string why, Exception inner) => new(ExitCode.CorruptData, new Diagnostic(
        "SL0603", $"{run.Folder.Id} cannot be sampled from: {why}", null, "look at 'scalinglab status' for how the run ended"), inner);
}
