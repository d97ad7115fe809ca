#!/bin/sh
# Installs and builds what is missing, and nothing that is there. What it installs it names first.
#   setup.sh --program   the program itself: fit, plan, report, doctor (.NET 10 SDK)
#   setup.sh --engine    the native engine that training runs on (default; g++ and libtorch)
#   setup.sh --tests     the engine, and the whole solution with its tests
# Exit: 0 all there, 1 a build failed, 2 usage, 5 something is missing and cannot be had, 7 the disk.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/messages.sh"
. "$root/scripts/stamps.sh"
logs=$root/artifacts/log
plotly_version=4.1.1
plotly_sha512='o8GrFeusncwBIxbBynRJpY4pkgVB6caM+JLpwrLYbbsO7dZ8FJ+SVN2Fr+L7kiG/Z6w4P5O0Jus/Qr5EefHVeg=='

usage() {
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

prepare_folders() {
    if ! mkdir -p "$logs" "$root/artifacts/apps" "$root/artifacts/native" 2> /dev/null || ! (: >> "$root/artifacts/setup.lock") 2> /dev/null; then
        problem SL0702 "cannot write to $root/artifacts" "give this user the right to write there, or clone into a folder of your own"
        exit 7
    fi
}

# One set-up at a time: the second of two first starts waits and then finds everything done.
# Descriptor 9 is closed for the build's servers, which outlive it and would keep the lock.
take_lock() {
    command -v flock > /dev/null || return 0
    exec 9> "$root/artifacts/setup.lock"
    if ! flock -n 9; then
        say "waiting for another set-up of this folder to finish"
        flock 9
    fi
}

# --- .NET -----------------------------------------------------------------------------------------------------------------

# Sets dotnet to the first one that has an SDK which global.json accepts.
find_dotnet() {
    seen=
    for dotnet in "$(command -v dotnet || :)" "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "${HOME:-}/.dotnet/dotnet" \
        /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet /usr/local/share/dotnet/dotnet; do
        if [ ! -x "$dotnet" ]; then continue; fi
        if (cd "$root" && "$dotnet" --version > /dev/null 2>&1); then
            dotnet=$(readlink -f "$dotnet")
            return
        fi
        seen=$("$dotnet" --list-sdks 2>/dev/null | cut -d ' ' -f 1 | tr '\n' ' ')
    done
    problem SL0501 "no .NET 10 SDK found${seen:+ (only ${seen% })}" \
        "Ubuntu: sudo apt-get install dotnet-sdk-10.0" \
        "Debian and others: https://dotnet.microsoft.com/download/dotnet/10.0, then put its folder in PATH or in DOTNET_ROOT"
    exit 5
}

prepare_dotnet() {
    # An account without a home (a container's, a batch job's) still needs a place for packages.
    if [ ! -w "${HOME:-/nonexistent}" ]; then
        export HOME="$root/artifacts/home" NUGET_PACKAGES="$root/artifacts/home/packages"
        mkdir -p "$HOME"
    fi
    # The SDK stops at once where libicu is missing, unless told that English will do.
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
    find_dotnet
}

# build_failed WHAT LOG: says why as plainly as the log allows.
build_failed() {
    if grep -q 'No space left on device' "$2"; then
        problem SL0701 "the disk is full: $1 could not be built" "free some space (about 500 MB), then start again"
        status=7
    elif grep -Eq 'error NU1[0-9]{3}|Unable to load the service index' "$2"; then
        problem SL0505 "the packages of $1 could not be fetched from the NuGet registry" \
            "check the network, the proxy (HTTPS_PROXY) and \`dotnet nuget list source\`, then start again"
        status=5
    else
        problem SL0509 "$1 did not build" "the whole log: $2"
        status=1
    fi
    # Each project repeats the same failure: only what differs is shown.
    { grep -E ': error |No space left' "$2" || tail -n 8 "$2"; } | sed -e "s|$root/||g" -e 's/ \[[^][]*proj\]$//' -e 's/^[^:]*proj : //' | sort -u | tail -n 8 > "$2.end"
    last_lines "$2.end" 8
    exit "$status"
}

build_program() {
    ! program_is_current || return 0
    say "building the program (under a minute, once)"
    begun=$(date +%s)
    case $(uname -m) in aarch64 | arm64) platform=linux-arm64 ;; *) platform=linux-x64 ;; esac
    fresh=$(mktemp -d "$root/artifacts/apps/build.XXXXXX")
    trap 'rm -rf "$fresh"' EXIT
    printf '%s\n%s\n' "${TorchProvider:-LibTorch}" "$(dirname "$dotnet")" > "$fresh/stamp"
    # Compiled ahead of time it starts in a third of the time; the compiler for that is a package which a registry may lack.
    if ! publish true "$fresh"; then
        if ! grep -Eiq 'error NU110[0-9].*(crossgen|ilcompiler|\.runtime\.)' "$logs/program.log" || ! publish false "$fresh"; then
            build_failed "the program" "$logs/program.log"
        fi
        say "note: the ahead-of-time compiler is not in the package registry: every start takes about 0.2 s longer"
    fi
    fetch_plotly "$fresh"
    # Sources from the future (a clock set back, an archive) would count as newer at every start.
    future=$(find "$root/src" "$root"/Directory.*.props "$root/global.json" -newermt now -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
    [ -z "$future" ] || touch -r "$future" "$fresh/stamp"
    # A sweep may be running from the folder before: it keeps its files, and `app` is turned to the new folder in one step.
    chmod 755 "$fresh"
    name=$(date +%Y%m%d-%H%M%S)-$$
    mv "$fresh" "$root/artifacts/apps/$name"
    trap - EXIT
    ln -s "apps/$name" "$root/artifacts/app.$$"
    mv -T "$root/artifacts/app.$$" "$root/artifacts/app"
    remove_old_programs "$name"
    say "built the program in $(seconds_since "$begun") s"
}

