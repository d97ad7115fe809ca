// scalinglab::linear: input · weightᵀ over the last dimension.
#include "operators.h"

namespace sl {
namespace {

struct Linear : torch::autograd::Function<Linear> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const OptionalTensor& gradient) {
    check_operand(weight, input, "weight");
    TORCH_CHECK(weight.dim() == 2 && input.dim() > 0 && input.size(-1) == weight.size(1), "input ", input.sizes(), " does not end in the width of weight ",
                weight.sizes());
    check_gradient(or_undefined(gradient), weight);
    Tensor x = input.contiguous(), w = weight.contiguous();
    auto sizes = x.sizes().vec();
    sizes.back() = w.size(0);
    Tensor y = at::empty(sizes, x.options());
    by_type(x, [&](auto t) {
      using T = decltype(t);
      int64_t n = w.size(0), k = w.size(1);
      Tensor b = packed<T>(w, true);
      by_row_blocks<T>(k == 0 ? 0 : x.numel() / k, [&](int64_t first, int64_t count) {
        kernels<T>().product(count, n, k, data<T>(x) + first * k, k, data<T>(b), data<T>(y) + first * n, n, false);
      });
    });
    context->save_for_backward({x, w});
    context->saved_data["gradient"] = or_undefined(gradient);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    Tensor dy = outer[0].contiguous(), dx = at::empty_like(x);
    RECORD_FUNCTION("scalinglab::linear_backward", std::vector<c10::IValue>({x, w}));
    ParameterGradient gradient(context->saved_data["gradient"].toTensor(), w);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      int64_t n = w.size(0), k = w.size(1);
      Tensor b = packed<T>(w, false);
      by_gradient_blocks(x.numel() / k, [&](int64_t start, int64_t rows) {
        const T* outer = data<T>(dy) + start * n;
        by_row_blocks<T>(rows, [&](int64_t first, int64_t count) {
          kernels<T>().product(count, k, n, outer + first * n, n, data<T>(b), data<T>(dx) + (start + first) * k, k, false);
        });
        add_weight_gradient<T>(outer, n, rows, packed_rows<T>(data<T>(x) + start * k, rows, k, x), k, data<T>(gradient.memory));
      });
    });
    return {dx, gradient.returned, Tensor()};
  }
};

Tensor linear(const Tensor& input, const Tensor& weight, const OptionalTensor& gradient) { return Linear::apply(input, weight, gradient); }

TORCH_LIBRARY_FRAGMENT(scalinglab, library) { library.def("linear(Tensor input, Tensor weight, Tensor? gradient=None) -> Tensor", linear); }

}  // namespace
}  // namespace sl
