using System.CommandLine;
using ScalingLab.Cli.Devices;
using ScalingLab.Cli.Sampling;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Sampling;

namespace ScalingLab.Cli.Commands;

/// <summary><c>sample RUN</c>: text from a trained model.</summary>
internal static class SampleCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "Folder of one run." };
        var prompt = new Option<string>("--prompt") { Description = "Text to go on from; it is read as the beginning of a document.", DefaultValueFactory = _ => "", HelpName = "TEXT" };
        var tokens = new Option<int>("--max-tokens") { Description = "Tokens a text at most; the model may end it sooner.", DefaultValueFactory = _ => 200, HelpName = "N" };
        var temperature = new Option<double>("--temperature") { Description = "Divides the model's scores: below 1 the likely becomes likelier; 0 always takes the likeliest.", DefaultValueFactory = _ => 1, HelpName = "T" };
        var topK = new Option<int?>("--top-k") { Description = "Draw from the K likeliest tokens only.", HelpName = "K" };
        var seed = new Option<long>("--seed") { Description = "Seed: the same seed gives the same texts.", DefaultValueFactory = _ => 1, HelpName = "S" };
        var samples = new Option<int>("--samples") { Description = "Texts.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var logits = new Option<string?>("--logits") { Description = "Also write the scores after each token of the prompt (safetensors: tokens, logits).", HelpName = "FILE" };
        var tokenizer = new Option<string?>("--tokenizer") { Description = "Tokenizer of a model that was trained on token ids: tokenizer.json or meta.pkl.", HelpName = "FILE" };
        var device = new Option<string>("--device") { Description = "auto (the first GPU where there is one, else the CPU), cpu or cuda[:i].", DefaultValueFactory = _ => "auto", HelpName = "DEVICE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on stdout." };
        var command = new Command("sample", "Write text with a trained model.") { run, prompt, tokens, temperature, topK, seed, samples, logits, tokenizer, device, json };
        command.SetAction(parsed =>
        {
            var request = new SampleRequest(
                parsed.GetValue(prompt)!, parsed.GetValue(tokens), parsed.GetValue(samples), new TokenChoice(parsed.GetValue(temperature), parsed.GetValue(topK)),
                parsed.GetValue(seed), parsed.GetValue(logits), parsed.GetValue(json));
            DeviceRequest where = Check(request, parsed.GetValue(device)!);
            using var session = new SampleSession(OneRun.Load(parsed.GetRequiredValue(run)), parsed.GetValue(tokenizer), where);
            session.Write(request);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static DeviceRequest Check(SampleRequest request, string device)
    {
        var problems = new List<Diagnostic>();
        DeviceRequest where = DeviceRequest.Parse(device, problems);
        if (request.Tokens < 0)
            problems.Add(new Diagnostic("SL0183", $"--max-tokens is {request.Tokens}; it must be 0 or more"));
        if (!(request.Choice.Temperature >= 0 && double.IsFinite(request.Choice.Temperature)))
            problems.Add(new Diagnostic("SL0183", FormattableString.Invariant($"--temperature is {request.Choice.Temperature}; it must be 0 or more"), null, "0 always takes the likeliest token"));
        if (request.Choice.TopK < 1)
            problems.Add(new Diagnostic("SL0183", $"--top-k is {request.Choice.TopK}; it must be 1 or more", null, "leave it out to draw from all tokens"));
        if (request.Texts < 1)
            problems.Add(new Diagnostic("SL0183", $"--samples is {request.Texts}; it must be 1 or more"));
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
        return where;
    }
}
