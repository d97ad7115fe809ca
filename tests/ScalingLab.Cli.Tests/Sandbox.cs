using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Tests;

/// <summary>What a process left.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}

/// <summary>A folder with a small corpus, a config beside it and a token cache of its own; the program runs in a folder below it.</summary>
internal sealed class Sandbox : IDisposable
{
    /// <summary>Three runs of a second or two each, with a checkpoint every tenth step.</summary>
    public const string Config = """
        name: tiny
        corpus: {path: small.txt, held_out_fraction: 0.2}
        model: {layers: 1, width: 8, heads: 1, context_tokens: 16}
        training: {batch_tokens: 128}
        evaluation: {tokens: 512}
        logging: {every_steps: 5, checkpoint_steps: 10, checkpoint_seconds: 0}
        sweep:
          shapes: [{layers: 1, width: 8}, {layers: 1, width: 16}, {layers: 2, width: 16}]
          tokens: [12800, 25600]

        """;

    public static readonly int Runs = 3;

    private readonly List<Process> started = [];

    public Sandbox(string config = Config)
    {
        Root = Directory.CreateTempSubdirectory("scalinglab-cli-").FullName;
        Work = Directory.CreateDirectory(Path.Combine(Root, "work")).FullName;
        File.WriteAllText(Path.Combine(Root, "small.txt"), string.Concat(Enumerable.Range(0, 400).Select(i => $"Document {i}: {i * 7919 % 101} apples, {i * 104729 % 97} pears and a long tail of words.\n<|endoftext|>\n")));
        File.WriteAllText(ConfigFile, config);
    }

    public string Root { get; }

    /// <summary>Working folder of the program.</summary>
    public string Work { get; }

    public string ConfigFile => Path.Combine(Root, "tiny.yaml");

    public string Cache => Path.Combine(Root, "cache");

    public string Sweep => Path.Combine(Work, "runs", "tiny");

    public string Corpus => Path.Combine(Root, "small.txt");

    public Dictionary<string, string> Environment { get; } = [];

    public IReadOnlyList<RunFolder> Folders => Directory.Exists(Sweep) ? [.. Directory.GetDirectories(Sweep).Order(StringComparer.Ordinal).Select(d => new RunFolder(d)).Where(f => File.Exists(f.ManifestPath))] : [];

    /// <summary>The built program beside this test's own folder, in the same configuration.</summary>
    public static string Program { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "ScalingLab.Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "scalinglab"));

    public Process Start(params IEnumerable<string> arguments) => StartProcess(Program, arguments);

    public Process StartProcess(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Work, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["SCALINGLAB_CACHE"] = Cache;
        foreach ((string name, string value) in Environment)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        started.Add(process);
        return process;
    }

    public static Ended End(Process process)
    {
        Task<string> error = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        bool ended = process.WaitForExit(TimeSpan.FromMinutes(1));
        if (!ended)
            process.Kill(entireProcessTree: true);
        var end = new Ended(ended ? process.ExitCode : -1, output.Result, error.Result);
        Assert.True(ended, $"the program hangs: {end}");
        return end;
    }

    public Ended Run(params IEnumerable<string> arguments) => End(Start(arguments));

    public Ended RunShell(string script) => End(StartProcess("/bin/bash", ["-c", script]));

    /// <summary>Waits until a run has logged a step, and says which.</summary>
    public RunFolder WaitForStep(long step, Process sweep)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(1) && !sweep.HasExited)
        {
            if (Folders.FirstOrDefault(f => !f.IsDone && f.ReadLog().Entries.LastOrDefault()?.Step >= step) is { } found)
                return found;
            Thread.Sleep(5);
        }

        throw new InvalidOperationException($"no run logged step {step}: {End(sweep)}");
    }

    /// <summary>Final evaluation and weights of each run: what no disturbance may change.</summary>
    public string Results() => string.Join('\n', Folders.Select(f =>
    {
        DoneRecord done = f.ReadDone() ?? throw new InvalidOperationException($"{f.Id} is not done");
        string weights = Path.Combine(f.CheckpointPath(f.Checkpoints()[0]), "weights.safetensors");
        return string.Create(CultureInfo.InvariantCulture, $"{f.Id} {done.Reason} {done.Tokens} {done.FinalEvaluation!.LossNats:R} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights)))}");
    }));

    public static void Signal(int pid, int signal)
    {
        if (Kill(pid, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public void Dispose()
    {
        foreach (Process process in started)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        for (int attempt = 0; ; attempt++)
        {
            try
            {
                Directory.Delete(Root, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 20) // a worker that outlived its parent may still be writing its checkpoint
            {
                Thread.Sleep(100);
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}

/// <summary>The tiny sweep, run once without any disturbance; tests that break things compare with it and do not write to it.</summary>
public sealed class UndisturbedSweep : IDisposable
{
    public UndisturbedSweep()
    {
        Ended = Sandbox.Run("sweep", Sandbox.ConfigFile);
    }

    internal Sandbox Sandbox { get; } = new();

    internal Ended Ended { get; }

    public void Dispose() => Sandbox.Dispose();
}