# publish AHEAD_OF_TIME FOLDER
publish() {
    (cd "$root" && "$dotnet" publish src/ScalingLab.Cli -c Release -r "$platform" --no-self-contained "-p:PublishReadyToRun=$1" \
        -nodeReuse:false -o "$2") > "$logs/program.log" 2>&1 9>&- < /dev/null
}

# The library for interactive plots in reports, from npm where it is installed: never a reason to stop, reports then hold drawings.
# fetch_plotly FOLDER: leaves plotly-cartesian.min.js.gz there.
fetch_plotly() {
    kept=$root/artifacts/web/plotly-$plotly_version.js.gz
    if [ ! -s "$kept" ] && command -v npm > /dev/null; then
        web=$(mktemp -d "$root/artifacts/plotly.XXXXXX")
        if (cd "$web" && timeout 60 npm pack --silent "plotly.js-cartesian-dist-min@$plotly_version") > "$logs/plotly.log" 2>&1 9>&- < /dev/null &&
            [ "$(node -e 'process.stdout.write(require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64"))' "$web"/*.tgz 2>> "$logs/plotly.log")" = "$plotly_sha512" ] &&
            tar -xzf "$web"/*.tgz -C "$web" package/plotly-cartesian.min.js; then
            mkdir -p "$root/artifacts/web"
            gzip -9nc "$web/package/plotly-cartesian.min.js" > "$web/gz" && mv "$web/gz" "$kept"
        else
            say "note: plotly.js could not be fetched with npm ($logs/plotly.log): reports will hold drawings, not interactive plots"
        fi
        rm -rf "$web"
    fi
    [ ! -s "$kept" ] || cp "$kept" "$1/plotly-cartesian.min.js.gz"
}

remove_old_programs() {
    in_use=$(readlink /proc/[0-9]*/exe 2>/dev/null || :)
    for folder in "$root"/artifacts/apps/*/; do
        folder=${folder%/}
        case $in_use in *"$folder/"*) continue ;; esac
        [ "${folder##*/}" = "$1" ] || rm -rf "$folder"
    done
}

