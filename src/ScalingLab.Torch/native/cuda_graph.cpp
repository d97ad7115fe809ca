// CUDA graphs: what a stream is given between begin and end is recorded instead of run, and replayed as one.
// libtorch's class of that name also gives the recorded tensors a memory pool of their own and keeps random numbers moving.
#include "cuda.h"

#ifdef SCALINGLAB_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <c10/cuda/CUDAFunctions.h>

namespace {

using at::cuda::CUDAGraph;
using Pool = decltype(std::declval<CUDAGraph&>().pool());

CUDAGraph& graph_of(void* graph) { return *static_cast<CUDAGraph*>(graph); }

// 1.13 has no capture mode: it always captures globally.
template <typename Graph>
auto begin(Graph& graph, Pool pool, int32_t mode, int) -> decltype(graph.capture_begin(pool, cudaStreamCaptureModeGlobal)) {
  graph.capture_begin(pool, static_cast<cudaStreamCaptureMode>(mode));
}
template <typename Graph>
void begin(Graph& graph, Pool pool, int32_t mode, long) {
  (void)mode;
  graph.capture_begin(pool);
}

// From 2.4 on a generator tells the graph of itself. Later ones need not be told: they note a capture when they are first used
// in it. Before 2.4 only the default one was followed.
template <typename Generator, typename Graph>
auto follow(Generator& generator, Graph& graph, int) -> decltype(generator.register_graph(&graph)) {
  generator.register_graph(&graph);
}
template <typename State, typename = decltype(&State::init_capture_state)>
constexpr bool notes_captures(int) {
  return true;
}
template <typename State>
constexpr bool notes_captures(long) {
  return false;
}
#if __has_include(<ATen/cuda/PhiloxCudaState.h>)  // 2.x
constexpr bool kNotesCaptures = notes_captures<at::CUDAGeneratorState>(0);
#else
constexpr bool kNotesCaptures = false;
#endif
template <typename Generator, typename Graph>
void follow(Generator&, Graph&, long) {
  TORCH_CHECK(kNotesCaptures, "this libtorch follows only the default generator through a graph; 2.4 and later follow others");
}

}  // namespace
#endif

SL_API int sl_cuda_graph_new(void** graph) { return SL_CUDA(*graph = new CUDAGraph();); }

// Waits for the device: what was replayed may still run.
SL_API void sl_cuda_graph_free(void* graph) {
#ifdef SCALINGLAB_CUDA
  (void)sl::guarded([&] {
    c10::cuda::device_synchronize();
    delete static_cast<CUDAGraph*>(graph);
  });
#else
  (void)graph;
#endif
}

// A pool that several graphs may share: they must then be replayed in the order of their capture, never at once.
SL_API int sl_cuda_graph_pool_new(uint64_t* pool) {
  return SL_CUDA(
      const Pool made = at::cuda::graph_pool_handle();
      pool[0] = made.first;
      pool[1] = made.second;);
}

SL_API int sl_cuda_graph_pool(void* graph, uint64_t* pool) {
  return SL_CUDA(
      const Pool held = graph_of(graph).pool();
      pool[0] = held.first;
      pool[1] = held.second;);
}

// On the current stream, which must not be the default one. `mode` as cudaStreamCaptureMode: 0 global, 1 this thread, 2 relaxed.
SL_API int sl_cuda_graph_begin(void* graph, const uint64_t* pool, int32_t mode) {
  return SL_CUDA(begin(graph_of(graph), Pool(pool[0], pool[1]), mode, 0););
}

// On the stream and the thread that began.
SL_API int sl_cuda_graph_end(void* graph) { return SL_CUDA(graph_of(graph).capture_end();); }

// On the current stream; returns before the device is done.
SL_API int sl_cuda_graph_replay(void* graph) { return SL_CUDA(graph_of(graph).replay();); }

SL_API int sl_cuda_graph_reset(void* graph) { return SL_CUDA(graph_of(graph).reset();); }

// Before the capture: random numbers drawn from the generator inside it are then new in every replay.
SL_API int sl_cuda_graph_follow(void* graph, void* generator) {
  return SL_CUDA(
      auto* implementation = static_cast<at::Generator*>(generator)->get<at::CUDAGeneratorImpl>();
      follow(*implementation, graph_of(graph), 0););
}
