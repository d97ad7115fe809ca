using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ScalingLab.Cli.Commands;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training;

namespace ScalingLab.Cli;

/// <summary>The whole command line: one exit code and one place where errors become text.</summary>
internal static partial class CommandLineProgram
{
    public static int Run(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.SetError(new MessageWriter(Console.Error));
        try
        {
            ParseResult parsed = Root().Parse(args);
            if (parsed.Errors.Count > 0 || UnknownOptions(parsed).Any())
                return Refuse(parsed);
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UserErrorException error)
        {
            Console.Error.Write(DiagnosticRenderer.Render(error.Diagnostics));
            return (int)error.ExitCode;
        }
        catch (EngineUnavailableException error)
        {
            Console.Error.Write(DiagnosticRenderer.Render([new Diagnostic("SL0510", error.Message, null, "./scalinglab doctor says what is missing")]));
            return (int)ExitCode.Device;
        }
        catch (ClaimLostException error)
        {
            Console.Error.Write(DiagnosticRenderer.Render([new Diagnostic("SL0644", error.Message, null, "nothing of the newer attempt was touched")]));
            return (int)ExitCode.RunsFailed;
        }
        catch (IOException error) when (error.HResult == BrokenPipe)
        {
            return (int)ExitCode.Success; // the reader of our output has seen enough: head, less
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What no command translated: mostly standard output itself, redirected to a disk that is full.
            Console.Error.Write(DiagnosticRenderer.Render([new Diagnostic("SL0705", $"reading or writing failed: {error.Message.TrimEnd('.')}", null, "look at the disk and at where the output goes")]));
            return (int)ExitCode.Disk;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine($"error[SL0001]: internal error: {error}");
            Console.Error.WriteLine("  help: this is a defect of scalinglab; please report it with the command that shows it");
            return (int)ExitCode.Internal;
        }
    }

    internal static RootCommand Root()
    {
        var root = new RootCommand("Trains sweeps of small transformers, fits scaling laws to them, and plans from the fit.");
        foreach (Command command in new[]
        {
            SweepCommand.Create(),
            TrainCommand.Create(),
            ResumeCommand.Create(),
            StatusCommand.Create(),
            FitCommand.Create(),
            NextCommand.Create(),
            BacktestCommand.Create(),
            ReproduceCommand.Create(),
            PlanCommand.Create(),
            BenchCommand.Create(),
            PlotCommand.Create(),
            ReportCommand.Create(),
            ExportCommand.Create(),
            SampleCommand.Create(),
            DataCommand.Create(),
            ConfigCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
            WorkerCommand.Create(),
            EngineProbeCommand.Create(),
        })
            root.Subcommands.Add(command);
        return root;
    }

    private const int BrokenPipe = 32; // EPIPE

    private static int Refuse(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        List<string> unknown = [.. UnknownOptions(parsed)];
        if (unknown.Count == 0) // an unknown option shifts every argument after it: complaints of those would only hide it
            unknown = [.. parsed.UnmatchedTokens.Take(1)];
        IReadOnlyList<Diagnostic> diagnostics = unknown.Count > 0
            ? [.. unknown.Select(word => Unknown(word, command))]
            : [.. parsed.Errors.Select(e => new Diagnostic("SL0101", e.Message.TrimEnd('.')))];
        Console.Error.Write(DiagnosticRenderer.Render(diagnostics));
        Console.Error.WriteLine($"  help: scalinglab {string.Concat(Path(parsed.CommandResult))}--help");
        return (int)ExitCode.Usage;
    }

    // The parser takes an option that it does not know for the next argument, and blames the word after it.
    private static IEnumerable<string> UnknownOptions(ParseResult parsed) =>
        parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash).Where(t => t.Type == TokenType.Argument && OptionName().IsMatch(t.Value)).Select(t => t.Value.Split('=')[0]);

    [GeneratedRegex("^--[A-Za-z]")]
    private static partial Regex OptionName();

    private static Diagnostic Unknown(string word, Command command)
    {
        bool option = word.StartsWith('-');
        string kind = option ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        IEnumerable<string> names = option ? command.Options.Select(o => o.Name) : command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
        return new Diagnostic("SL0101", $"unknown {kind} '{word}'", null, Suggestions.DidYouMean(word, names));
    }

    private static IEnumerable<string> Path(SymbolResult? result)
    {
        var names = new Stack<string>();
        for (; result is CommandResult { Command: not RootCommand } command; result = command.Parent)
            names.Push(command.Command.Name + " ");
        return [string.Concat(names)];
    }
}
