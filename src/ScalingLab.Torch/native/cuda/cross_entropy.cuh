// Cross-entropy of rows of logits against their targets, and the gradient in place of the logits: no second tensor of probabilities.
// The row is read twice, the second time mostly from the second-level cache, and written once.
#pragma once
#include "device.cuh"

// The largest of some numbers and the sum of exp(x - largest), which both can be had in one pass: Milakov and Gimelshein 2018,
// arXiv:1805.02867, Algorithm 3 and Eq. 4.
struct SoftmaxSum {
  float largest = -INFINITY, sum = 0;

  // Differences from it are never ∞ - ∞ for a logit of -∞.
  __device__ float base() const { return largest == -INFINITY ? 0 : largest; }

  template <typename T, int n>
  __device__ void add(const Vector<T, n> x) {
    float top = largest;
    for (int i = 0; i < n; i++) top = fmaxf(top, to_float(x.element[i]));
    add(SoftmaxSum{top, 0});
    for (int i = 0; i < n; i++) sum += exp2f((to_float(x.element[i]) - base()) * kLog2OfE);
  }

  __device__ void add(const SoftmaxSum& other) {
    const SoftmaxSum before = *this;
    largest = fmaxf(largest, other.largest);
    sum = before.sum * exp2f((before.largest - base()) * kLog2OfE) + other.sum * exp2f((other.largest - base()) * kLog2OfE);
  }

  __device__ void add_warp() {
    for (int offset = kWarp / 2; offset > 0; offset /= 2) {
      const float top = __shfl_xor_sync(kAllLanes, largest, offset);
      add(SoftmaxSum{top, __shfl_xor_sync(kAllLanes, sum, offset)});
    }
  }
};

// Of all threads of the block, in all of them.
__device__ inline SoftmaxSum over_block(SoftmaxSum mine) {
  __shared__ float largest[kWarp], sum[kWarp];  // of each warp
  const unsigned lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  mine.add_warp();
  if (lane == 0) {
    largest[warp] = mine.largest;
    sum[warp] = mine.sum;
  }
  __syncthreads();
  SoftmaxSum all = lane < blockDim.x / kWarp ? SoftmaxSum{largest[lane], sum[lane]} : SoftmaxSum{};
  all.add_warp();
  return all;
}

// A target that is no class gives a loss and a gradient of NaN: nothing on the device can report it otherwise.
template <typename T>
__device__ void cross_entropy(const CrossEntropyArguments& a) {
  T* row = static_cast<T*>(a.logits) + blockIdx.x * a.classes;
  const long long target = a.targets[blockIdx.x];
  const bool known = target >= 0 && target < a.classes;
  const float at_target = known ? to_float(row[target]) : NAN;
  SoftmaxSum mine;
  over_row(row, a.classes, [&](T* at, auto count) { mine.add(vector_at<decltype(count)::value>(at)); });
  const SoftmaxSum all = over_block(mine);
  if (threadIdx.x == 0) a.losses[blockIdx.x] = all.base() + logf(all.sum) - at_target;
  if (a.scale <= 0) return;
  const float factor = (known ? a.scale : NAN) / all.sum, base = all.base();
  over_row(row, a.classes, [&](T* at, auto count) {
    constexpr int n = decltype(count)::value;
    const Vector<T, n> x = vector_at<n>(at);
    Vector<T, n> gradient;
    for (int i = 0; i < n; i++) round_to(gradient.element[i], exp2f((to_float(x.element[i]) - base) * kLog2OfE) * factor);
    vector_at<n>(at) = gradient;
  });
  __syncthreads();
  if (threadIdx.x == 0 && known) round_to(row[target], exp2f((at_target - base) * kLog2OfE) * factor - a.scale);
}

KERNEL(cross_entropy_f32, CrossEntropyArguments) { cross_entropy<float>(a); }
KERNEL(cross_entropy_bf16, CrossEntropyArguments) { cross_entropy<bf16>(a); }
