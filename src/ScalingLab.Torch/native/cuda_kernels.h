// Our own kernels for NVIDIA GPUs (cuda/), as operators launch them. They are compiled where they run: the program gives the shim what the
// driver made of them, and the address of cuLaunchKernel. Tests give it an emulator's for tensors of the CPU in the same way.
#pragma once
#include "cuda/arguments.h"
#include "operators.h"

namespace sl {

struct Grid {
  int64_t x, y;
};

constexpr int64_t kWarpThreads = 32;
constexpr int64_t kBlockThreads = 256;

// Puts a kernel on the current stream of the tensor's device; does not wait. `arguments` is the structure that it takes.
void launch(const Tensor& on, const std::string& kernel, Grid grid, int64_t threads, int64_t shared_bytes, const void* arguments);

// NAME_f32 or NAME_bf16, as the tensor's elements are.
std::string kernel_of(const char* name, const Tensor& elements);

// Contiguous, from a multiple of 16 bytes on.
Tensor aligned(const Tensor& tensor);

inline void check_alike(const Tensor& tensor, const Tensor& like, const char* name) {
  TORCH_CHECK(tensor.device() == like.device(), name, " is on ", tensor.device(), ", and the first operand on ", like.device());
}

inline int64_t ceiling(int64_t count, int64_t by) { return (count + by - 1) / by; }

}  // namespace sl
