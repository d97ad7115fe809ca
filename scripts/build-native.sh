#!/bin/sh
# Compiles the C++ part of the engine, src/ScalingLab.Torch/native, against the libtorch that find-libtorch.sh names.
# Output: artifacts/native/<key>/libscalinglab_torch.so, a link to it at artifacts/native/libscalinglab_torch.so, and
# artifacts/native/engine.json, which says what it was built against. The key is a hash of everything that went in.
# A source file may ask for more flags in its first lines:
#   // build-flags: -O3 -ffast-math
#   // build-flags x86_64: -mavx2 -mfma
#   // build-libraries: -l:libdnnl.so.2
# Needs only this folder, the native sources and a compiler: it also runs on a machine without .NET.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd -P)
. "$root/scripts/messages.sh"
sources=$root/src/ScalingLab.Torch/native
output=$root/artifacts/native
compiler=${CXX:-g++}
machine=$(uname -m)

json() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }
json_or_null() { if [ -n "$1" ]; then json "$1"; else printf null; fi; }
hash_of() { sha256sum | cut -c 1-16; }

# field NAME: one value of what find-libtorch.sh said.
field() { printf '%s\n' "$libtorch" | sed -n "s/^$1=//p"; }

# asked_flags KIND FILE: what the file's first lines ask for, for any machine and for this one.
asked_flags() { head -n 8 "$2" | sed -n -e "s|^// $1: ||p" -e "s|^// $1 $machine: ||p" | tr '\n' ' '; }

found=0
libtorch=$(sh "$root/scripts/find-libtorch.sh") || found=$?
if [ "$found" = 2 ]; then
    problem SL0506 "SCALINGLAB_LIBTORCH=$SCALINGLAB_LIBTORCH has no include/ATen/ATen.h or no lib/libtorch_cpu.so" \
        "name the unpacked libtorch folder, or the folder of an installed torch package, or unset the variable"
    exit 5
elif [ "$found" != 0 ]; then
    problem SL0502 "no libtorch found" "run scripts/setup.sh --engine, which installs it, or set SCALINGLAB_LIBTORCH to a folder that holds one"
    exit 5
fi
if ! compiler_version=$("$compiler" -dumpfullversion -dumpversion 2>/dev/null); then
    problem SL0503 "no C++ compiler ($compiler) found" "install g++, or set CXX to another compiler that knows -fopenmp"
    exit 5
fi

