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

// B = weightᵀ (transposed, for x · weightᵀ) or B = matrix, packed.
template <typename T>
Tensor packed(const Tensor& matrix, bool transposed) {
  const Kernels<T>& k = kernels<T>();
  int64_t rows = matrix.size(0), columns = matrix.size(1);
  int64_t depth = transposed ? columns : rows, width = transposed ? rows : columns;
  Tensor to = at::empty({k.packed_size(depth, width)}, matrix.options());
  int64_t blocks = (depth + kPackBlock - 1) / kPackBlock;
  at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
    k.pack(data<T>(matrix), transposed ? 1 : columns, transposed ? columns : 1, first * kPackBlock, std::min(last * kPackBlock, depth), width, data<T>(to));
  });
  return to;
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

// `rows` rows of x, `width` wide, as the second operand of a sum over rows: packed, or where they are if they fill whole slivers.
template <typename T>
struct SummedRows {
  int64_t rows, width;
  Tensor packed;
  const T* at;

  SummedRows(const T* x, int64_t rows, int64_t width, const Tensor& like) : rows(rows), width(width), at(x) {
    if (width % kernels<T>().product_columns == 0) return;
    packed = at::empty({kernels<T>().packed_size(rows, width)}, like.options());
    at::parallel_for(0, (rows + kPackBlock - 1) / kPackBlock, 1, [&](int64_t first, int64_t last) {
      kernels<T>().pack(x, width, 1, first * kPackBlock, std::min(last * kPackBlock, rows), width, data<T>(packed));
    });
    at = data<T>(packed);
  }
};

// How far apart the rows of a scratch matrix lie whose columns add_weight_gradient() reads: a cache line more than their width where
// they would all fall on a few lines of the first-level cache.
template <typename T>
int64_t spread_stride(int64_t width) {
  constexpr int64_t line = 64 / sizeof(T);
  return width % (16 * line) == 0 ? width + line : width;
}

// gradient (n, width) = outerᵀ · x, or += with `add`, for rows of outer that are n wide and `stride` apart.
template <typename T>
void add_weight_gradient(const T* outer, int64_t n, int64_t stride, const SummedRows<T>& x, T* gradient, bool add = true) {
  at::parallel_for(0, n, kernels<T>().product_rows, [&](int64_t first, int64_t last) {
    kernels<T>().product_of_transposed(last - first, x.width, x.rows, outer + first, stride, x.at, x.packed.defined(), gradient + first * x.width, x.width, add);
  });
}

}  // namespace sl
