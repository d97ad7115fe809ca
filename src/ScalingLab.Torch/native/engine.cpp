// What is process-wide in libtorch: threads, random state, devices, version.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>
#if __has_include(<torch/version.h>)
#include <torch/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include <mutex>

SL_API const char* sl_libtorch_version() { return TORCH_VERSION; }

SL_API int sl_set_num_threads(int32_t threads) {
  return sl::guarded([&] { at::set_num_threads(threads); });
}

SL_API int32_t sl_get_num_threads() { return at::get_num_threads(); }

SL_API int sl_build_configuration(const char** text) {
  return sl::guarded([&] {
    static const std::string configuration = at::show_config();
    *text = configuration.c_str();
  });
}

SL_API int sl_manual_seed(int64_t seed) {
  return sl::guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

SL_API int sl_get_rng_state(Handle* state) {
  return sl::guarded([&] {
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    *state = new at::Tensor(generator.get_state());
  });
}

SL_API int sl_set_rng_state(Handle state) {
  return sl::guarded([&] {
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(*state);
  });
}

SL_API int32_t sl_cuda_device_count() {
  try {
    return static_cast<int32_t>(torch::cuda::device_count());
  } catch (...) {
    return 0;  // a driver that does not answer is no device
  }
}

SL_API int sl_cuda_synchronize(int64_t index) {
  return sl::guarded([&] { torch::cuda::synchronize(index); });
}
