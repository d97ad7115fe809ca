// The kernels of each device, and their launch.
#include "cuda_kernels.h"
#include "shim.h"

#include <c10/core/DeviceGuard.h>
#ifdef SCALINGLAB_CUDA
#include <c10/cuda/CUDAStream.h>
#endif

#include <limits>
#include <map>
#include <mutex>

namespace {

using LaunchKernel = int (*)(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                             unsigned shared_bytes, void* stream, void** arguments, void** extra);

struct DeviceKernels {
  LaunchKernel launch = nullptr;
  std::map<std::string, void*> functions;
};

constexpr int32_t kCpu = -1;

std::mutex guard;
std::map<int32_t, DeviceKernels> by_device;

int32_t index_of(const c10::Device& device) { return device.is_cpu() ? kCpu : device.index(); }

void* current_stream(const c10::Device& device) {
#ifdef SCALINGLAB_CUDA
  if (device.is_cuda()) return c10::cuda::getCurrentCUDAStream(device.index()).stream();
#endif
  TORCH_CHECK(device.is_cpu(), "the engine is built without CUDA's headers, and its kernels need a stream");
  return nullptr;
}

}  // namespace

// `device` is -1 for the CPU. A name that is there already gets the new function.
SL_API int sl_cuda_kernel_set(int32_t device, const char* name, void* function, void* launch) {
  return sl::guarded([&] {
    TORCH_CHECK(function != nullptr && launch != nullptr, "no function for ", name);
    std::lock_guard<std::mutex> lock(guard);
    DeviceKernels& kernels = by_device[device];
    kernels.launch = reinterpret_cast<LaunchKernel>(launch);
    kernels.functions[name] = function;
  });
}

void sl::launch(const Tensor& on, const std::string& kernel, Grid grid, int64_t threads, int64_t shared_bytes, const void* arguments) {
  if (grid.x == 0 || grid.y == 0) return;
  TORCH_CHECK(grid.x <= std::numeric_limits<int32_t>::max() && grid.y <= 65535, kernel, ": a grid of ", grid.x, " by ", grid.y, " blocks is too large");
  c10::DeviceGuard current(on.device());
  DeviceKernels* kernels = nullptr;
  void* function = nullptr;
  {
    std::lock_guard<std::mutex> lock(guard);
    auto found = by_device.find(index_of(on.device()));
    TORCH_CHECK(found != by_device.end(), "our own kernels are not loaded for ", on.device());
    kernels = &found->second;
    auto named = kernels->functions.find(kernel);
    TORCH_CHECK(named != kernels->functions.end(), "there is no kernel ", kernel);
    function = named->second;
  }
  void* parameters[] = {const_cast<void*>(arguments)};
  int status = kernels->launch(function, static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y), 1, static_cast<unsigned>(threads), 1, 1,
                               static_cast<unsigned>(shared_bytes), current_stream(on.device()), parameters, nullptr);
  TORCH_CHECK(status == 0, kernel, " was not launched: error ", status, " of the CUDA driver");
}

std::string sl::kernel_of(const char* name, const Tensor& elements) {
  bool whole = elements.scalar_type() == at::kFloat;
  TORCH_CHECK(whole || elements.scalar_type() == at::kBFloat16, name, " takes float32 and bfloat16, not ", elements.scalar_type());
  return std::string(name) + (whole ? "_f32" : "_bf16");
}

at::Tensor sl::aligned(const Tensor& tensor) {
  Tensor whole = tensor.contiguous();
  return reinterpret_cast<uintptr_t>(whole.data_ptr()) % 16 == 0 ? whole : whole.clone();
}
