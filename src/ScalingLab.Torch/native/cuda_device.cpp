// NVIDIA devices: which is current, and what they are. How many there are engine.cpp tells, also without the CUDA headers.
#include "cuda.h"

#ifdef SCALINGLAB_CUDA
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <torch/cuda.h>

#include <algorithm>
#include <cstdio>
#endif

// The CUDA release that this shim was compiled with, as 1000 * major + 10 * minor; 0 without CUDA.
SL_API int32_t sl_cuda_release() {
#ifdef SCALINGLAB_CUDA
  return CUDART_VERSION;
#else
  return 0;
#endif
}

// The release that the driver serves, counted likewise; 0 without a driver.
SL_API int32_t sl_cuda_driver_release() {
  int release = 0;
#ifdef SCALINGLAB_CUDA
  if (cudaDriverGetVersion(&release) != cudaSuccess) release = 0;
#endif
  return release;
}

SL_API int sl_cuda_current_device(int32_t* index) { return SL_CUDA(*index = c10::cuda::current_device();); }

SL_API int sl_cuda_set_device(int32_t index) { return SL_CUDA(c10::cuda::set_device(static_cast<c10::DeviceIndex>(index));); }

// Name and PCI bus ("0000:3b:00.0", by which NVML knows the device) as texts of at most 255 bytes, and: major and minor compute
// capability, multiprocessors, memory in bytes, L2 in bytes, shared memory a block may ask for in bytes, kilohertz of the
// processors and of the memory (0 where not told), bits of the memory's bus.
SL_API int sl_cuda_device(int32_t index, char* name, char* pci_bus, int64_t* facts) {
  return SL_CUDA(
      TORCH_CHECK(index >= 0 && index < static_cast<int32_t>(torch::cuda::device_count()), "there is no cuda:", index, "; devices: ", torch::cuda::device_count());
      cudaDeviceProp properties{};
      C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, index));
      std::snprintf(name, 256, "%s", properties.name);
      C10_CUDA_CHECK(cudaDeviceGetPCIBusId(pci_bus, 255, index));
      const cudaDeviceAttr asked[] = {cudaDevAttrComputeCapabilityMajor, cudaDevAttrComputeCapabilityMinor, cudaDevAttrMultiProcessorCount,
                                      cudaDevAttrL2CacheSize, cudaDevAttrMaxSharedMemoryPerBlockOptin, cudaDevAttrClockRate,
                                      cudaDevAttrMemoryClockRate, cudaDevAttrGlobalMemoryBusWidth};
      int values[8] = {};
      for (int i = 0; i < 8; i++)
        if (cudaDeviceGetAttribute(&values[i], asked[i], index) != cudaSuccess) {
          (void)cudaGetLastError();
          values[i] = 0;
        }
      std::copy(values, values + 3, facts);
      facts[3] = static_cast<int64_t>(properties.totalGlobalMem);
      std::copy(values + 3, values + 8, facts + 4););
}
