// Memory of NVIDIA devices: what libtorch's caching allocator holds, and what the device has left.
#include "cuda.h"

#ifdef SCALINGLAB_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#endif

// Bytes in tensors now and at most, bytes taken from the device now and at most, allocations that succeeded only after the cache
// was emptied, and those that failed; since the start of the process, the two maxima since their reset.
SL_API int sl_cuda_memory(int32_t device, int64_t* facts) {
  return SL_CUDA(
      const auto statistics = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
      const auto& allocated = statistics.allocated_bytes[0];  // 0: small and large blocks together
      const auto& reserved = statistics.reserved_bytes[0];
      facts[0] = allocated.current;
      facts[1] = allocated.peak;
      facts[2] = reserved.current;
      facts[3] = reserved.peak;
      facts[4] = statistics.num_alloc_retries;
      facts[5] = statistics.num_ooms;);
}

SL_API int sl_cuda_memory_reset_peaks(int32_t device) {
  return SL_CUDA(c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(device)););
}

// Bytes that no process has taken, and bytes of the device.
SL_API int sl_cuda_memory_free(int32_t device, int64_t* free, int64_t* total) {
  return SL_CUDA(
      c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
      size_t left = 0;
      size_t all = 0;
      C10_CUDA_CHECK(cudaMemGetInfo(&left, &all));
      *free = static_cast<int64_t>(left);
      *total = static_cast<int64_t>(all););
}

// Gives blocks that hold no tensor back to the device. Waits for the device; not allowed during a capture.
SL_API int sl_cuda_empty_cache() { return SL_CUDA(c10::cuda::CUDACachingAllocator::emptyCache();); }
