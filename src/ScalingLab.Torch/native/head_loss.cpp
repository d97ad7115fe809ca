// scalinglab::head_loss: mean cross-entropy of a linear head. Logits are made a few rows at a time and become their own gradient
// while they lie in the cache; where no gradient is wanted they are never all in memory.
#include "operators.h"

namespace sl {
namespace {

struct HeadLoss : torch::autograd::Function<HeadLoss> {
  // input (…, d), weight (classes, d), targets (rows) → a scalar, in nats a row. `keep` what backward needs.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& target_indices, const OptionalTensor& gradient, bool keep) {
    check_operand(weight, input, "weight");
    TORCH_CHECK(input.dim() > 0 && weight.dim() == 2 && input.size(-1) == weight.size(1), "input ", input.sizes(), " does not end in the width of weight ",
                weight.sizes());
    check_gradient(or_undefined(gradient), weight);
    Tensor x = input.contiguous(), w = weight.contiguous(), targets = target_indices.contiguous();
    int64_t classes = w.size(0), d = w.size(1), rows = d == 0 ? 0 : x.numel() / d;
    TORCH_CHECK(targets.scalar_type() == at::kLong && targets.device().is_cpu() && targets.numel() == rows, "targets ", targets.sizes(),
                " are not one int64 for each of ", rows, " rows");
    TORCH_CHECK(rows > 0, "no rows: their mean loss is undefined");
    const int64_t* target = data<int64_t>(targets);
    for (int64_t i = 0; i < rows; i++) TORCH_CHECK(target[i] >= 0 && target[i] < classes, "target ", target[i], " is not one of ", classes, " classes");
    Tensor slopes = keep ? at::empty({rows, classes}, x.options()) : Tensor();
    std::vector<double> losses(rows);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      const Kernels<T>& k = kernels<T>();
      Tensor b = packed<T>(w, true);
      by_row_blocks<T>(rows, [&](int64_t first, int64_t count) {
        Tensor own = keep ? Tensor() : at::empty({count, classes}, x.options());
        T* logits = keep ? data<T>(slopes) + first * classes : data<T>(own);
        k.product(count, classes, d, data<T>(x) + first * d, d, data<T>(b), logits, classes, false);
        for (int64_t i = 0; i < count; i++) losses[first + i] = k.cross_entropy(classes, logits + i * classes, target[first + i], keep ? 1.0 / rows : 0.0);
      });
    });
    if (keep) context->save_for_backward({x, w, slopes});
    context->saved_data["gradient"] = or_undefined(gradient);
    double sum = 0;
    for (double loss : losses) sum += loss;
    return at::scalar_tensor(sum / rows, x.options());
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    Tensor slopes = saved[2], dx = at::empty_like(x);
    RECORD_FUNCTION("scalinglab::head_loss_backward", std::vector<c10::IValue>({x, w}));
    double scale = outer[0].item().toDouble();
    if (scale != 1) slopes.mul_(scale);
    ParameterGradient gradient(context->saved_data["gradient"].toTensor(), w);
    int64_t classes = w.size(0), d = w.size(1);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      Tensor b = packed<T>(w, false);
      by_row_blocks<T>(slopes.size(0), [&](int64_t first, int64_t count) {
        kernels<T>().product(count, d, classes, data<T>(slopes) + first * classes, classes, data<T>(b), data<T>(dx) + first * d, d, false);
      });
      add_weight_gradient<T>(slopes, packed<T>(as_matrix(x), false), d, gradient.memory);
    });
    return {dx, gradient.returned, Tensor(), Tensor(), Tensor()};
  }
};

Tensor head_loss(const Tensor& input, const Tensor& weight, const Tensor& targets, const OptionalTensor& gradient) {
  bool keep = c10::GradMode::is_enabled() && (input.requires_grad() || weight.requires_grad());
  return HeadLoss::apply(input, weight, targets, gradient, keep);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) { library.def("head_loss(Tensor input, Tensor weight, Tensor targets, Tensor? gradient=None) -> Tensor", head_loss); }

}  // namespace
}  // namespace sl
