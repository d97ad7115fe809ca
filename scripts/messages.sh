# shellcheck shell=sh
# How the set-up scripts speak. Everything goes to stderr: stdout belongs to the program and may carry --json.
# Sourced, never run.

# say TEXT: one step of the set-up.
say() { printf 'scalinglab: %s\n' "$*" >&2; }

# detail TEXT: a line below a step or a problem.
detail() { printf '  %s\n' "$*" >&2; }

# problem CODE TEXT [HELP...]: what is wrong, then ways out, as the program itself prints them.
problem() {
    printf 'error[%s]: %s\n' "$1" "$2" >&2
    shift 2
    for way_out in "$@"; do printf '  help: %s\n' "$way_out" >&2; done
}

# last_lines FILE COUNT: the end of a log, indented.
last_lines() { tail -n "$2" "$1" | cut -c 1-300 | sed 's/^/  | /' >&2; }

# seconds_since START: whole seconds since START, itself from `date +%s`.
seconds_since() { echo $(($(date +%s) - $1)); }
