// Runs the CUDA kernels of the engine on a CPU: each thread of a block is a fibre, which runs until a barrier or a shuffle and waits there
// for the others. Blocks run one after another, and a warp runs as far as it can before the next: what one reads that another has still to
// write is then not there. emulated_reverse(1) starts from the last warp and lane, so that either order of two warps is seen. A barrier
// that not all threads reach and a shuffle that not all lanes reach are errors.
#pragma once
#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

struct EmulatedIndex {
  unsigned x = 0, y = 0, z = 0;
};

namespace emulator {

constexpr unsigned kLanesOfWarp = 32;
constexpr size_t kStackBytes = 64 << 10;
constexpr int kDeadlock = 10001, kTooManyThreads = 10002;  // no errors of CUDA's

enum class Wait { nothing, warp, block, ended };

struct Thread {
  ucontext_t context;
  std::vector<char> stack = std::vector<char>(kStackBytes);
  Wait wait = Wait::nothing;
  unsigned shuffles = 0;
};

struct Block {
  std::vector<Thread> threads;
  ucontext_t scheduler;
  unsigned current = 0;
  std::vector<float> shared;
  std::vector<float> deposited;  // (2, threads): what lanes show one another, of even and odd shuffles
  void (*kernel)(const void*) = nullptr;
  const void* arguments = nullptr;
};

inline bool reverse = false;
inline thread_local Block block;
inline thread_local EmulatedIndex thread_index, block_index, block_size, grid_size;

inline void wait_for(Wait what) {
  Thread& self = block.threads[block.current];
  self.wait = what;
  swapcontext(&self.context, &block.scheduler);
}

inline float shuffle(unsigned mask, float value, unsigned lane_mask) {
  if (mask != 0xffffffffu) abort();  // the kernels always name all lanes
  const unsigned self = block.current, size = block_size.x;
  float* shown = block.deposited.data() + (block.threads[self].shuffles++ & 1) * size;
  shown[self] = value;
  wait_for(Wait::warp);
  return shown[self ^ lane_mask];
}

inline void run_thread() {
  block.kernel(block.arguments);
  wait_for(Wait::ended);
}

// Lets threads from `first` to before `last` go on that wait for what all of them wait for; those that have ended count only at a barrier.
inline bool release(unsigned first, unsigned last, Wait what) {
  unsigned arrived = 0, ended = 0;
  for (unsigned i = first; i < last; i++) {
    arrived += block.threads[i].wait == what;
    ended += block.threads[i].wait == Wait::ended;
  }
  if (arrived == 0 || arrived + (what == Wait::block ? ended : 0) != last - first) return false;
  for (unsigned i = first; i < last; i++)
    if (block.threads[i].wait == what) block.threads[i].wait = Wait::nothing;
  return true;
}

// Runs the lanes of a warp, over its shuffles, until none can go on by itself.
inline void run_warp(unsigned first) {
  do {
    for (unsigned i = 0; i < kLanesOfWarp; i++) {
      block.current = first + (reverse ? kLanesOfWarp - 1 - i : i);
      Thread& thread = block.threads[block.current];
      if (thread.wait != Wait::nothing) continue;
      thread_index.x = block.current;
      swapcontext(&block.scheduler, &thread.context);
    }
  } while (release(first, first + kLanesOfWarp, Wait::warp));
}

inline int run_block() {
  const unsigned size = block_size.x;
  for (Thread& thread : block.threads) {
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.data();
    thread.context.uc_stack.ss_size = kStackBytes;
    thread.context.uc_link = nullptr;
    thread.wait = Wait::nothing;
    thread.shuffles = 0;
    makecontext(&thread.context, run_thread, 0);
  }
  std::memset(block.shared.data(), 0xff, block.shared.size() * sizeof(float));  // NaN: shared memory begins undefined
  do {
    for (unsigned first = 0; first < size; first += kLanesOfWarp) run_warp(reverse ? size - kLanesOfWarp - first : first);
  } while (release(0, size, Wait::block));
  for (const Thread& thread : block.threads)
    if (thread.wait != Wait::ended) return kDeadlock;
  return 0;
}

}  // namespace emulator

#define __global__
#define __device__
#define __shared__ static thread_local
#define threadIdx emulator::thread_index
#define blockIdx emulator::block_index
#define blockDim emulator::block_size
#define gridDim emulator::grid_size
#define __syncthreads() emulator::wait_for(emulator::Wait::block)
#define __syncwarp() emulator::shuffle(0xffffffffu, 0, 0)
#define __shfl_xor_sync(mask, value, lane_mask) emulator::shuffle(mask, value, lane_mask)

#define KERNEL(name, Arguments)                                                                       \
  static void name##_body(const Arguments& a);                                                        \
  extern "C" void name(const void* arguments) { name##_body(*static_cast<const Arguments*>(arguments)); } \
  static void name##_body(const Arguments& a)
#define SHARED_MEMORY(name) float* name = emulator::block.shared.data()

inline float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

extern "C" void emulated_reverse(int on) { emulator::reverse = on != 0; }

// As cuLaunchKernel. `function` is one of the kernels below it.
extern "C" int emulated_launch(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                               unsigned shared_bytes, void*, void** arguments, void**) {
  using namespace emulator;
  if (block_x == 0 || block_x > 1024 || block_x % kLanesOfWarp != 0 || block_y != 1 || block_z != 1 || grid_z != 1 || grid_y > 65535 || shared_bytes > 48 << 10)
    return kTooManyThreads;
  block_size.x = block_x;
  grid_size.x = grid_x;
  grid_size.y = grid_y;
  block.threads.resize(block_x);
  block.shared.resize((shared_bytes + sizeof(float) - 1) / sizeof(float));
  block.deposited.resize(2 * block_x);
  block.kernel = reinterpret_cast<void (*)(const void*)>(function);
  block.arguments = arguments[0];
  for (block_index.y = 0; block_index.y < grid_y; block_index.y++)
    for (block_index.x = 0; block_index.x < grid_x; block_index.x++)
      if (int status = run_block()) return status;
  return 0;
}
