// What the kernels share: element types, vectors of 16 bytes, sums over a warp. Sums are float32 whatever the element type.
#pragma once
#include "arguments.h"

#ifndef INFINITY  // of math.h, which NVRTC has not
#define INFINITY __int_as_float(0x7f800000)
#define NAN __int_as_float(0x7fffffff)
#endif

// The emulator of the tests defines both for the CPU.
#ifndef KERNEL
#define KERNEL(name, Arguments) extern "C" __global__ void name(const Arguments a)
#define SHARED_MEMORY(name) extern __shared__ float name[]
#endif

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffffu;
constexpr float kLog2OfE = 1.44269504088896340736f;

// bfloat16 by its bits: the upper half of a float32. CUDA's header for it is not everywhere.
struct bf16 {
  unsigned short bits;
};

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(bf16 value) { return __uint_as_float(static_cast<unsigned>(value.bits) << 16); }

__device__ inline void round_to(float& to, float value) { to = value; }

// To nearest, ties to even; a NaN stays one.
__device__ inline void round_to(bf16& to, float value) {
  unsigned bits = __float_as_uint(value);
  unsigned rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  to.bits = static_cast<unsigned short>((value == value ? rounded : bits | 0x400000u) >> 16);
}

// n elements that are loaded and stored at once: in one instruction where they are copied whole, so kernels work on copies.
template <typename T, int n>
struct alignas(n * sizeof(T)) Vector {
  T element[n];
};

template <typename T>
constexpr int kLanes = 16 / sizeof(T);

template <int n>
struct Count {
  static constexpr int value = n;
};

// Calls body(pointer, Count<n>) for all elements of a row, a share of them a thread: single ones up to the first multiple of 16 bytes and
// after the last, vectors between. Rows of an odd length begin anywhere.
template <typename T, typename Body>
__device__ void over_row(T* row, long long count, Body body) {
  constexpr int n = kLanes<T>;
  const long long before = static_cast<long long>((16 - (reinterpret_cast<unsigned long long>(row) & 15)) & 15) / static_cast<int>(sizeof(T));
  const long long head = before < count ? before : count, vectors = (count - head) / n, tail = head + vectors * n;
  for (long long i = threadIdx.x; i < head; i += blockDim.x) body(row + i, Count<1>{});
  for (long long i = threadIdx.x; i < vectors; i += blockDim.x) body(row + head + i * n, Count<n>{});
  for (long long i = tail + threadIdx.x; i < count; i += blockDim.x) body(row + i, Count<1>{});
}

template <int n, typename T>
__device__ Vector<T, n>& vector_at(T* pointer) {
  return *reinterpret_cast<Vector<T, n>*>(pointer);
}

template <int n, typename T>
__device__ const Vector<T, n>& vector_at(const T* pointer) {
  return *reinterpret_cast<const Vector<T, n>*>(pointer);
}

// The sum over the lanes of a warp, in all of them.
__device__ inline float warp_sum(float value) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) value += __shfl_xor_sync(kAllLanes, value, offset);
  return value;
}
