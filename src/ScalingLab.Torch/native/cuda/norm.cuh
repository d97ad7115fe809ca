// Adds a branch to the residual stream and normalises the sum: layer norm (Ba et al. 2016, arXiv:1607.06450, Eq. 4) or, without a bias,
// root-mean-square norm (Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4). The stream is float32; T is the type of branch and norm.
#pragma once
#include "device.cuh"

template <typename T>
__device__ void norm_forward(const NormForwardArguments& a) {
  const int lane = threadIdx.x % kWarp, width = a.width;
  const long long row = blockIdx.x * static_cast<long long>(blockDim.x / kWarp) + threadIdx.x / kWarp;
  if (row >= a.rows) return;  // the whole warp
  const long long place = blockIdx.y * a.rows + row, at = place * width;
  const T* branch = static_cast<const T*>(a.branch);
  T* normed = static_cast<T*>(a.normed);
  // Made three times, from the first-level cache after the first.
  auto value = [&](int c) { return branch == nullptr ? a.stream[at + c] : a.stream[at + c] + to_float(branch[at + c]); };
  float total = 0;
  for (int c = lane; c < width; c += kWarp) {
    const float both = value(c);
    if (branch != nullptr) a.sum[at + c] = both;
    total += both;
  }
  const float mean = a.bias != nullptr ? warp_sum(total) / width : 0;
  float squares = 0;
  for (int c = lane; c < width; c += kWarp) squares += (value(c) - mean) * (value(c) - mean);
  const float inverse = 1 / sqrtf(warp_sum(squares) / width + a.epsilon);
  const float* weight = a.weight + blockIdx.y * a.weight_stride;
  const float* bias = a.bias == nullptr ? nullptr : a.bias + blockIdx.y * a.bias_stride;
  for (int c = lane; c < width; c += kWarp) round_to(normed[at + c], (value(c) - mean) * inverse * weight[c] + (bias == nullptr ? 0 : bias[c]));
  if (lane == 0) {
    a.statistics[2 * place] = mean;
    a.statistics[2 * place + 1] = inverse;
  }
}

// dx, and the gradients of weight and bias over the rows of this block's part. A column belongs to one lane, rows of a warp come in order
// and warps are added in order: no sum depends on who is first.
template <typename T>
__device__ void norm_backward(const NormBackwardArguments& a) {
  SHARED_MEMORY(sums);  // (warps, 2, width)
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, warps = blockDim.x / kWarp, width = a.width;
  float *of_weight = sums + warp * 2 * width, *of_bias = of_weight + width;
  for (int c = lane; c < 2 * width; c += kWarp) of_weight[c] = 0;
  __syncwarp();
  const float* weight = a.weight + blockIdx.y * a.weight_stride;
  const T* dnormed = static_cast<const T*>(a.dnormed);
  T* dbranch = static_cast<T*>(a.dbranch);
  const long long first = blockIdx.x * static_cast<long long>(a.rows_per_part), end = first + a.rows_per_part, last = end < a.rows ? end : a.rows;
  for (long long row = first + warp; row < last; row += warps) {
    const long long place = blockIdx.y * a.rows + row, at = place * width;
    const float mean = a.statistics[2 * place], inverse = a.statistics[2 * place + 1];
    float total = 0, along = 0;
    for (int c = lane; c < width; c += kWarp) {
      const float outer = to_float(dnormed[at + c]), scaled = outer * weight[c], unit = (a.sum[at + c] - mean) * inverse;
      total += scaled;
      along += scaled * unit;
      of_weight[c] += outer * unit;
      of_bias[c] += outer;
    }
    const float mean_total = a.biased ? warp_sum(total) / width : 0, mean_along = warp_sum(along) / width;
    for (int c = lane; c < width; c += kWarp) {
      const float scaled = to_float(dnormed[at + c]) * weight[c], unit = (a.sum[at + c] - mean) * inverse;
      const float through = (scaled - mean_total - unit * mean_along) * inverse, dx = a.dsum == nullptr ? through : a.dsum[at + c] + through;
      a.dx[at + c] = dx;
      if (dbranch != nullptr) round_to(dbranch[at + c], dx);
    }
  }
  __syncthreads();
  float* partial = a.partial + (blockIdx.y * static_cast<long long>(gridDim.x) + blockIdx.x) * 2 * width;
  for (int c = threadIdx.x; c < 2 * width; c += blockDim.x) {
    float all = 0;
    for (int w = 0; w < warps; w++) all += sums[w * 2 * width + c];
    partial[c] = all;
  }
}

// The parts added up: a block has 32 columns, a warp every so many parts of them, and the warps are added in order.
KERNEL(norm_weights, NormWeightArguments) {
  __shared__ float of_warps[2][kWarp][kWarp];  // gradient of weight or bias, warp, column
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, warps = blockDim.x / kWarp, c = blockIdx.x * kWarp + lane;
  const float* partial = a.partial + static_cast<long long>(blockIdx.y) * a.parts * 2 * a.width;
  float of_weight = 0, of_bias = 0;
  for (int part = warp; part < a.parts && c < a.width; part += warps) {
    of_weight += partial[static_cast<long long>(part) * 2 * a.width + c];
    of_bias += partial[static_cast<long long>(part) * 2 * a.width + a.width + c];
  }
  of_warps[0][warp][lane] = of_weight;
  of_warps[1][warp][lane] = of_bias;
  __syncthreads();
  float* to = warp == 0 ? a.dweight : warp == 1 ? a.dbias : nullptr;
  if (to == nullptr || c >= a.width) return;
  float all = 0;
  for (int w = 0; w < warps; w++) all += of_warps[warp][w][lane];
  to[static_cast<long long>(blockIdx.y) * a.width + c] = all;
}

KERNEL(norm_forward_f32, NormForwardArguments) { norm_forward<float>(a); }
KERNEL(norm_forward_bf16, NormForwardArguments) { norm_forward<bf16>(a); }
KERNEL(norm_backward_f32, NormBackwardArguments) { norm_backward<float>(a); }
KERNEL(norm_backward_bf16, NormBackwardArguments) { norm_backward<bf16>(a); }
