using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab fit SOURCE</c>: fits a scaling law to runs or to a CSV and prints it with its uncertainty.</summary>
internal static class FitCommand
{
    private const int DefaultResamples = 1000; // Ends of a 95 % interval rest on 25 resamples each; the process stays under a second.
    private const int SideResamples = 200;     // For the other approach, shown for comparison.

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs, or a CSV with parameters, tokens and loss." };
        var law = Text("--law", "chinchilla", "Law: " + FitRequest.LawNames + ".");
        var of = Text("--of", "flops", "What the power law E + A/X^alpha is a law of: params, tokens or flops.");
        var approach = Text("--approach", "parametric", "parametric: all observations at once; isoflop: optimum of each budget, then power laws.");
        var curve = Text("--curve", "parabola", "Curve of isoFLOP profiles: parabola or akima.");
        var objective = Text("--objective", "log-huber:1e-3", Objective.Choices + " (predictions above the loss cost K times as much: lower envelope).");
        var columns = new Option<string?>("--columns") { Description = "Columns of a CSV, e.g. params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to use, e.g. \"in_fit=1,D<1e12\"." };
        var resamples = new Option<int>("--bootstrap") { Description = "Resamples for intervals; 0 for none.", DefaultValueFactory = _ => DefaultResamples };
        var kind = new Option<string?>("--bootstrap-kind") { Description = "case, cluster, residual or noise; default: cluster when runs repeat, else case." };
        var noise = new Option<double>("--noise") { Description = "Standard deviation of the loss between seeds, nats, for --bootstrap-kind noise." };
        var seed = new Option<long>("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
        var hold = new Option<string?>("--fix") { Description = "Parameters held at values, e.g. alpha=0.34,E=1.7." };
        var count = Text("--count", "total", "What N counts: total, non-embedding or with-head.");
        var level = new Option<double>("--level") { Description = "Level of the intervals.", DefaultValueFactory = _ => FitDocuments.DefaultLevel };
        var intervals = Text("--intervals", "bootstrap", "Intervals from resamples (bootstrap), from the likelihood of each quantity with all else fitted anew (profile), or both.");
        var deviance = Text("--deviance", "robust", "What profiles are measured against: robust (scaled by the spread of the clusters' scores) or likelihood (the objective's own density, taken at its word).");
        var at = new Option<string[]>("--at") { Description = "Where the law is asked, once or more: flops=1e21 (optimum of a budget), or params=7e9,tokens=1e12; with the interval of the loss and that of one new run." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.fit/1)." };
        var command = new Command("fit", "Fit a scaling law to runs or to a CSV, with intervals.")
        {
            source, law, of, approach, curve, objective, columns, where, resamples, kind, noise, seed, hold, count, level, intervals, deviance, at, json,
        };
        command.SetAction(parse =>
        {
            var curveLaw = FitRequest.Law("--law", parse.GetValue(law)!, FitRequest.Of(parse.GetValue(of)!));
            bool isoFlop = FitRequest.IsIsoFlop(parse.GetValue(approach)!);
            if (isoFlop && curveLaw is not null)
                throw FitRequest.Usage($"--approach isoflop is for the chinchilla law, and not for {curveLaw.Name}", "leave out --approach");
            var options = new ChinchillaFitOptions { Objective = Objective.Parse(parse.GetValue(objective)!), Fixed = FitRequest.Fixed(parse.GetValue(hold)) };
            (bool resampled, bool profiled) = FitRequest.Intervals(parse.GetValue(intervals)!);
            var criterion = FitRequest.Deviance(parse.GetValue(deviance)!);
            var request = new IntervalRequest { Profile = profiled ? criterion : null, At = [.. (parse.GetValue(at) ?? []).Select(FitRequest.At)] };
            if (isoFlop && (profiled || request.At.Count > 0))
                throw FitRequest.Usage(profiled ? "--intervals profile needs a likelihood, which --approach isoflop has not" : "--at asks a law for its loss, and --approach isoflop has none", "leave out --approach");
            var bootstrap = new BootstrapOptions
            {
                Resamples = resampled ? parse.GetValue(resamples) : 0,
                Kind = FitRequest.Kind(parse.GetValue(kind)),
                NoiseSd = parse.GetValue(noise),
                Seed = parse.GetValue(seed),
            };
            Check(bootstrap, parse.GetValue(level));
            var profiles = new IsoFlopOptions { Curve = FitRequest.Curve(parse.GetValue(curve)!), Bootstrap = bootstrap };

            var table = ObservationTable.Load(parse.GetValue(source)!, parse.GetValue(columns), parse.GetValue(where));
            FitRequest.Tell(table);
            var points = FitPoints.From(table.Rows, FitRequest.Count(parse.GetValue(count)!), needed: curveLaw?.Inputs ?? (Inputs.Parameters | Inputs.Tokens));
            var document = curveLaw is not null ? CurveDocuments.Build(points, curveLaw, options.Objective, options.Fixed, bootstrap, parse.GetValue(level), request) : isoFlop
                ? FitDocuments.IsoFlop(points, profiles, parse.GetValue(level))
                : FitDocuments.Parametric(points, options, bootstrap, parse.GetValue(level), request);
            if (parse.GetValue(json))
                Console.Out.WriteLine(document.ToJson());
            else
                FitText.Print(document, isoFlop || curveLaw is not null ? null : IsoFlopFitter.Fit(points, profiles with { Bootstrap = bootstrap with { Resamples = Math.Min(bootstrap.Resamples, SideResamples), Kind = null } }));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Option<string> Text(string name, string value, string description) => new(name) { Description = description, DefaultValueFactory = _ => value };

    private static void Check(BootstrapOptions bootstrap, double level)
    {
        if (bootstrap.Resamples is < 0 or > 1_000_000)
            throw FitRequest.Usage($"--bootstrap {bootstrap.Resamples} is out of range", "0 to 1000000 resamples");
        if (!(level > 0 && level < 1))
            throw FitRequest.Usage(FormattableString.Invariant($"--level {level} is out of range"), "above 0 and below 1, such as 0.95");
        if (bootstrap.Kind == BootstrapKind.Noise && !(bootstrap.NoiseSd > 0 && double.IsFinite(bootstrap.NoiseSd)))
            throw FitRequest.Usage("--bootstrap-kind noise needs the noise's size", "add --noise SD, the standard deviation of the loss between seeds");
    }
}
