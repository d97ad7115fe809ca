// scalinglab::head_loss: mean cross-entropy of a linear head. Logits are made a few rows at a time, become their own gradient while they
// lie in the cache, and give the gradients by input and weight at once: they are never all in memory. The backward pass only scales.
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
    Tensor dx = keep ? at::empty_like(x) : Tensor(), dw = keep ? at::zeros_like(w) : Tensor();
    std::vector<double> losses(rows);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      const Kernels<T>& k = kernels<T>();
      Tensor b = packed<T>(w, true), b_back = keep ? packed<T>(w, false) : Tensor();
      by_gradient_blocks(rows, [&](int64_t start, int64_t block) {
        const T* xs = data<T>(x) + start * d;
        Tensor scratch = at::empty({block, classes}, x.options());
        by_row_blocks<T>(block, [&](int64_t first, int64_t count) {
          T* logits = data<T>(scratch) + first * classes;
          k.product(count, classes, d, xs + first * d, d, data<T>(b), logits, classes, false);
          for (int64_t i = 0; i < count; i++)
            losses[start + first + i] = k.cross_entropy(classes, logits + i * classes, target[start + first + i], keep ? 1.0 / rows : 0.0);
          if (keep) k.product(count, d, classes, logits, classes, data<T>(b_back), data<T>(dx) + (start + first) * d, d, false);
        });
        if (keep) add_weight_gradient<T>(data<T>(scratch), classes, block, packed_rows<T>(xs, block, d, x), d, data<T>(dw));
      });
    });
    if (keep) context->save_for_backward({x, w, dx, dw});
    context->saved_data["gradient"] = or_undefined(gradient);
    double sum = 0;
    for (double loss : losses) sum += loss;
    return at::scalar_tensor(sum / rows, x.options());
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    Tensor dx = saved[2], dw = saved[3];
    RECORD_FUNCTION("scalinglab::head_loss_backward", std::vector<c10::IValue>({x, w}));
    double scale = outer[0].item().toDouble();
    if (scale != 1) dx = dx * scale;
    const Tensor memory = context->saved_data["gradient"].toTensor();
    if (memory.defined()) Tensor(memory).add_(dw, scale);
    return {dx, memory.defined() ? Tensor() : scale != 1 ? dw * scale : dw, Tensor(), Tensor(), Tensor()};
  }
};

Tensor head_loss(const Tensor& input, const Tensor& weight, const Tensor& targets, const OptionalTensor& gradient) {
  bool keep = c10::GradMode::is_enabled() && (input.requires_grad() || weight.requires_grad());
  return HeadLoss::apply(input, weight, targets, gradient, keep);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) { library.def("head_loss(Tensor input, Tensor weight, Tensor targets, Tensor? gradient=None) -> Tensor", head_loss); }

}  // namespace
}  // namespace sl
