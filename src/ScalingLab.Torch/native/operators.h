// What the fused operators share: access to memory, the choice of element type, products spread over threads, FLOP records.
// An operator is an autograd function registered as scalinglab::NAME and called by name like any other. Where it takes a
// `gradient` for a parameter, its backward pass adds to that memory and returns none: the product then writes straight into
// the flat gradients, without a tensor of its own and an addition after it.
#pragma once
#include "kernels.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace sl {

using at::Tensor;
using OptionalTensor = decltype(std::declval<c10::IValue>().toOptional<Tensor>());  // c10's or the standard's, as the version has it
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Calls body(T{}) with the element type.
template <typename Body>
void by_type(const Tensor& tensor, Body&& body) {
  if (tensor.scalar_type() == at::kFloat)
    body(float{});
  else if (tensor.scalar_type() == at::kDouble)
    body(double{});
  else
    TORCH_CHECK(false, "the fused operators take float32 and float64, not ", tensor.scalar_type());
}

inline void check_operand(const Tensor& tensor, const Tensor& like, const char* name) {
  TORCH_CHECK(tensor.device().is_cpu(), name, " is on ", tensor.device(), ", and the fused operators run on the CPU");
  TORCH_CHECK(tensor.scalar_type() == like.scalar_type(), name, " is ", tensor.scalar_type(), ", and the first operand ", like.scalar_type());
}

// Undefined when there is none.
inline Tensor or_undefined(const OptionalTensor& tensor) { return tensor.has_value() ? *tensor : Tensor(); }

// Whether a backward pass may come through an operator of these.
inline bool wants_gradient(std::initializer_list<Tensor> operands) {
  return c10::GradMode::is_enabled() && std::any_of(operands.begin(), operands.end(), [](const Tensor& t) { return t.defined() && t.requires_grad(); });
}

inline void check_gradient(const Tensor& gradient, const Tensor& parameter) {
  if (!gradient.defined()) return;
  check_operand(gradient, parameter, "gradient");
  TORCH_CHECK(gradient.sizes() == parameter.sizes(), "gradient is ", gradient.sizes(), ", and its parameter ", parameter.sizes());
  TORCH_CHECK(gradient.is_contiguous(), "gradient is not contiguous");
}

template <typename T>
T* data(const Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

// The memory to add a parameter's gradient to, and what backward returns for it.
struct ParameterGradient {
  Tensor memory, returned;
  ParameterGradient(const Tensor& given, const Tensor& parameter) : memory(given) {
    if (!memory.defined() && parameter.defined()) memory = returned = at::zeros(parameter.sizes(), parameter.options());
  }
};

// The second operand of products, (depth, columns): packed, or read where it is if its rows fill whole slivers and do not lie so far
// apart that each is a page of its own.
template <typename T>
struct SecondOperand {
  int64_t depth, columns;
  Tensor memory;  // of the packed one
  const T* at;

  SecondOperand(const T* matrix, int64_t depth, int64_t columns, const Tensor& like) : depth(depth), columns(columns), at(matrix) {
    if (columns % kernels<T>().product_columns != 0 || columns * sizeof(T) >= 4096) pack(matrix, columns, 1, like);
  }

  explicit SecondOperand(const Tensor& matrix) : SecondOperand(data<T>(matrix), matrix.size(0), matrix.size(1), matrix) {}

  // For x · weightᵀ.
  static SecondOperand transposed(const Tensor& weight) {
    SecondOperand b;
    b.depth = weight.size(1), b.columns = weight.size(0);
    b.pack(data<T>(weight), 1, b.depth, weight);
    return b;
  }

  bool packed() const { return memory.defined(); }

 private:
  SecondOperand() = default;

  // Element (k, n) lies at matrix[k * row + n * column].
  void pack(const T* matrix, int64_t row, int64_t column, const Tensor& like) {
    memory = at::empty({kernels<T>().packed_size(depth, columns)}, like.options());
    at::parallel_for(0, (depth + kPackBlock - 1) / kPackBlock, 1, [&](int64_t first, int64_t last) {
      kernels<T>().pack(matrix, row, column, first * kPackBlock, std::min(last * kPackBlock, depth), columns, data<T>(memory));
    });
    at = data<T>(memory);
  }
};

// c = a · b + plus for `rows` rows; see product.h.
template <typename T>
void product(int64_t rows, const T* a, int64_t a_stride, const SecondOperand<T>& b, T* c, int64_t c_stride, const T* plus = nullptr,
             const T* beside = nullptr) {
  kernels<T>().product(rows, b.columns, b.depth, a, a_stride, b.at, b.packed(), c, c_stride, plus, beside);
}

// Calls body(first, count) for blocks of rows, spread over threads.
template <typename T, typename Body>
void by_row_blocks(int64_t rows, Body&& body) {
  int64_t height = kernels<T>().product_rows;
  at::parallel_for(0, (rows + height - 1) / height, 1, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; block++) body(block * height, std::min(height, rows - block * height));
  });
}

// Calls body(first, count) for blocks of rows whose gradients by rows and by weights are made one after the other, so that what both
// read is still in the second-level cache. The sums over rows come out the same for any number of threads: see kPackBlock.
template <typename Body>
void by_gradient_blocks(int64_t rows, Body&& body) {
  int64_t height = kPackBlock * at::get_num_threads();
  for (int64_t first = 0; first < rows; first += height) body(first, std::min(height, rows - first));
}

// How far apart the rows of a scratch matrix lie whose columns add_weight_gradient() reads: a cache line more than their width where
// they would all fall on a few lines of the first-level cache.
template <typename T>
int64_t spread_stride(int64_t width) {
  constexpr int64_t line = 64 / sizeof(T);
  return width % (16 * line) == 0 ? width + line : width;
}

// gradient (n, width) = outerᵀ · x, or += with `add`, for rows of outer that are n wide and `stride` apart.
template <typename T>
void add_weight_gradient(const T* outer, int64_t n, int64_t stride, const SecondOperand<T>& x, T* gradient, bool add = true) {
  at::parallel_for(0, n, kernels<T>().product_rows, [&](int64_t first, int64_t last) {
    kernels<T>().product_of_transposed(last - first, x.columns, x.depth, outer + first, stride, x.at, x.packed(), gradient + first * x.columns,
                                       x.columns, add);
  });
}

}  // namespace sl
