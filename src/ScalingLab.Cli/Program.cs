using ScalingLab.Cli;

return CommandLineProgram.Run(args);
