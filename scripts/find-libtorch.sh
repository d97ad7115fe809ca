#!/bin/sh
# Prints the libtorch that the engine is built against, as name=value lines; exits 1 when there is none.
# The first of these that has both headers and libraries:
#   SCALINGLAB_LIBTORCH   a folder with include/ and lib/, or an installed torch package (exits 2 when it is neither)
#   python-cuda           the PyTorch of python3, when it is built with CUDA
#   debian                the package libtorch-dev or libtorch-cuda-dev
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

# debian_package: the one of Debian's two that is installed; they cannot be installed together.
debian_package() {
    for package in libtorch-cuda-dev libtorch-dev; do
        if dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$'; then
            printf '%s\n' "$package"
            return
        fi
    done
    return 1
}

# cuda_of FOLDER LIBRARIES VERSION: the CUDA release it was built with, `unknown` when that is not written down, empty without CUDA.
cuda_of() {
    [ -e "$2/libtorch_cuda.so" ] || return 0
    release=
    [ ! -r "$1/version.py" ] || release=$(quoted_assignment cuda "$1/version.py")
    [ -n "$release" ] || release=$(printf '%s\n' "$3" | sed -n 's/.*+cu\([0-9][0-9]\)\([0-9]\).*/\1.\2/p')
    [ -n "$release" ] || [ "$1" != /usr ] || # Debian's: the release of the runtime that it depends on
        release=$(dpkg-query -W -f '${Status} ${Version}\n' 'libcudart[0-9]*' 2>/dev/null | sed -n 's/^.* installed \([0-9]*\.[0-9]*\)\..*/\1/p' | head -n 1)
    printf '%s\n' "${release:-unknown}"
}

# header_release FOLDER: the CUDA release of the runtime's header there, as 12040 for 12.4; empty when it is not there.
header_release() {
    [ ! -r "$1/cuda_runtime_api.h" ] || sed -n 's/^#define *CUDART_VERSION *\([0-9]*\).*/\1/p' "$1/cuda_runtime_api.h" | head -n 1
}

# cuda_folders FOLDER: folders that may hold CUDA's headers: what the user names, toolkits, the wheels beside torch (one a library
# for CUDA 12, nvidia/cu13 for 13), a conda environment, Debian's packages, and the copy that Triton brings.
cuda_folders() {
    nvcc=$(command -v nvcc 2>/dev/null) && nvcc=$(readlink -f "$nvcc") || nvcc=/nonexistent/bin/nvcc
    for folder in ${CUDA_HOME:+"$CUDA_HOME/include"} ${CUDA_PATH:+"$CUDA_PATH/include"} "$1"/../nvidia/*/include \
        /usr/local/cuda/include /usr/local/cuda-*/include "${nvcc%/bin/nvcc}/include" "${nvcc%/bin/nvcc}"/targets/*/include \
        "$1"/../../../../include "$1"/../../../../targets/*/include /usr/include "$1"/../triton/backends/nvidia/include; do
        [ ! -d "$folder" ] || (cd "$folder" && pwd -P)
    done
}

# cuda_includes FOLDER CUDA: folders, joined by colons, that hold the runtime's headers, of the same major release as libtorch: the
# structures of another differ. They include crt/, which the wheels of CUDA 13 have in a package of its own. Empty when some are missing.
cuda_includes() {
    runtime='' crt=''
    while read -r folder; do
        if [ -z "$runtime" ]; then
            release=$(header_release "$folder")
            case $2 in
                unknown) [ -z "$release" ] || runtime=$folder ;;
                *) [ "${release:+$((release / 1000))}" != "${2%%.*}" ] || runtime=$folder ;;
            esac
        fi
        [ -n "$crt" ] || [ ! -r "$folder/crt/host_defines.h" ] || crt=$folder
    done <<EOF
$(cuda_folders "$1")
EOF
    [ -n "$runtime" ] && [ -n "$crt" ] || return 0
    [ ! -r "$runtime/crt/host_defines.h" ] || crt=$runtime
    if [ "$crt" = "$runtime" ]; then printf '%s\n' "$runtime"; else printf '%s:%s\n' "$runtime" "$crt"; fi
}

# cxx11_abi FOLDER LIBRARIES: 1 when std::string has its current layout there; wheels of PyTorch before 2.7 mostly have the old one.
# The library's own symbols say it best, then what CMake is told.
cxx11_abi() {
    if grep -aq '_ZN3c105ErrorC[12]ENS_14SourceLocationESs' "$2/libc10.so"; then
        echo 0
    elif grep -aq '_ZN3c105ErrorC[12]ENS_14SourceLocationENSt7__cxx11' "$2/libc10.so"; then
        echo 1
    elif grep -qs '_GLIBCXX_USE_CXX11_ABI=0' "$1/share/cmake/Torch/TorchConfig.cmake"; then
        echo 0
    else
        echo 1
    fi
}

# describe FOLDER SOURCE: all that a build needs to know. Fails when something is missing there.
describe() {
    has_headers "$1" && libraries=$(library_folder "$1") || return 1
    version=$(version_of "$1")
    [ "$2" != debian ] || version=$(dpkg-query -W -f '${Version}' "$(debian_package)" | sed 's/[+-].*//')
    cuda=$(cuda_of "$1" "$libraries" "$version")
    echo "folder=$1"
    echo "libraries=$libraries"
    echo "version=$version"
    echo "cuda=$cuda"
    echo "cuda_includes=${cuda:+$(cuda_includes "$1" "$cuda")}"
    echo "abi=$(cxx11_abi "$1" "$libraries")"
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
if [ -e /usr/include/ATen/ATen.h ] && debian_package > /dev/null; then
    describe /usr debian && exit 0
fi
IFS='
'
for package in $packages; do
    unset IFS
    describe "$package" python-cpu && exit 0
done
exit 1