# --- the engine -----------------------------------------------------------------------------------------------------------

# Sets as_root to what an installation is started with; fails when there is no right to install.
find_rights() {
    as_root=
    [ "$(id -u)" != 0 ] || return 0
    as_root='sudo -n'
    command -v sudo > /dev/null && sudo -n true 2>/dev/null
}

apt() { # the lock may be held by the system's own updates for a while
    # shellcheck disable=SC2086 # empty or two words
    $as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -o DPkg::Lock::Timeout=120 "$@" 9>&- < /dev/null
}

# apt_failed LOG PACKAGES
apt_failed() {
    if grep -Eq 'Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Network is unreachable|Connection (failed|timed out|refused)' "$1"; then
        problem SL0504 "no network: the packages $2 could not be downloaded" "check the network and the proxy, then start again"
    elif grep -q 'No space left\|enough free space' "$1"; then
        problem SL0701 "the disk is full: $2 could not be installed" "free some space, then start again"
    else
        problem SL0504 "apt-get could not install $2" "mend what it says, or run: apt-get update && apt-get install --no-install-recommends $2"
    fi
    { grep -E '^(E|Err|W):|^Err' "$1" || cat "$1"; } > "$1.end"
    last_lines "$1.end" 6
    exit 5
}

# install_packages PACKAGES: names them and their size, then installs them; missing package lists are fetched first.
# shellcheck disable=SC2086 # $1 is a list of words
install_packages() {
    log=$logs/apt.log
    : > "$log"
    if ! command -v apt-get > /dev/null; then
        problem SL0514 "training needs $1, and this is not a system with apt-get" \
            "install a C++ compiler (g++ on most systems, gcc-c++ on Fedora) with the system's package manager" \
            "install PyTorch for python3 (python3 -m pip install torch), or set SCALINGLAB_LIBTORCH to an unpacked libtorch" \
            "fits, plans and reports work without"
        exit 5
    fi
    if ! find_rights; then
        problem SL0513 "training needs $1, and this user has no right to install packages" \
            "sudo apt-get install --no-install-recommends $1" \
            "or without it: a PyTorch for python3, or SCALINGLAB_LIBTORCH, where a compiler is already installed" \
            "fits, plans and reports work without"
        exit 5
    fi
    updated=
    for package in $1; do
        if [ -z "$(offered "$package")" ]; then
            update_lists "$1"
            break
        fi
    done
    case " $1 " in *" libtorch-dev "*) refuse_old_libtorch ;; esac
    cost=$(apt --assume-no --no-install-recommends install $1 2>> "$log" | sed -n -e 's/^Need to get \(.*\) of archives.*/\1 to download/p' \
        -e 's/^After this operation, \(.*\) of additional.*/\1 on disk/p' | tr '\n' ',' | sed 's/,$//; s/,/, /')
    say "installing $1${cost:+ ($cost)}"
    begun=$(date +%s)
    if ! apt -qy --no-install-recommends install $1 >> "$log" 2>&1; then
        if grep -q 'dpkg was interrupted' "$log"; then # an installation before this one was cut short
            say "finishing an interrupted installation (dpkg --configure -a)"
            $as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >> "$log" 2>&1 9>&- < /dev/null || apt_failed "$log" "$1"
        elif [ -n "$updated" ]; then
            apt_failed "$log" "$1"
        else
            update_lists "$1" # lists too old name files that are gone
        fi
        : > "$log"
        apt -qy --no-install-recommends install $1 >> "$log" 2>&1 || apt_failed "$log" "$1"
    fi
    say "installed them in $(seconds_since "$begun") s"
}

