// Queries, keys and values out of their packed product: queries and keys are divided by their root mean square where that is asked for,
// and rotated (Su et al. 2021, arXiv:2104.09864, Eq. 34, in pairs (i, i + width / 2)); values are copied. One pass forward, one back.
#pragma once
#include "device.cuh"

// One vector of a head, which a warp takes.
struct Head {
  bool valid, rotates;
  int lane, half;
  long long packed, split;  // first element in the packed tensor, and in q, k or v
  int which;                // 0 query, 1 key, 2 value
  const float *cosines, *sines;

  __device__ explicit Head(const HeadsArguments& a) {
    lane = threadIdx.x % kWarp;
    half = a.width / 2;
    const long long vector = blockIdx.x * static_cast<long long>(blockDim.x / kWarp) + threadIdx.x / kWarp;
    valid = vector < a.vectors;
    const long long token = vector / (3 * a.heads);
    const int head = static_cast<int>(vector % (3 * a.heads));
    which = head / a.heads;
    packed = vector * a.width;
    split = (token * a.heads + head % a.heads) * a.width;
    rotates = which < 2 && a.cosines != nullptr;
    cosines = rotates ? a.cosines + token % a.tokens * half : nullptr;
    sines = rotates ? a.sines + token % a.tokens * half : nullptr;
  }

  // Element c of the vector turned by its angles (sign 1) or back (sign -1).
  template <typename Element>
  __device__ float turned(int c, float sign, Element element) const {
    if (!rotates) return element(c);
    const bool first = c < half;
    const int angle = first ? c : c - half, partner = first ? c + half : c - half;
    return element(c) * cosines[angle] + (first ? -sign : sign) * element(partner) * sines[angle];
  }

  template <typename T>
  __device__ float inverse_root_mean_square(const T* x, const HeadsArguments& a) const {
    if (which == 2 || a.epsilon < 0) return 1;
    float squares = 0;
    for (int c = lane; c < a.width; c += kWarp) squares += to_float(x[c]) * to_float(x[c]);
    return 1 / sqrtf(warp_sum(squares) / a.width + a.epsilon);
  }
};

template <typename T>
__device__ void split_heads(const HeadsArguments& a) {
  const Head head(a);
  if (!head.valid) return;  // the whole warp
  const T* x = static_cast<const T*>(a.packed) + head.packed;
  T* to = static_cast<T*>(head.which == 0 ? a.q : head.which == 1 ? a.k : a.v) + head.split;
  const float inverse = head.inverse_root_mean_square(x, a);
  for (int c = head.lane; c < a.width; c += kWarp) round_to(to[c], head.turned(c, 1, [&](int i) { return to_float(x[i]) * inverse; }));
}

template <typename T>
__device__ void split_heads_backward(const HeadsArguments& a) {
  const Head head(a);
  if (!head.valid) return;
  const T* from = static_cast<const T*>(head.which == 0 ? a.q : head.which == 1 ? a.k : a.v) + head.split;
  T* dx = static_cast<T*>(a.dpacked) + head.packed;
  auto outer = [&](int c) { return head.turned(c, -1, [&](int i) { return to_float(from[i]); }); };
  const bool normed = head.which < 2 && a.epsilon >= 0;
  if (!normed) {
    for (int c = head.lane; c < a.width; c += kWarp) round_to(dx[c], outer(c));
    return;
  }
  const T* x = static_cast<const T*>(a.packed) + head.packed;
  const float inverse = head.inverse_root_mean_square(x, a);
  float along = 0;
  for (int c = head.lane; c < a.width; c += kWarp) along += outer(c) * to_float(x[c]) * inverse;
  const float mean_along = warp_sum(along) / a.width;
  for (int c = head.lane; c < a.width; c += kWarp) round_to(dx[c], (outer(c) - to_float(x[c]) * inverse * mean_along) * inverse);
}

KERNEL(split_heads_f32, HeadsArguments) { split_heads<float>(a); }
KERNEL(split_heads_bf16, HeadsArguments) { split_heads<bf16>(a); }
KERNEL(split_heads_backward_f32, HeadsArguments) { split_heads_backward<float>(a); }
KERNEL(split_heads_backward_bf16, HeadsArguments) { split_heads_backward<bf16>(a); }
