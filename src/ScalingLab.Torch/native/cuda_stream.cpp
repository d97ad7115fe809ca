// Streams and events. A stream is named by libtorch's id of it on its device; streams come from libtorch's pools and are never
// freed. Events are CUDA's own.
#include "cuda.h"

#ifdef SCALINGLAB_CUDA
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace {

c10::cuda::CUDAStream stream_of(int32_t device, int64_t id) {
  c10::Device on(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(device));
  return c10::cuda::CUDAStream(c10::Stream(c10::Stream::UNSAFE, on, id));
}

cudaEvent_t event_of(void* event) { return static_cast<cudaEvent_t>(event); }

}  // namespace
#endif

SL_API int sl_cuda_stream_from_pool(int32_t device, int32_t high_priority, int64_t* id) {
  return SL_CUDA(*id = c10::cuda::getStreamFromPool(high_priority != 0, static_cast<c10::DeviceIndex>(device)).id(););
}

SL_API int sl_cuda_stream_default(int32_t device, int64_t* id) {
  return SL_CUDA(*id = c10::cuda::getDefaultCUDAStream(static_cast<c10::DeviceIndex>(device)).id(););
}

SL_API int sl_cuda_stream_current(int32_t device, int64_t* id) {
  return SL_CUDA(*id = c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device)).id(););
}

// Makes a stream, and its device, current on this thread.
SL_API int sl_cuda_stream_set(int32_t device, int64_t id) {
  return SL_CUDA(
      c10::cuda::set_device(static_cast<c10::DeviceIndex>(device));
      c10::cuda::setCurrentCUDAStream(stream_of(device, id)););
}

SL_API int sl_cuda_stream_synchronize(int32_t device, int64_t id) { return SL_CUDA(stream_of(device, id).synchronize();); }

SL_API int sl_cuda_stream_done(int32_t device, int64_t id, int32_t* done) { return SL_CUDA(*done = stream_of(device, id).query() ? 1 : 0;); }

// What is put on the stream from here on starts only when the event has happened.
SL_API int sl_cuda_stream_wait(int32_t device, int64_t id, void* event) {
  return SL_CUDA(
      c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
      C10_CUDA_CHECK(cudaStreamWaitEvent(stream_of(device, id).stream(), event_of(event), 0)););
}

SL_API int sl_cuda_event_new(int32_t device, int32_t timed, void** event) {
  return SL_CUDA(
      c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
      cudaEvent_t made = nullptr;
      C10_CUDA_CHECK(cudaEventCreateWithFlags(&made, timed != 0 ? cudaEventDefault : cudaEventDisableTiming));
      *event = made;);
}

SL_API void sl_cuda_event_free(void* event) {
#ifdef SCALINGLAB_CUDA
  (void)cudaEventDestroy(event_of(event));
#else
  (void)event;
#endif
}

SL_API int sl_cuda_event_record(void* event, int32_t device, int64_t id) {
  return SL_CUDA(
      c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
      C10_CUDA_CHECK(cudaEventRecord(event_of(event), stream_of(device, id).stream())););
}

SL_API int sl_cuda_event_synchronize(void* event) { return SL_CUDA(C10_CUDA_CHECK(cudaEventSynchronize(event_of(event)));); }

SL_API int sl_cuda_event_milliseconds(void* start, void* end, float* milliseconds) {
  return SL_CUDA(C10_CUDA_CHECK(cudaEventElapsedTime(milliseconds, event_of(start), event_of(end))););
}
