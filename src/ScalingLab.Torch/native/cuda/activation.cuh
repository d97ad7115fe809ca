// Activations of an MLP and their derivatives, element by element in one pass each; the arguments are kept, nothing else is.
#pragma once
#include "device.cuh"

// x Φ(x). Hendrycks and Gimpel 2016, arXiv:1606.08415, Eq. 2 (the exact form).
struct Gelu {
  static constexpr bool gated = false;
  __device__ static float distribution(float x) { return 0.5f * erfcf(-0.70710678118654752440f * x); }
  __device__ static float of(float x, float) { return x * distribution(x); }
  __device__ static float slope(float x, float) { return distribution(x) + x * 0.39894228040143267794f * expf(-0.5f * x * x); }
  __device__ static float gate_slope(float, float) { return 0; }
};

// max(x, 0)². So et al. 2021 (Primer), arXiv:2109.08668, Sec. 4.2.
struct Relu2 {
  static constexpr bool gated = false;
  __device__ static float of(float x, float) { return x < 0 ? 0 : x * x; }
  __device__ static float slope(float x, float) { return x < 0 ? 0 : 2 * x; }
  __device__ static float gate_slope(float, float) { return 0; }
};

// gate σ(gate) · x. Shazeer 2020, arXiv:2002.05202, Eq. 5.
struct SwiGlu {
  static constexpr bool gated = true;
  __device__ static float sigmoid(float g) { return 1 / (1 + expf(-g)); }
  __device__ static float of(float x, float g) { return g * sigmoid(g) * x; }
  __device__ static float slope(float, float g) { return g * sigmoid(g); }
  __device__ static float gate_slope(float x, float g) { return x * sigmoid(g) * (1 + g * (1 - sigmoid(g))); }
};

// Calls body(first, Count<n>) for all elements, spread over the grid: vectors, and single ones after the last.
template <typename T, typename Body>
__device__ void over_all(long long count, Body body) {
  constexpr int n = kLanes<T>;
  const long long vectors = count / n, threads = static_cast<long long>(gridDim.x) * blockDim.x;
  const long long thread = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  for (long long i = thread; i < vectors; i += threads) body(i * n, Count<n>{});
  for (long long i = vectors * n + thread; i < count; i += threads) body(i, Count<1>{});
}

template <typename Function, typename T>
__device__ void activate(const ActivationArguments& a) {
  over_all<T>(a.count, [&](long long first, auto count) {
    constexpr int n = decltype(count)::value;
    const auto x = vector_at<n>(static_cast<const T*>(a.x) + first);
    const auto gate = Function::gated ? vector_at<n>(static_cast<const T*>(a.gate) + first) : x;
    Vector<T, n> y;
    for (int i = 0; i < n; i++) round_to(y.element[i], Function::of(to_float(x.element[i]), to_float(gate.element[i])));
    vector_at<n>(static_cast<T*>(a.y) + first) = y;
  });
}

template <typename Function, typename T>
__device__ void activate_backward(const ActivationArguments& a) {
  over_all<T>(a.count, [&](long long first, auto count) {
    constexpr int n = decltype(count)::value;
    const auto x = vector_at<n>(static_cast<const T*>(a.x) + first), dy = vector_at<n>(static_cast<const T*>(a.dy) + first);
    const auto gate = Function::gated ? vector_at<n>(static_cast<const T*>(a.gate) + first) : x;
    Vector<T, n> dx, dgate;
    for (int i = 0; i < n; i++) {
      const float outer = to_float(dy.element[i]), xi = to_float(x.element[i]), gi = to_float(gate.element[i]);
      round_to(dx.element[i], outer * Function::slope(xi, gi));
      round_to(dgate.element[i], outer * Function::gate_slope(xi, gi));
    }
    vector_at<n>(static_cast<T*>(a.dx) + first) = dx;
    if (Function::gated) vector_at<n>(static_cast<T*>(a.dgate) + first) = dgate;
  });
}

#define ACTIVATION(name, Function)                                                                \
  KERNEL(name##_f32, ActivationArguments) { activate<Function, float>(a); }                       \
  KERNEL(name##_bf16, ActivationArguments) { activate<Function, bf16>(a); }                       \
  KERNEL(name##_backward_f32, ActivationArguments) { activate_backward<Function, float>(a); }     \
  KERNEL(name##_backward_bf16, ActivationArguments) { activate_backward<Function, bf16>(a); }

ACTIVATION(gelu, Gelu)
ACTIVATION(relu2, Relu2)
ACTIVATION(swiglu, SwiGlu)
