// The CPU kernels of the fused operators, as plain functions over memory: one table for every element type, of the widest vectors
// that this CPU has. The kernels know nothing of libtorch; their files are compiled once for each instruction set.
// Rows of matrices are contiguous; sizes count elements.
#pragma once
#include <cstdint>

namespace sl {

template <typename T>
struct Kernels {
  const char* instructions;  // e.g. avx512
  int64_t product_rows;      // rows of C that a product handles best in one call
  int64_t product_columns;   // of a sliver: see product_of_transposed

  // product.h
  int64_t (*packed_size)(int64_t depth, int64_t columns);
  void (*pack)(const T* b, int64_t row, int64_t column, int64_t first, int64_t last, int64_t columns, T* packed);
  void (*product)(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* b, bool packed, T* c, int64_t c_stride,
                  const T* plus, const T* beside);
  void (*product_of_transposed)(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* b, bool packed, T* c,
                                int64_t c_stride, bool add);
  void (*add_transposed)(int64_t rows, int64_t columns, const T* from, T* to);

  // attention.h
  int64_t (*attention_kept)(int64_t tokens, int64_t width, bool qk_norm);
  int64_t (*attention_scratch)(int64_t tokens, int64_t width, bool backward);
  void (*attention_forward)(const T* qkv, int64_t qkv_stride, int64_t tokens, int64_t heads, int64_t width, const T* cosines, const T* sines, bool qk_norm, T* y,
                            T* kept, T* scratch);
  void (*attention_backward)(const T* kept, const T* y, const T* dy, int64_t dy_stride, int64_t tokens, int64_t heads, int64_t width, const T* cosines, const T* sines,
                             bool qk_norm, T* dqkv, int64_t dqkv_stride, T* scratch);

  // norm.h
  void (*norm_forward)(int64_t rows, int64_t width, const T* x, const T* weight, const T* bias, double epsilon, T* normed, T* statistics);
  void (*normalise)(int64_t rows, int64_t width, const T* x, const T* statistics, const T* weight, const T* bias, T* normed);
  void (*norm_backward)(int64_t rows, int64_t width, const T* x, const T* statistics, const T* weight, const T* dnormed, const T* dsum, T* dx,
                        T* weight_gradient, T* bias_gradient);

  // activation.h
  void (*gelu)(int64_t count, const T* argument, T* out, T* kept);
  void (*gelu_backward)(int64_t rows, int64_t width, int64_t stride, const T* argument, T* out, T* gradient);
  void (*relu2)(int64_t count, const T* argument, T* out, T* kept);
  void (*relu2_backward)(int64_t rows, int64_t width, int64_t stride, const T* argument, T* out, T* gradient);
  void (*swiglu)(int64_t count, const T* argument, const T* gate, T* out, T* kept, T* gate_kept);
  void (*swiglu_backward)(int64_t rows, int64_t width, int64_t stride, const T* argument, const T* gate, T* out, T* gradient, T* gate_gradient);

  // cross_entropy.h
  double (*cross_entropy)(int64_t classes, T* row, int64_t target, double scale);

  // adamw.h
  double (*sum_of_squares)(int64_t count, const T* g);
  void (*adamw)(int64_t count, T* p, T* g, T* m, T* v, double clip, double keep, double step, double root, double beta1, double beta2,
                double epsilon);
};

// Block of k after which pack() may be cut, and sums over rows with it: a product of such blocks, added up in order, is the product.
constexpr int64_t kPackBlock = 256;

// The kernels of this CPU, chosen once a process. SCALINGLAB_KERNELS=avx512|avx2|portable narrows the choice.
template <typename T>
const Kernels<T>& kernels();

}  // namespace sl
