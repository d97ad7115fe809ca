using System.CommandLine;
using ScalingLab.Cli.Commands;

var root = new RootCommand("Trains sweeps of small transformers, fits scaling laws to them, and plans from the fit.")
{
    DoctorCommand.Create(),
    DoctorCommand.CreateEngineProbe(),
};
return root.Parse(args).Invoke();
