#!/bin/sh
# Packs the program, the .NET runtime and all that a sweep needs into one archive, for a GPU machine that has PyTorch and g++ but no
# .NET and no network. There: unpack, ./scalinglab doctor, ./scalinglab bench step, ./scalinglab sweep configs/quickstart.yaml.
# The engine is compiled on that machine, against its own PyTorch, at the first command that needs it.
#   bundle.sh [FILE]   writes FILE; artifacts/scalinglab-VERSION-linux-x64.tar.gz without one
#   bundle.sh --list   the files of this folder that go in, beside the program itself
# Exit: 0 written, 1 it did not build, 2 usage, 5 something is missing, 7 the archive is too large or cannot be written.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/messages.sh"
limit_mebibytes=64

usage() {
    sed -n '5,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# No C# goes in: its absence tells scripts/stamps.sh that the program comes built and is never built again.
list() {
    (
        cd "$root"
        printf '%s\n' scalinglab README.md CHANGELOG.md scripts/messages.sh scripts/stamps.sh scripts/setup.sh scripts/find-libtorch.sh \
            scripts/build-native.sh scripts/compare-pytorch.py scripts/compare-modes.py scripts/reference-losses.py
        find src/ScalingLab.Torch/native configs docs data/corpora -type f ! -name '.*' ! -name '*.received.*'
    ) | LC_ALL=C sort
}

case ${1-} in
    --list) [ "$#" = 1 ] || usage; list; exit ;;
    -*) usage ;;
esac
[ "$#" -le 1 ] || usage

sh "$root/scripts/setup.sh" --program # leaves an SDK, and plotly.js where npm has it
{ read -r _ && read -r dotnet_folder; } < "$root/artifacts/app/stamp"
export DOTNET_ROOT="$dotnet_folder" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' "$root/Directory.Build.props")
name=scalinglab-$version-linux-x64
archive=${1:-$root/artifacts/$name.tar.gz}
if ! mkdir -p "$(dirname "$archive")" || ! : > "$archive.$$"; then
    problem SL0702 "cannot write $archive" "name a file in a folder of your own"
    exit 7
fi
mkdir -p "$root/artifacts/bundle"
stage=$(mktemp -d "$root/artifacts/bundle/stage.XXXXXX")
trap 'rm -rf "$stage" "$archive.$$"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "building the program with its runtime (about a minute)"
begun=$(date +%s)
mkdir -p "$stage/$name/artifacts/app" "$root/artifacts/log"
log=$root/artifacts/log/bundle.log
# A folder of its own for what is built on the way: the clone's own build is left as it is.
if ! (cd "$root" && "$dotnet_folder/dotnet" publish src/ScalingLab.Cli -c Release -r linux-x64 --self-contained -p:PublishReadyToRun=true \
    -p:DebugType=none -p:GenerateDocumentationFile=false "-p:ArtifactsPath=$root/artifacts/bundle/build" -nodeReuse:false \
    -o "$stage/$name/artifacts/app") > "$log" 2>&1 < /dev/null; then
    problem SL0509 "the program did not build with its runtime" "the whole log: $log"
    { grep -E ': error ' "$log" || tail -n 8 "$log"; } | sort -u | tail -n 8 > "$stage/end"
    last_lines "$stage/end" 8
    exit 1
fi
[ ! -e "$root/artifacts/app/plotly-cartesian.min.js.gz" ] || cp "$root/artifacts/app/plotly-cartesian.min.js.gz" "$stage/$name/artifacts/app/"
list | (cd "$root" && tar -cf - -T -) | tar -xf - -C "$stage/$name"
# The stamps compare times of files: none may come from the future of the machine that unpacks it.
find "$stage/$name" -exec touch -h -d '2020-01-01 00:00:00 UTC' {} +
if ! (cd "$stage" && tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name" | gzip -9n > "$archive.$$"); then
    problem SL0701 "$archive could not be written" "free some space, then start again"
    exit 7
fi
bytes=$(wc -c < "$archive.$$")
mebibytes=$(awk "BEGIN { printf \"%.1f\", $bytes / 1048576 }")
if [ "$bytes" -gt $((limit_mebibytes << 20)) ]; then
    problem SL0703 "the bundle is $mebibytes MiB, and $limit_mebibytes MiB is the limit; its largest files:"
    (cd "$stage/$name" && find . -type f -printf '%s %P\n' | sort -rn | head -n 10 | awk '{ printf "  | %6.1f MiB  %s\n", $1 / 1048576, $2 }') >&2
    exit 7
fi
mv "$archive.$$" "$archive"
say "wrote $archive ($mebibytes MiB) in $(seconds_since "$begun") s"
