// What the CUDA part of the shim shares. It is compiled where build-native.sh finds a libtorch with CUDA and the CUDA headers
// (SCALINGLAB_CUDA); everywhere else the same functions exist and fail with a reason. Only libtorch's and CUDA's runtime
// headers are used: a PyTorch from pip brings no more. CUDA's runtime itself is not linked: libtorch_cuda brings the one it uses.
#pragma once
#ifdef SCALINGLAB_CUDA
#include "shim.h"
#else
#include "abi.h"
#endif

namespace sl {

#ifdef SCALINGLAB_CUDA
// Starts CUDA in this process when nothing has yet; throws libtorch's own words where no device answers.
inline void start_cuda() {
  static const bool started = [] { return at::empty({0}, at::TensorOptions().device(at::kCUDA)).defined(); }();
  (void)started;
}
#define SL_CUDA(...)          \
  sl::guarded([&] {           \
    sl::start_cuda();         \
    __VA_ARGS__               \
  })
#else
inline int without_cuda() noexcept {
  set_error("the engine is built without CUDA; with a PyTorch that has CUDA and the CUDA headers, ./scripts/setup.sh --engine builds it in");
  return 1;
}
#define SL_CUDA(...) sl::without_cuda()
#endif

}  // namespace sl
