using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ScalingLab.Cli.Devices;
using ScalingLab.Core;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Commands;

/// <summary><c>worker FOLDER...</c>: trains one run, or several of one shape in one step; started by sweep, not by people.</summary>
internal static class WorkerCommand
{
    private const int SigUsr2 = 12;

    public static Command Create()
    {
        var folders = new Argument<string[]>("folders") { Description = "Run folders with config.json; several share a step.", Arity = ArgumentArity.OneOrMore };
        var cache = new Option<string>("--cache") { Description = "Folder of token files.", DefaultValueFactory = _ => ProgramInfo.TokenCacheFolder };
        var threads = new Option<int>("--threads") { Description = "Threads of an operator.", DefaultValueFactory = _ => 1 };
        var device = new Option<string>("--device") { Description = "cpu or cuda:i.", DefaultValueFactory = _ => "cpu" };
        var alone = new Option<bool>("--alone") { Description = "No other worker shares the device: its energy is the run's." };
        var stacked = new Option<bool>("--stacked") { Description = "Train one run as a stack of one too; its step can then be captured." };
        var command = new Command("worker", "Train one run, or several in one step (started by sweep).") { folders, cache, threads, device, alone, stacked };
        command.Hidden = true;
        command.SetAction(parsed => (int)Run(parsed.GetRequiredValue(folders), parsed.GetRequiredValue(cache), parsed.GetValue(threads), Slot(parsed.GetValue(device)!, parsed.GetValue(alone)), parsed.GetValue(stacked)));
        return command;
    }

    /// <summary>The start of a worker process of this program.</summary>
    public static ProcessStartInfo Start(IReadOnlyList<SweepTask> tasks, WorkerSlot slot, int threads, bool stacked)
    {
        ProcessStartInfo start = ChildProcess.Start(["worker", .. tasks.Select(t => t.Folder), "--cache", ProgramInfo.TokenCacheFolder, "--threads", threads.ToString(CultureInfo.InvariantCulture), "--device", slot.Device.ToString()]);
        if (slot.Alone)
            start.ArgumentList.Add("--alone");
        if (stacked)
            start.ArgumentList.Add("--stacked");
        return start;
    }

    private static WorkerSlot Slot(string device, bool alone)
    {
        var problems = new List<Diagnostic>();
        DeviceRequest request = DeviceRequest.Parse(device, problems);
        return problems.Count == 0 ? new WorkerSlot(request.Named ?? DeviceName.Cpu, alone) : throw new UserErrorException(ExitCode.Usage, problems);
    }

    private static ExitCode Run(string[] folders, string cache, int threads, WorkerSlot slot, bool stacked)
    {
        foreach (string folder in folders)
        {
            if (new RunFolder(folder).ReadManifest() is { Config.Training.Dtype: var type })
                ProductTypes.Require(type, slot.Device.IsCuda);
        }

        var stop = new CancellationTokenSource(); // never disposed: the thread that watches the parent may cancel it as late as it likes

        // A terminal's Ctrl-C or end reaches every process of the group; the parent decides, and says so by closing our standard input.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration slurm = PosixSignalRegistration.Create((PosixSignal)SigUsr2, Stop);
        var parent = new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            Span<byte> buffer = stackalloc byte[64];
            while (input.Read(buffer) > 0)
            {
            }

            stop.Cancel();
        }) { IsBackground = true, Name = "parent watch" };
        parent.Start();
        return folders.Length == 1 && !stacked
            ? Worker.Run(new RunFolder(folders[0]), cache, threads, slot, TimeProvider.System, Report, Warn, stop.Token)
            : StackWorker.Run([.. folders.Select(f => new RunFolder(f))], cache, threads, slot, TimeProvider.System, Report, Warn, stop.Token);

        static void Report(WorkerMessage message) => Console.Out.WriteLine(message.ToLine());

        static void Warn(string warning) => Console.Error.WriteLine($"warning: {warning}");

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
