// Multiplies the gradients of each model by a factor that lies on the device. Where it is 1, as for a sum of losses, nothing is read.
#pragma once
#include "device.cuh"

template <typename T>
__device__ void scale(const ScaleArguments& a) {
  const float factor = a.factors[blockIdx.y];
  if (factor == 1) return;
  T* values = static_cast<T*>(a.values) + blockIdx.y * a.count;
  const long long share = (a.count + gridDim.x - 1) / gridDim.x, first = blockIdx.x * share;
  if (first >= a.count) return;
  over_row(values + first, share < a.count - first ? share : a.count - first, [&](T* at, auto count) {
    constexpr int n = decltype(count)::value;
    const Vector<T, n> x = vector_at<n>(at);
    Vector<T, n> scaled;
    for (int i = 0; i < n; i++) round_to(scaled.element[i], to_float(x.element[i]) * factor);
    vector_at<n>(at) = scaled;
  });
}

KERNEL(scale_f32, ScaleArguments) { scale<float>(a); }
KERNEL(scale_bf16, ScaleArguments) { scale<bf16>(a); }
