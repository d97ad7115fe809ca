#!/bin/sh
# Prints the libtorch that the engine is built against, as name=value lines; exits 1 when there is none.
# The first of these that has both headers and libraries:
#   SCALINGLAB_LIBTORCH   a folder with include/ and lib/, or an installed torch package (exits 2 when it is neither)
#   python-cuda           the PyTorch of python3, when it is built with CUDA
#   debian                the package libtorch-dev
#   python-cpu            the PyTorch of python3
# Nothing of Python's torch is imported: that takes seconds.
set -eu

# library_folder FOLDER: where libtorch_cpu.so lies below it.
library_folder() {
    for folder in "$1/lib" "$1/lib64" "$1"/lib/*-linux-gnu; do
        if [ -e "$folder/libtorch_cpu.so" ]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    return 1
}

# has_headers FOLDER
has_headers() { [ -e "$1/include/ATen/ATen.h" ]; }

# quoted_assignment NAME FILE: the value of `NAME = 'value'` or `NAME: type = 'value'` in a Python file.
quoted_assignment() { sed -n "s/^$1[^=]*= *['\"]\\([^'\"]*\\)['\"].*/\\1/p" "$2" | head -n 1; }

# version_of FOLDER: from version.py (a Python package), build-version (the stand-alone archive) or a header.
version_of() {
    if [ -r "$1/version.py" ]; then
        quoted_assignment __version__ "$1/version.py"
    elif [ -r "$1/build-version" ]; then
        head -n 1 "$1/build-version"
    else
        for header in "$1/include/torch/headeronly/version.h" "$1/include/torch/csrc/api/include/torch/version.h"; do
            [ ! -r "$header" ] || sed -n 's/^ *\(#define TORCH_VERSION \)\{0,1\}"\([0-9][0-9.]*\)".*/\2/p' "$header"
        done | head -n 1
    fi
}

# cuda_of FOLDER LIBRARIES VERSION: the CUDA release it was built with, `unknown` when that is not written down, empty without CUDA.
cuda_of() {
    [ -e "$2/libtorch_cuda.so" ] || return 0
    release=
    [ ! -r "$1/version.py" ] || release=$(quoted_assignment cuda "$1/version.py")
    [ -n "$release" ] || release=$(printf '%s\n' "$3" | sed -n 's/.*+cu\([0-9][0-9]\)\([0-9]\).*/\1.\2/p')
    printf '%s\n' "${release:-unknown}"
}

# cuda_includes FOLDER: folders, joined by colons, that hold the CUDA headers which libtorch's own headers include; empty when some lie nowhere.
cuda_includes() {
    found=
    for folder in ${CUDA_HOME:+"$CUDA_HOME/include"} /usr/local/cuda/include "$1"/../nvidia/*/include; do
        [ ! -d "$folder" ] || found="$found${found:+:}$(cd "$folder" && pwd -P)"
    done
    for header in cuda_runtime_api.h cublas_v2.h cusparse.h cusolverDn.h; do
        held=
        IFS=:
        for folder in $found; do [ ! -r "$folder/$header" ] || held=yes; done
        unset IFS
        [ -n "$held" ] || return 0
    done
    printf '%s\n' "$found"
}

# cxx11_abi LIBRARIES: 1 when std::string has its current layout there; wheels of PyTorch before 2.7 mostly have the old one.
cxx11_abi() {
    if grep -aq '_ZN3c105ErrorC[12]ENS_14SourceLocationESs' "$1/libc10.so"; then echo 0; else echo 1; fi
}

# describe FOLDER SOURCE: all that a build needs to know. Fails when something is missing there.
describe() {
    has_headers "$1" && libraries=$(library_folder "$1") || return 1
    version=$(version_of "$1")
    [ "$2" != debian ] || version=$(dpkg-query -W -f '${Version}' libtorch-dev | sed 's/[+-].*//')
    cuda=$(cuda_of "$1" "$libraries" "$version")
    echo "folder=$1"
    echo "libraries=$libraries"
    echo "version=$version"
    echo "cuda=$cuda"
    echo "cuda_includes=${cuda:+$(cuda_includes "$1")}"
    echo "abi=$(cxx11_abi "$libraries")"
    echo "source=$2"
}

# python_torch: the folder of the torch package that python3 would import. `cd /` keeps a local folder named torch out of it.
python_torch() {
    for python in python3 /usr/bin/python3; do
        folder=$(cd / && "$python" -c '
import importlib.util, os
spec = importlib.util.find_spec("torch")
print(os.path.dirname(spec.origin) if spec and spec.origin else "")' 2>/dev/null) || continue
        if [ -n "$folder" ] && [ -r "$folder/version.py" ]; then
            printf '%s\n' "$folder"
            if [ -e "$folder/lib/libtorch_cuda.so" ]; then return; fi # without CUDA, the system's python3 may still have it
        fi
    done
}

if [ -n "${SCALINGLAB_LIBTORCH:-}" ]; then
    for folder in "$SCALINGLAB_LIBTORCH" "$SCALINGLAB_LIBTORCH/torch" "$SCALINGLAB_LIBTORCH/libtorch"; do
        [ -d "$folder" ] || continue
        describe "$(cd "$folder" && pwd -P)" SCALINGLAB_LIBTORCH && exit 0
    done
    exit 2
fi

packages=$(python_torch)
cuda_package=$(printf '%s\n' "$packages" | tail -n 1)
if [ -e "$cuda_package/lib/libtorch_cuda.so" ]; then
    describe "$cuda_package" python-cuda && exit 0
fi
if [ -e /usr/include/ATen/ATen.h ] && dpkg-query -W -f '${Status}' libtorch-dev 2>/dev/null | grep -q ' installed$'; then
    describe /usr debian && exit 0
fi
IFS='
'
for package in $packages; do
    unset IFS
    describe "$package" python-cpu && exit 0
done
exit 1
