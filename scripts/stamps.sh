# shellcheck shell=sh disable=SC2154,SC3013
# What is built already, told without starting anything but `find`: this runs at every start. Sourced with $root set, never run.

# Absent sources mean a bundle: it comes with its program and is never rebuilt.
is_bundle() { [ ! -e "$root/src/ScalingLab.Cli" ]; }

# Sets dotnet_folder. The stamp is as old as the start of the build, so that a file saved while it ran counts as newer.
program_is_current() {
    provider='' dotnet_folder=''
    [ -x "$root/artifacts/app/scalinglab" ] || return 1
    ! is_bundle || return 0
    [ -r "$root/artifacts/app/stamp" ] || return 1
    { read -r provider && read -r dotnet_folder; } < "$root/artifacts/app/stamp" || return 1
    [ "$provider" = "${TorchProvider:-LibTorch}" ] && [ -x "$dotnet_folder/dotnet" ] || return 1
    newer=$(find "$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json" \
        -path '*/native' -prune -o -newer "$root/artifacts/app/stamp" -print -quit) && [ -z "$newer" ]
}

# The engine depends on where libtorch was found. Looking again would start Python, so only what steers the search is compared:
# the environment and which python3 comes first. A PyTorch installed since is taken up by `scripts/setup.sh --engine`.
engine_is_current() {
    [ "${TorchProvider:-LibTorch}" = LibTorch ] || return 0
    stamp=$root/artifacts/native/stamp
    [ -r "$stamp" ] && [ -e "$root/artifacts/native/engine.json" ] || return 1
    { read -r named && read -r python && read -r libraries; } < "$stamp" || return 1
    [ "$named" = "libtorch=${SCALINGLAB_LIBTORCH:-}" ] && [ "$python" = "python3=$(command -v python3)" ] || return 1
    [ -e "$libraries/libtorch_cpu.so" ] || return 1
    [ ! "$libraries/libtorch_cpu.so" -nt "$stamp" ] || return 1
    newer=$(find "$root/src/ScalingLab.Torch/native" "$root/scripts/build-native.sh" -newer "$stamp" -print -quit) && [ -z "$newer" ]
}
