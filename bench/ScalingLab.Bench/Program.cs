using BenchmarkDotNet.Running;
using ScalingLab.Bench.Coverage;

if (args is ["coverage", .. var rest])
    return CoverageStudy.Run(rest);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
