// The norm that stands before a branch of a block: layer norm with a bias, root-mean-square norm without. The branch's operator makes
// it a few rows at a time and adds what comes of it to the stream: neither the normed rows nor the branch are ever in memory. What is
// kept is mean and inverse deviation of every row.
#pragma once
#include "operators.h"

#include <algorithm>

namespace sl {

constexpr int64_t kNormPart = 64;  // rows of the gradients of weight and bias that are summed by themselves; parts are added in order

struct PreNorm {
  Tensor weight, bias;                    // (d); no weight: no norm. No bias: root mean square
  Tensor weight_gradient, bias_gradient;  // memory to add them to, as of ParameterGradient
  Tensor statistics;                      // (rows, 2)
  double epsilon;

  // For `rows` rows of `input`.
  PreNorm(const Tensor& input, const OptionalTensor& norm_weight, const OptionalTensor& norm_bias, double epsilon, const OptionalTensor& weight_gradient,
          const OptionalTensor& bias_gradient)
      : weight_gradient(or_undefined(weight_gradient)), bias_gradient(or_undefined(bias_gradient)), epsilon(epsilon) {
    TORCH_CHECK(norm_weight.has_value() || !norm_bias.has_value(), "a norm's bias comes with its weight");
    if (!norm_weight.has_value()) return;
    weight = checked(*norm_weight, input, "norm weight", this->weight_gradient);
    if (norm_bias.has_value()) bias = checked(*norm_bias, input, "norm bias", this->bias_gradient);
    statistics = at::empty({rows_of(input), 2}, input.options());
  }

  // What a context saved of one.
  PreNorm(AutogradContext* context, variable_list& saved, size_t first) : weight(saved[first]), bias(saved[first + 1]), statistics(saved[first + 2]), epsilon(0) {
    weight_gradient = context->saved_data["norm_weight"].toTensor();
    bias_gradient = context->saved_data["norm_bias"].toTensor();
  }

  bool any() const { return weight.defined(); }

  // Appends what backward needs; `saved` goes to save_for_backward.
  void save(AutogradContext* context, variable_list& saved) const {
    saved.insert(saved.end(), {weight, bias, statistics});
    context->saved_data["norm_weight"] = weight_gradient;
    context->saved_data["norm_bias"] = bias_gradient;
  }

  // `count` rows from `first` of x as the branch takes them: normed, in `memory`, or where they are. Statistics are made.
  template <typename T>
  const T* rows(const T* x, int64_t first, int64_t count, int64_t d, T* memory) const {
    if (!any()) return x + first * d;
    kernels<T>().norm_forward(count, d, x + first * d, data<T>(weight), data<T>(bias), epsilon, memory, data<T>(statistics) + 2 * first);
    return memory;
  }

  // The same from the statistics, spread over threads.
  template <typename T>
  const T* rows_again(const T* x, int64_t first, int64_t count, int64_t d, T* memory) const {
    if (!any()) return x + first * d;
    at::parallel_for(0, count, kNormPart, [&](int64_t from, int64_t to) {
      int64_t row = first + from;
      kernels<T>().normalise(to - from, d, x + row * d, data<T>(statistics) + 2 * row, data<T>(weight), data<T>(bias), memory + from * d);
    });
    return memory;
  }

  // What the branch is added to: the stream, with a norm before it.
  template <typename T>
  const T* stream(const T* x, int64_t first, int64_t d) const {
    return any() ? x + first * d : nullptr;
  }

  // The gradient by x of `count` rows from `first`, in place of that by the normed rows, plus dsum (null: 0). Adds to the
  // gradients of weight and bias. `first` is a multiple of kNormPart, or the same for any number of threads.
  template <typename T>
  void backward(const T* x, int64_t first, int64_t count, int64_t d, const T* dsum, T* dx, T* dweight, T* dbias, const Tensor& like) const {
    if (!any()) return;
    int64_t parts = (count + kNormPart - 1) / kNormPart;
    Tensor partial = at::zeros({parts, 2, d}, like.options());
    at::parallel_for(0, parts, 1, [&](int64_t from, int64_t to) {
      for (int64_t part = from; part < to; part++) {
        int64_t row = first + part * kNormPart, at = row * d;
        T* gradients = data<T>(partial) + part * 2 * d;
        kernels<T>().norm_backward(std::min(kNormPart, first + count - row), d, x + at, data<T>(statistics) + 2 * row, data<T>(weight), dx + at,
                                   dsum != nullptr ? dsum + at : nullptr, dx + at, gradients, bias.defined() ? gradients + d : nullptr);
      }
    });
    for (int64_t part = 0; part < parts; part++) {
      const T* gradients = data<T>(partial) + part * 2 * d;
      for (int64_t c = 0; c < d; c++) dweight[c] += gradients[c];
      for (int64_t c = 0; c < d && dbias != nullptr; c++) dbias[c] += gradients[d + c];
    }
  }

 private:
  static int64_t rows_of(const Tensor& input) { return input.size(-1) == 0 ? 0 : input.numel() / input.size(-1); }

  static Tensor checked(const Tensor& parameter, const Tensor& input, const char* name, const Tensor& gradient) {
    check_operand(parameter, input, name);
    TORCH_CHECK(input.dim() > 0 && parameter.dim() == 1 && parameter.size(0) == input.size(-1), name, " ", parameter.sizes(), " does not have the width of ",
                input.sizes());
    check_gradient(gradient, parameter);
    return parameter.contiguous();
  }
};

}  // namespace sl
