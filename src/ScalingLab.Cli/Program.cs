using System.CommandLine;

var root = new RootCommand("Trains sweeps of small transformers, fits scaling laws to them, and plans from the fit.");
return root.Parse(args).Invoke();