folder=$(field folder)
libraries=$(field libraries)
version=$(field version)
cuda=$(field cuda)
abi=$(field abi)
release=${version%%[!0-9.]*}
major=${release%%.*}
minor=${release#*.}
minor=${minor%%.*}
if [ "${major:-0}" -lt 1 ] || { [ "$major" = 1 ] && [ "${minor:-0}" -lt 13 ]; }; then
    problem SL0507 "libtorch $version in $folder is too old: 1.13 is the oldest that the engine supports" \
        "install PyTorch 2 for python3, or set SCALINGLAB_LIBTORCH to a newer libtorch"
    exit 5
fi

# Headers from libtorch 2.14 on refuse C++17; those of 1.13 are older than C++20.
standard=c++17
! grep -q '__cplusplus < 202002L' "$folder/include/ATen/ATen.h" || standard=c++20
# Positional parameters hold what every file is compiled with. -DNDEBUG: without it RecordFunction's layout differs from the library's.
set -- "-std=$standard" -O2 -DNDEBUG -fPIC -fvisibility=hidden -fopenmp "-D_GLIBCXX_USE_CXX11_ABI=$abi" \
    -isystem "$folder/include" -isystem "$folder/include/torch/csrc/api/include"
[ "$folder" != /usr ] || { # naming /usr/include again would reorder the system's own folders
    set -- "-std=$standard" -O2 -DNDEBUG -fPIC -fvisibility=hidden -fopenmp "-D_GLIBCXX_USE_CXX11_ABI=$abi" \
        -isystem /usr/include/torch/csrc/api/include
}
with_cuda=
if [ -n "$cuda" ]; then
    cuda_includes=$(field cuda_includes)
    if [ -n "$cuda_includes" ]; then
        with_cuda=yes
        set -- "$@" -DSCALINGLAB_CUDA
        IFS=:
        for include in $cuda_includes; do
            [ "$include" = /usr/include ] || set -- "$@" -isystem "$include" # searched anyway, and naming it would reorder it
        done
        unset IFS
    else
        say "note: libtorch $version has CUDA $cuda, but the headers of CUDA ${cuda%%.*} are missing: CUDA graphs and memory statistics are left out"
        detail "help: install the CUDA toolkit (or set CUDA_HOME), then run scripts/setup.sh --engine"
    fi
fi

key=$( (
    cat "$sources"/*.cpp "$sources"/*.h "$sources"/*/*.h "$root/scripts/build-native.sh"
    echo "$libtorch" "$compiler $compiler_version" "$@"
    # A rebuilt or upgraded libtorch keeps its path and often its version.
    stat -L -c '%s %Y' "$libraries/libtorch_cpu.so"
) 2>/dev/null | hash_of)
library=$output/$key/libscalinglab_torch.so

write_engine_json() {
    temporary=$output/engine.json.$$
    {
        echo '{'
        echo '  "schema": "scalinglab.engine/1",'
        echo "  \"libtorchFolder\": $(json "$folder"),"
        echo "  \"libtorchLibraries\": $(json "$libraries"),"
        echo "  \"libtorchVersion\": $(json "$version"),"
        echo "  \"cuda\": $(json_or_null "$cuda"),"
        echo "  \"cudaInShim\": $(if [ -n "$with_cuda" ]; then echo true; else echo false; fi),"
        echo "  \"cxx11Abi\": $(if [ "$abi" = 1 ]; then echo true; else echo false; fi),"
        echo "  \"source\": $(json "$(field source)"),"
        echo "  \"compiler\": $(json "$compiler $compiler_version"),"
        echo "  \"key\": $(json "$key"),"
        echo "  \"library\": $(json "$key/libscalinglab_torch.so")"
        echo '}'
    } > "$temporary"
    mv "$temporary" "$output/engine.json"
    ln -sfn "$key/libscalinglab_torch.so" "$output/link.$$"
    mv -T "$output/link.$$" "$output/libscalinglab_torch.so"
}

if [ -e "$library" ]; then
    write_engine_json
    exit 0
fi

mkdir -p "$output/objects"
work=$(mktemp -d "$output/build.XXXXXX")
jobs=
stop() {
    for job in $jobs; do kill "$job" 2>/dev/null || :; done
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# object_of FILE FLAGS...: where its object is kept between builds, so that a build that was cut short goes on where it stopped.
object_of() {
    source=$1
    shift
    printf '%s/objects/%s.o\n' "$output" "$( (cat "$source" "$sources"/*.h "$sources"/*/*.h; echo "$source" "$libtorch" "$compiler_version" "$@") 2>/dev/null | hash_of)"
}

# compile FILE OBJECT FLAGS...: to a temporary name first, so that an object that exists is whole. Runs in the background, where
# a shell ignores Ctrl-C: the compiler gets a process group of its own, which is ended when this job is.
compile() {
    source=$1
    object=$2
    shift 2
    name=$(basename "$source")
    begun=$(date +%s)
    trap 'kill -- "-$group" 2>/dev/null; exit 143' TERM
    # shellcheck disable=SC2046 # the file's own flags are words
    setsid "$compiler" "$@" $(asked_flags build-flags "$source") -c "$source" -o "$work/$name.o" 2> "$work/$name.log" &
    group=$!
    if wait "$group"; then
        mv "$work/$name.o" "$object"
        detail "compiled $name ($(seconds_since "$begun") s)"
    else
        echo "$name" >> "$work/failed"
    fi
}

cores=$(nproc)
if [ "$cores" -gt 4 ]; then cores=4; fi # a file takes about 1 GB while it compiles
count=$(find "$sources" -name '*.cpp' | wc -l)
if [ "$count" = 0 ]; then
    problem SL0508 "no C++ sources in $sources" "restore them: git checkout -- src/ScalingLab.Torch/native"
    exit 1
fi
say "building the engine against libtorch $version${cuda:+ with CUDA $cuda} in $folder: $count files, under a minute"
started=$(date +%s)
objects=
wanted_libraries=
running=0
for source in "$sources"/*.cpp; do
    object=$(object_of "$source" "$@")
    objects="$objects $(basename "$object")"
    wanted_libraries="$wanted_libraries $(asked_flags build-libraries "$source")"
    [ ! -e "$object" ] || continue
    # A plain shell can wait for a given job only, so the oldest is waited for.
    if [ "$running" -ge "$cores" ]; then
        wait "${jobs%% *}" || :
        case $jobs in *' '*) jobs=${jobs#* } ;; *) jobs='' ;; esac
        running=$((running - 1))
        [ ! -e "$work/failed" ] || break
    fi
    compile "$source" "$object" "$@" &
    jobs="${jobs:+$jobs }$!"
    running=$((running + 1))
done
for job in $jobs; do wait "$job" || :; done
jobs=

if [ -e "$work/failed" ]; then
    while read -r name; do
        problem SL0508 "$name did not compile against libtorch $version with $compiler $compiler_version"
        grep -E -A 4 'error|fatal' "$work/$name.log" > "$work/errors" || cp "$work/$name.log" "$work/errors"
        head -n 20 "$work/errors" | cut -c 1-300 | sed 's/^/  | /' >&2
    done < "$work/failed"
    exit 1
fi

# Operators of CUDA register themselves when their library is loaded, so it is named even where nothing refers to it.
flags="-fopenmp"
# A wheel brings an OpenMP runtime of its own; a second one beside it would mean two pools of threads.
for runtime in "$libraries"/libgomp*.so*; do [ ! -e "$runtime" ] || flags="-l:$(basename "$runtime")"; done
set -- -L"$libraries" -Wl,-rpath,"$libraries" -Wl,--no-undefined -Wl,--no-as-needed -ltorch -ltorch_cpu -lc10
[ -z "$cuda" ] || set -- "$@" -ltorch_cuda
# CUDA's runtime is not named: libtorch_cuda brings the one it was built with, from wherever that lies. Nothing else may be missing.
[ -z "$with_cuda" ] || set -- "$@" -lc10_cuda -Wl,--warn-unresolved-symbols

# link FLAGS...: leaves the library in the work folder, or its reasons in link.log.
link() {
    # shellcheck disable=SC2086 # lists of words without spaces
    (cd "$output/objects" && "$compiler" -shared -o "$work/libscalinglab_torch.so" $objects "$@") 2> "$work/link.log" || return 1
    ! grep -E 'undefined (reference|symbol)' "$work/link.log" | grep -Ev "[\`' ]_*cuda[A-Z]" > "$work/link.missing" || {
        mv "$work/link.missing" "$work/link.log"
        return 1
    }
}

# shellcheck disable=SC2086 # lists of words
if ! link "$@" $wanted_libraries $flags && ! link "$@" $wanted_libraries -fopenmp; then
    problem SL0508 "the engine did not link against libtorch $version in $libraries" \
        "if names with __cxx11 are undefined, this libtorch is built with another C++ library: set SCALINGLAB_LIBTORCH to a different one"
    last_lines "$work/link.log" 12
    exit 1
fi
mkdir -p "$output/$key"
mv "$work/libscalinglab_torch.so" "$library"
write_engine_json
find "$output/objects" -name '*.o' -mtime +7 -delete
say "built the engine in $(seconds_since "$started") s"
