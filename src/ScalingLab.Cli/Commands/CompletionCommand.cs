using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Commands;

/// <summary><c>completion SHELL</c>: a script that lets a shell ask this program what may come next.</summary>
/// <remarks>The answers are System.CommandLine's own: <c>scalinglab "[suggest:POSITION]" "LINE"</c>, the line without the program's name. Where there are none, the shell offers files.</remarks>
internal static class CompletionCommand
{
    private const string Bash = """
        # scalinglab completion bash; to load it: source <(scalinglab completion bash)
        _scalinglab() {
            local skip=$((${#COMP_WORDS[0]} + 1)) word=${COMP_WORDS[COMP_CWORD]} found
            COMPREPLY=()
            while IFS= read -r found; do
                [[ -n $found && $found == "$word"* ]] && COMPREPLY+=("$found")
            done < <("${COMP_WORDS[0]}" "[suggest:$((COMP_POINT - skip))]" "${COMP_LINE:skip}" 2> /dev/null)
        }
        complete -o bashdefault -o default -F _scalinglab scalinglab

        """;

    private const string Zsh = """
        #compdef scalinglab
        # scalinglab completion zsh; to load it: source <(scalinglab completion zsh)
        _scalinglab() {
            local skip=$((${#words[1]} + 1)) line
            local -a found
            line=${(j: :)words}
            found=("${(@f)$("${words[1]}" "[suggest:$((${#${(j: :)words[1,CURRENT]}} - skip))]" "${line[skip + 1,-1]}" 2> /dev/null)}")
            found=(${found:#})
            if (( ${#found} )); then compadd -- "${found[@]}"; else _files; fi
        }
        compdef _scalinglab scalinglab

        """;

    private const string Fish = """
        # scalinglab completion fish; to load it: scalinglab completion fish | source
        function __scalinglab_complete
            set -l parts (string split --max 1 ' ' -- (commandline --cut-at-cursor --current-process))
            test (count $parts) -gt 1; or return
            $parts[1] "[suggest:"(string length -- $parts[2])"]" $parts[2] 2> /dev/null
        end
        complete --command scalinglab --arguments '(__scalinglab_complete)'

        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.CompletionSources.Add("bash", "zsh", "fish");
        var command = new Command("completion", "Print a script that completes commands and options in a shell.") { shell };
        command.SetAction(parsed =>
        {
            string name = parsed.GetRequiredValue(shell);
            Console.Out.Write(name switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                _ => throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0187", $"unknown shell '{name}'", null, Suggestions.DidYouMean(name, ["bash", "zsh", "fish"]) ?? "bash, zsh or fish")),
            });
            return (int)ExitCode.Success;
        });
        return command;
    }
}