# shellcheck disable=SC2086 # $1 is a list of words
update_lists() {
    updated=yes
    say "fetching the package lists (apt-get update)"
    apt -q update > "$logs/apt.log" 2>&1 || apt_failed "$logs/apt.log" "$1"
    # A failed download is only a warning to it.
    ! grep -q 'Failed to fetch' "$logs/apt.log" || for package in $1; do
        if [ -z "$(offered "$package")" ]; then apt_failed "$logs/apt.log" "$1"; fi
    done
}

# offered PACKAGE: the version that would be installed; empty when there is none.
offered() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n -e '/(none)/d' -e 's/^ *Candidate: //p'; }

refuse_old_libtorch() {
    candidate=$(offered libtorch-dev)
    if [ -z "$candidate" ]; then
        problem SL0504 "this system's package sources have no libtorch-dev" \
            "Ubuntu keeps it in universe: sudo add-apt-repository universe" \
            "or install PyTorch for python3, or set SCALINGLAB_LIBTORCH to an unpacked libtorch"
        exit 5
    elif ! dpkg --compare-versions "$candidate" ge 1.13; then
        problem SL0507 "this system offers libtorch-dev $candidate: 1.13 is the oldest that the engine supports" \
            "install PyTorch for python3 (python3 -m pip install torch), or set SCALINGLAB_LIBTORCH to a newer libtorch"
        exit 5
    fi
}

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q ' installed$'; }

# Looks for libtorch anew each time: whoever calls this may have installed another. Without one, nothing is compiled again.
build_engine() {
    started_at=$(mktemp "$root/artifacts/native/stamp.XXXXXX")
    trap 'rm -f "$started_at"' EXIT
    missing=
    command -v "${CXX:-g++}" > /dev/null || missing="g++"
    found=0
    libtorch=$(sh "$root/scripts/find-libtorch.sh") || found=$?
    [ "$found" != 1 ] || missing="$missing${missing:+ }libtorch-dev"
    # The threads of Debian's default OpenBLAS fight with libtorch's; the OpenMP build shares them. Good to have, never a reason to stop.
    # A bundle runs where there may be no network: it asks for nothing that it can do without.
    faster=
    case $missing$libtorch in
        *libtorch-dev* | *source=debian*)
            if ! is_bundle && command -v apt-get > /dev/null && ! is_installed libopenblas0-openmp; then faster=libopenblas0-openmp; fi
            ;;
    esac
    if [ -n "$missing" ]; then
        install_packages "$missing${faster:+ $faster}"
    elif [ -n "$faster" ] && find_rights; then
        (install_packages "$faster") || say "note: going on without $faster: training takes a little longer"
    fi
    sh "$root/scripts/build-native.sh" 9>&-
    libraries=$(sed -n 's/^  "libtorchLibraries": "\(.*\)",$/\1/p' "$root/artifacts/native/engine.json")
    printf 'libtorch=%s\npython3=%s\n%s\n' "${SCALINGLAB_LIBTORCH:-}" "$(command -v python3)" "$libraries" > "$started_at.text"
    touch -r "$started_at" "$started_at.text"
    mv "$started_at.text" "$root/artifacts/native/stamp"
    rm -f "$started_at"
    trap - EXIT
}

# --- the tests ------------------------------------------------------------------------------------------------------------

build_solution() {
    say "building the solution"
    begun=$(date +%s)
    (cd "$root" && "$dotnet" build ScalingLab.sln -c Release -nodeReuse:false) > "$logs/solution.log" 2>&1 9>&- < /dev/null ||
        build_failed "the solution" "$logs/solution.log"
    say "built the solution in $(seconds_since "$begun") s"
}

trap 'exit 130' INT
trap 'exit 143' TERM HUP
case ${1---engine} in
    --program | --engine | --tests) ;;
    *) usage ;;
esac
prepare_folders
take_lock
if ! is_bundle; then
    prepare_dotnet
    build_program
fi
[ "${1---engine}" = --program ] || build_engine
[ "${1---engine}" != --tests ] || build_solution
