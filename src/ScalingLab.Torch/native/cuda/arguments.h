// What the CUDA kernels are given: one structure a kernel, shared by the kernels and by the operators that launch them. No includes:
// NVRTC compiles this without any headers. A stack of E models lies in memory model after model; sizes count elements.
#ifndef SCALINGLAB_CUDA_ARGUMENTS_H
#define SCALINGLAB_CUDA_ARGUMENTS_H

// cross_entropy.cuh; a block a row.
struct CrossEntropyArguments {
  void* logits;              // (rows, classes); becomes its own gradient where scale is above 0
  const long long* targets;  // (rows)
  float* losses;             // (rows), nats
  long long classes;
  float scale;  // of the gradient: softmax - 1 at the target, times this
};

// scale.cuh; grid (any, models).
struct ScaleArguments {
  void* values;          // (models, count)
  const float* factors;  // (models)
  long long count;
};

// norm.cuh; grid (rows over warps of a block, models), a warp a row.
struct NormForwardArguments {
  const float* stream;  // (models, rows, width)
  const void* branch;   // likewise, or null
  const float* weight;  // (models, width), weight_stride from model to model
  const float* bias;    // likewise, or null for the root-mean-square norm
  float* sum;           // stream + branch; not written without a branch
  void* normed;
  float* statistics;  // (models, rows, 2): mean and inverse deviation
  long long rows, weight_stride, bias_stride;
  int width;
  float epsilon;
};

// norm.cuh; grid (parts, models), a warp a row; shared memory for 2 · width sums a warp.
struct NormBackwardArguments {
  const float* sum;
  const float* statistics;
  const float* weight;
  const void* dnormed;
  const float* dsum;  // or null
  float* dx;
  void* dbranch;   // dx in the branch's type, or null
  float* partial;  // (models, parts, 2, width): gradients of weight and bias
  long long rows, weight_stride;
  int width, rows_per_part, biased;
};

// norm.cuh; grid (columns over 32, models), two warps a block or more.
struct NormWeightArguments {
  const float* partial;
  float* dweight;  // (models, width)
  float* dbias;    // likewise, or null
  int parts, width;
};

// activation.cuh; any grid. All pointers are multiples of 16 bytes.
struct ActivationArguments {
  const void* x;
  const void* gate;  // of swiglu
  const void* dy;    // backward only, as dx and dgate
  void* y;           // forward only
  void* dx;
  void* dgate;
  long long count;
};

// heads.cuh; grid (vectors of width over warps of a block), a warp a vector.
struct HeadsArguments {
  const void* packed;    // (sequences, tokens, 3, heads, width)
  const float* cosines;  // (tokens or more, width / 2), or null for no rotation
  const float* sines;
  void *q, *k, *v;     // (sequences, tokens, heads, width); backward reads gradients there
  void* dpacked;       // backward only
  long long vectors;   // sequences · tokens · 3 · heads
  int tokens, heads, width;
  float epsilon;  // of the norm of queries and keys; negative for none
};

#endif
