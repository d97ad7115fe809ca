// scalinglab::residual_norm: adds a branch to the residual stream and normalises the sum: (sum, normed).
#include "operators.h"

namespace sl {
namespace {

constexpr int64_t kRowsOfAPart = 64;  // of the gradients of weight and bias, which are summed part by part in order

struct ResidualNorm : torch::autograd::Function<ResidualNorm> {
  // Layer norm with a bias, root-mean-square norm without. Without a branch the sum is x itself.
  static variable_list forward(AutogradContext* context, const Tensor& stream, const OptionalTensor& added, const Tensor& weight, const OptionalTensor& bias,
                               double epsilon, const OptionalTensor& weight_gradient, const OptionalTensor& bias_gradient) {
    int64_t width = stream.size(-1), rows = width == 0 ? 0 : stream.numel() / width;
    check_operand(weight, stream, "weight");
    TORCH_CHECK(weight.dim() == 1 && weight.size(0) == width, "weight ", weight.sizes(), " does not have the width of ", stream.sizes());
    check_gradient(or_undefined(weight_gradient), weight);
    Tensor x = stream.contiguous(), w = weight.contiguous(), branch, b;
    if (added.has_value()) {
      check_operand(*added, stream, "branch");
      TORCH_CHECK(added->sizes() == stream.sizes(), "branch ", added->sizes(), " does not have the shape of ", stream.sizes());
      branch = added->contiguous();
    }
    if (bias.has_value()) {
      check_operand(*bias, stream, "bias");
      TORCH_CHECK(bias->sizes() == weight.sizes(), "bias ", bias->sizes(), " does not have the shape of weight ", weight.sizes());
      check_gradient(or_undefined(bias_gradient), *bias);
      b = bias->contiguous();
    }
    Tensor sum = branch.defined() ? at::empty_like(x) : x, normed = at::empty_like(x), statistics = at::empty({rows, 2}, x.options());
    by_type(x, [&](auto t) {
      using T = decltype(t);
      at::parallel_for(0, rows, kRowsOfAPart, [&](int64_t first, int64_t last) {
        int64_t at = first * width;
        kernels<T>().norm_forward(last - first, width, data<T>(x) + at, branch.defined() ? data<T>(branch) + at : nullptr, data<T>(w), data<T>(b), epsilon,
                                  data<T>(sum) + at, data<T>(normed) + at, data<T>(statistics) + 2 * first);
      });
    });
    context->save_for_backward({sum, statistics, w, b});
    context->saved_data["weight_gradient"] = or_undefined(weight_gradient);
    context->saved_data["bias_gradient"] = or_undefined(bias_gradient);
    context->saved_data["branch"] = branch.defined();
    context->set_materialize_grads(false);
    if (!branch.defined()) return {normed};
    return {sum, normed};
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &sum = saved[0], &statistics = saved[1], &w = saved[2], &b = saved[3];
    bool branch = context->saved_data["branch"].toBool();
    Tensor dsum = branch ? outer[0] : Tensor(), dnormed = outer.back();
    if (!dnormed.defined()) return {dsum, branch ? dsum : Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
    if (dsum.defined()) dsum = dsum.contiguous();
    dnormed = dnormed.contiguous();
    int64_t width = w.size(0), rows = sum.numel() / width, parts = (rows + kRowsOfAPart - 1) / kRowsOfAPart;
    Tensor dx = at::empty_like(sum), partial = at::zeros({parts, 2, width}, sum.options());
    ParameterGradient of_weight(context->saved_data["weight_gradient"].toTensor(), w), of_bias(context->saved_data["bias_gradient"].toTensor(), b);
    by_type(sum, [&](auto t) {
      using T = decltype(t);
      at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
        for (int64_t part = first; part < last; part++) {
          int64_t row = part * kRowsOfAPart, at = row * width;
          T* gradients = data<T>(partial) + part * 2 * width;
          kernels<T>().norm_backward(std::min(kRowsOfAPart, rows - row), width, data<T>(sum) + at, data<T>(statistics) + 2 * row, data<T>(w),
                                     data<T>(dnormed) + at, dsum.defined() ? data<T>(dsum) + at : nullptr, data<T>(dx) + at, gradients,
                                     b.defined() ? gradients + width : nullptr);
        }
      });
      for (int64_t part = 0; part < parts; part++) {
        const T* gradients = data<T>(partial) + part * 2 * width;
        T *dw = data<T>(of_weight.memory), *db = data<T>(of_bias.memory);
        for (int64_t c = 0; c < width; c++) dw[c] += gradients[c];
        for (int64_t c = 0; c < width && db != nullptr; c++) db[c] += gradients[width + c];
      }
    });
    return {dx, branch ? dx : Tensor(), of_weight.returned, of_bias.returned, Tensor(), Tensor(), Tensor()};
  }
};

std::tuple<Tensor, Tensor> residual_norm(const Tensor& x, const OptionalTensor& branch, const Tensor& weight, const OptionalTensor& bias, double epsilon,
                                         const OptionalTensor& weight_gradient, const OptionalTensor& bias_gradient) {
  variable_list results = ResidualNorm::apply(x, branch, weight, bias, epsilon, weight_gradient, bias_gradient);
  return {results.size() == 2 ? results[0] : x, results.back()};
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def(
      "residual_norm(Tensor x, Tensor? branch, Tensor weight, Tensor? bias, float epsilon, Tensor? weight_gradient=None, "
      "Tensor? bias_gradient=None) -> (Tensor, Tensor)",
      residual_norm);
}

}  // namespace
}  // namespace sl
