// Generators of random numbers beside the default ones: one a purpose, each with a seed and a state of its own.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>
#ifdef SCALINGLAB_CUDA
#include <ATen/cuda/CUDAGeneratorImpl.h>
#endif

namespace {

at::Generator made(const c10::Device& device, uint64_t seed) {
  if (device.is_cpu()) return at::detail::createCPUGenerator(seed);
#ifdef SCALINGLAB_CUDA
  if (device.is_cuda()) {
    at::Generator generator = at::cuda::detail::createCUDAGenerator(device.index());
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
    return generator;
  }
#endif
  TORCH_CHECK(false, "no random generator for ", device, " in this engine");
}

}  // namespace

SL_API int sl_generator_new(const char* device, int64_t seed, void** generator) {
  return sl::guarded([&] { *generator = new at::Generator(made(c10::Device(std::string(device)), static_cast<uint64_t>(seed))); });
}

SL_API void sl_generator_free(void* generator) { delete static_cast<at::Generator*>(generator); }

SL_API int sl_generator_seed(void* generator, int64_t seed) {
  return sl::guarded([&] {
    at::Generator& of = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(of.mutex());
    of.set_current_seed(static_cast<uint64_t>(seed));
  });
}

SL_API int sl_generator_get_state(void* generator, Handle* state) {
  return sl::guarded([&] {
    at::Generator& of = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(of.mutex());
    *state = new at::Tensor(of.get_state());
  });
}

SL_API int sl_generator_set_state(void* generator, Handle state) {
  return sl::guarded([&] {
    at::Generator& of = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(of.mutex());
    of.set_state(*state);
  });
}
