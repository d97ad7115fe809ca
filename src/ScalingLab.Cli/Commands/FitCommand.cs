using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Tables;
using ScalingLab.Laws;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab fit SOURCE</c>: fits a scaling law to runs or to a CSV and prints it with its uncertainty.</summary>
internal static class FitCommand
{
    private const int DefaultResamples = 1000; // Ends of a 95 % interval rest on 25 resamples each; the process stays under a second.

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs, or a CSV with parameters, tokens and loss." };
        var law = Text("--law", "chinchilla", "Law: " + FitRequest.LawNames + ".");
        var of = Text("--of", "flops", "What the laws power and broken-power are laws of: params, tokens or flops.");
        var terms = new Option<string?>("--terms") { Description = "Columns of --law sum, L = E + sum of A/x^alpha, e.g. width,depth,params,tokens." };
        var approach = Text("--approach", "parametric", "parametric: all observations at once; isoflop: optimum of each budget, then power laws; envelope: best run at each cost along training curves, then power laws.");
        var curve = new Option<string?>("--curve") { Description = "Curve of isoFLOP profiles: parabola (default) or akima; envelope: minimum (default) over training curves, or hull, the convex hull of all points." };
        var objective = Text("--objective", "log-huber:1e-3", Objective.Choices + " (predictions above the loss cost K times as much: lower envelope).");
        var columns = new Option<string?>("--columns") { Description = "Columns of a CSV, e.g. params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to use, e.g. \"in_fit=1,D<1e12\"." };
        var resamples = new Option<int>("--bootstrap") { Description = "Resamples for intervals; 0 for none.", DefaultValueFactory = _ => DefaultResamples };
        var kind = new Option<string?>("--bootstrap-kind") { Description = "case, cluster, residual or noise; default: cluster when runs repeat, else case." };
        var noise = new Option<double>("--noise") { Description = "Standard deviation of the loss between seeds, nats, for --bootstrap-kind noise." };
        var seed = new Option<long>("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
        var hold = new Option<string?>("--fix") { Description = "Parameters held at values, e.g. alpha=0.34,E=1.7." };
        var count = Text("--count", "total", "What N counts: total, non-embedding or with-head.");
        var conventions = new Option<bool>("--conventions") { Description = "Also refit under every count of N and C that the source allows, and show how the exponents move." };
        var level = new Option<double>("--level") { Description = "Level of the intervals.", DefaultValueFactory = _ => FitDocuments.DefaultLevel };
        var intervals = Text("--intervals", "bootstrap", "Intervals from resamples (bootstrap), from the likelihood of each quantity with all else fitted anew (profile), or both.");
        var deviance = Text("--deviance", "robust", "What profiles are measured against: robust (scaled by the spread of the clusters' scores) or likelihood (the objective's own density, taken at its word).");
        var at = new Option<string[]>("--at") { Description = "Where the law is asked, once or more: flops=1e21 (optimum of a budget), or params=7e9,tokens=1e12; with the interval of the loss and that of one new run." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.fit/1)." };
        var command = new Command("fit", "Fit a scaling law to runs or to a CSV, with intervals.")
        {
            source, law, of, terms, approach, curve, objective, columns, where, resamples, kind, noise, seed, hold, count, conventions, level, intervals, deviance, at, json,
        };
        command.SetAction(parse =>
        {
            var curveLaw = FitRequest.Law("--law", parse.GetValue(law)!, FitRequest.Of(parse.GetValue(of)!), parse.GetValue(terms));
            Approach chosen = FitRequest.Approach(parse.GetValue(approach)!);
            if (chosen != Approach.Parametric && curveLaw is not null)
                throw FitRequest.Usage($"--approach {parse.GetValue(approach)} is for the chinchilla law, and not for {curveLaw.Name}", "leave out --approach");
            var options = new ChinchillaFitOptions { Objective = Objective.Parse(parse.GetValue(objective)!), Fixed = FitRequest.Fixed(parse.GetValue(hold)) };
            (bool resampled, bool profiled) = FitRequest.Intervals(parse.GetValue(intervals)!);
            var criterion = FitRequest.Deviance(parse.GetValue(deviance)!);
            var request = new IntervalRequest { Profile = profiled ? criterion : null, At = [.. (parse.GetValue(at) ?? []).Select(FitRequest.At)] };
            if (chosen != Approach.Parametric && (profiled || request.At.Count > 0))
                throw FitRequest.Usage($"{(profiled ? "--intervals profile needs a likelihood" : "--at asks a law for its loss")}, which --approach {parse.GetValue(approach)} has not", "leave out --approach");
            var bootstrap = new BootstrapOptions
            {
                Resamples = resampled ? parse.GetValue(resamples) : 0,
                Kind = FitRequest.Kind(parse.GetValue(kind)),
                NoiseSd = parse.GetValue(noise),
                Seed = parse.GetValue(seed),
            };
            Check(bootstrap, parse.GetValue(level));
            if (chosen == Approach.Envelope && bootstrap.Kind is BootstrapKind.Case or BootstrapKind.Residual)
                throw FitRequest.Usage($"--bootstrap-kind {parse.GetValue(kind)} is not for --approach envelope", "an envelope rests on whole runs: cluster, or noise with --noise SD");
            var profiles = new IsoFlopOptions { Curve = chosen == Approach.IsoFlop ? FitRequest.ProfileCurve(parse.GetValue(curve)) : default, Bootstrap = bootstrap };
            var envelope = new EnvelopeOptions { Kind = chosen == Approach.Envelope ? FitRequest.EnvelopeKind(parse.GetValue(curve)) : default, Bootstrap = bootstrap };

            if (parse.GetValue(conventions) && curveLaw is not null)
                throw FitRequest.Usage($"--conventions is for the chinchilla law, and not for {curveLaw.Name}", "leave out --law");
            var table = ObservationTable.Load(parse.GetValue(source)!, parse.GetValue(columns), parse.GetValue(where));
            FitRequest.Tell(table);
            curveLaw = curveLaw?.For(table);
            var points = curveLaw?.Read(table, FitRequest.Count(parse.GetValue(count)!)) ?? FitPoints.From(table.Rows, FitRequest.Count(parse.GetValue(count)!));
            double confidence = parse.GetValue(level);
            var document = curveLaw is not null ? CurveDocuments.Build(points, curveLaw, options.Objective, options.Fixed, bootstrap, confidence, request)
                : SideBySide.Compare(chosen switch
                {
                    Approach.IsoFlop => FitDocuments.IsoFlop(points, profiles, confidence),
                    Approach.Envelope => EnvelopeDocuments.Build(points, envelope, confidence),
                    _ => FitDocuments.Parametric(points, options, bootstrap, confidence, request),
                }, points, bootstrap);
            if (parse.GetValue(conventions))
                document = document with { Conventions = ConventionDocuments.Build(table.Rows, options, bootstrap, confidence) };
            if (parse.GetValue(json))
                Console.Out.WriteLine(document.ToJson());
            else
                FitText.Print(document);
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
