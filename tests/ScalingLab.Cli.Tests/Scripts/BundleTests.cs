using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace ScalingLab.Cli.Tests.Scripts;

/// <summary>What scripts/bundle.sh packs beside the program, and that its launcher starts that program where there is no .NET.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class BundleTests : IDisposable
{
    private static readonly string Root = FindRoot();
    private static readonly string[] Packed = Run("/bin/sh", [Path.Combine(Root, "scripts/bundle.sh"), "--list"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    private readonly string folder = Directory.CreateTempSubdirectory("bundle ").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_file_is_there_once_and_together_they_are_small()
    {
        Assert.All(Packed, file => Assert.True(File.Exists(Path.Combine(Root, file)), file));
        Assert.Equal(Packed.Length, Packed.Distinct().Count());
        Assert.InRange(Packed.Sum(file => new FileInfo(Path.Combine(Root, file)).Length), 1 << 20, 16 << 20);
    }

    [Fact]
    public void No_source_of_the_program_goes_in_since_the_launcher_would_then_want_to_build_it() =>
        Assert.DoesNotContain(Packed, file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith("proj", StringComparison.Ordinal));

    [Fact]
    public void All_sources_of_the_engine_go_in() =>
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Root, "src/ScalingLab.Torch/native"), "*", SearchOption.AllDirectories)
                .Where(file => !Path.GetFileName(file).StartsWith('.')).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal),
            Packed.Where(file => file.StartsWith("src/ScalingLab.Torch/native/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void A_script_that_a_packed_script_runs_is_packed_too()
    {
        foreach (string script in Packed.Where(file => file == "scalinglab" || file.StartsWith("scripts/", StringComparison.Ordinal)))
        {
            string text = File.ReadAllText(Path.Combine(Root, script));
            string[] others = [.. OtherScript().Matches(text).Select(m => m.Groups[1].Value), .. PythonScript().Matches(text).Select(m => $"scripts/{m.Groups[1].Value}.py")];
            Assert.All(others, other => Assert.True(Packed.Contains(other), $"{script} needs {other}"));
        }
    }

    [Fact]
    public void The_corpus_of_every_packed_config_is_packed()
    {
        string[] configs = [.. Packed.Where(file => file.EndsWith(".yaml", StringComparison.Ordinal))];
        Assert.Contains("configs/quickstart.yaml", configs);
        foreach (string config in configs)
        {
            foreach (Match corpus in Corpus().Matches(File.ReadAllText(Path.Combine(Root, config))))
                Assert.True(Packed.Any(file => file == corpus.Groups[1].Value || file.StartsWith($"{corpus.Groups[1].Value.TrimEnd('/')}/", StringComparison.Ordinal)), $"{config} needs {corpus.Groups[1].Value}");
        }
    }

    [Fact]
    public void The_launcher_starts_the_program_that_came_with_it_without_dotnet()
    {
        foreach (string file in Packed)
        {
            string to = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(Path.Combine(Root, file), to);
        }

        string program = Path.Combine(folder, "artifacts/app/scalinglab");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        File.WriteAllText(program, "#!/bin/sh\necho \"started with $* and DOTNET_ROOT=${DOTNET_ROOT-unset}\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (int status, string output) = Run("/usr/bin/env", ["-i", "PATH=/usr/bin:/bin", "/bin/sh", Path.Combine(folder, "scalinglab"), "fit", "runs"]);
        Assert.Equal((0, "started with fit runs and DOTNET_ROOT=unset\n"), (status, output));
    }

    /// <summary>The script with a limit of one MiB in a folder of empty files, where a build of made-up bytes takes the place of the program's.</summary>
    [Theory]
    [InlineData(900, 0)]
    [InlineData(1100, 7)]
    public void An_archive_above_the_limit_is_not_left_behind(int kibibytes, int status)
    {
        string script = File.ReadAllText(Path.Combine(Root, "scripts/bundle.sh"));
        Assert.Contains("\nlimit_mebibytes=64\n", script, StringComparison.Ordinal);
        foreach (string file in Packed.Append("Directory.Build.props"))
            Write(file, "");
        Write("Directory.Build.props", "<Version>1.2.3</Version>\n");
        Write("scripts/messages.sh", File.ReadAllText(Path.Combine(Root, "scripts/messages.sh")));
        Write("scripts/bundle.sh", script.Replace("limit_mebibytes=64", "limit_mebibytes=1", StringComparison.Ordinal));
        Write("artifacts/app/stamp", $"key\n{folder}/dotnet\n");
        Write("dotnet/dotnet", $"#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\nhead -c {kibibytes}k /dev/urandom > \"$2/scalinglab\"\n"); // such bytes do not pack
        File.SetUnixFileMode(Path.Combine(folder, "dotnet/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string archive = Path.Combine(folder, "out/bundle.tar.gz");
        (int ended, string output) = Run("/bin/sh", ["-c", "sh \"$0\" \"$1\" 2>&1", Path.Combine(folder, "scripts/bundle.sh"), archive]);
        Assert.True(ended == status, output);
        Assert.Equal(status == 0 ? ["bundle.tar.gz"] : [], Directory.EnumerateFiles(Path.Combine(folder, "out")).Select(Path.GetFileName));
        Assert.Equal(status != 0, output.Contains("SL0703", StringComparison.Ordinal) && output.Contains(" MiB  artifacts/app/scalinglab\n", StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_flag_is_a_mistake_of_usage() => Assert.Equal(2, Run("/bin/sh", [Path.Combine(Root, "scripts/bundle.sh"), "--lst"]).Status);

    private void Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static (int Status, string Output) Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        _ = errors.Result;
        return (process.ExitCode, output);
    }

    private static string FindRoot()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "ScalingLab.sln")))
            at = at.Parent;
        return at.FullName;
    }

    [GeneratedRegex(@"(?:\$\{?root\}?/|ROOT, "")(scripts/[a-z-]+\.(?:sh|py))")]
    private static partial Regex OtherScript();

    [GeneratedRegex(@"script\(""([a-z-]+)""\)")]
    private static partial Regex PythonScript();

    [GeneratedRegex(@"^\s*path:\s*(\S+)", RegexOptions.Multiline)]
    private static partial Regex Corpus();
}
