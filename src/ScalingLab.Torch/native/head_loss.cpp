// scalinglab::head_loss: mean cross-entropy of a linear head, with the norm before it. Logits are made a few rows at a time, become
// their own gradient while they lie in the cache, and give the gradients by input and weights at once: they are never all in memory.
// The backward pass only scales.
#include "pre_norm.h"

namespace sl {
namespace {

struct HeadLoss : torch::autograd::Function<HeadLoss> {
  // input (…, d), weight (classes, d), targets (rows) → a scalar, in nats a row. `keep` what backward needs.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& target_indices, const OptionalTensor& norm_weight,
                        const OptionalTensor& norm_bias, double epsilon, const OptionalTensor& gradient, const OptionalTensor& norm_weight_gradient,
                        const OptionalTensor& norm_bias_gradient, bool keep) {
    check_operand(weight, input, "weight");
    TORCH_CHECK(input.dim() > 0 && weight.dim() == 2 && input.size(-1) == weight.size(1), "input ", input.sizes(), " does not end in the width of weight ",
                weight.sizes());
    check_gradient(or_undefined(gradient), weight);
    PreNorm norm(input, norm_weight, norm_bias, epsilon, norm_weight_gradient, norm_bias_gradient);
    Tensor x = input.contiguous(), w = weight.contiguous(), targets = target_indices.contiguous();
    int64_t classes = w.size(0), d = w.size(1), rows = d == 0 ? 0 : x.numel() / d;
    TORCH_CHECK(targets.scalar_type() == at::kLong && targets.device().is_cpu() && targets.numel() == rows, "targets ", targets.sizes(),
                " are not one int64 for each of ", rows, " rows");
    TORCH_CHECK(rows > 0, "no rows: their mean loss is undefined");
    const int64_t* target = data<int64_t>(targets);
    for (int64_t i = 0; i < rows; i++) TORCH_CHECK(target[i] >= 0 && target[i] < classes, "target ", target[i], " is not one of ", classes, " classes");
    Tensor dx = keep ? at::empty_like(x) : Tensor(), dw = keep ? at::empty_like(w) : Tensor();
    ParameterGradient of_norm(Tensor(), keep ? norm.weight : Tensor()), of_bias(Tensor(), keep ? norm.bias : Tensor());
    std::vector<double> losses(rows);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      const Kernels<T>& k = kernels<T>();
      auto b = SecondOperand<T>::transposed(w);
      std::optional<SecondOperand<T>> b_back;
      if (keep) b_back.emplace(w);
      by_gradient_blocks(rows, [&](int64_t start, int64_t block) {
        int64_t stride = spread_stride<T>(classes);
        Tensor scratch = at::empty({block, stride + d}, x.options());
        T *all_logits = data<T>(scratch), *normed = all_logits + block * stride;
        const T* xs = norm.any() ? normed : data<T>(x) + start * d;
        by_row_blocks<T>(block, [&](int64_t first, int64_t count) {
          T* logits = all_logits + first * stride;
          const T* from = norm.rows(data<T>(x), start + first, count, d, normed + first * d);
          product(count, from, d, b, logits, stride);
          for (int64_t i = 0; i < count; i++)
            losses[start + first + i] = k.cross_entropy(classes, logits + i * stride, target[start + first + i], keep ? 1.0 / rows : 0.0);
          if (keep) product(count, logits, stride, *b_back, data<T>(dx) + (start + first) * d, d);
        });
        if (!keep) return;
        norm.backward<T>(data<T>(x), start, block, d, nullptr, data<T>(dx), data<T>(of_norm.memory), data<T>(of_bias.memory), x);
        add_weight_gradient<T>(all_logits, classes, stride, SecondOperand<T>(xs, block, d, x), data<T>(dw), start > 0);
      });
    });
    if (keep) context->save_for_backward({x, w, dx, dw, of_norm.memory, of_bias.memory});
    context->saved_data["gradient"] = or_undefined(gradient);
    context->saved_data["norm_weight"] = norm.weight_gradient;
    context->saved_data["norm_bias"] = norm.bias_gradient;
    double sum = 0;
    for (double loss : losses) sum += loss;
    return at::scalar_tensor(sum / rows, x.options());
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w = saved[1];
    RECORD_FUNCTION("scalinglab::head_loss_backward", std::vector<c10::IValue>({x, w}));
    double scale = outer[0].item().toDouble();
    auto scaled = [&](const Tensor& gradient) { return scale != 1 && gradient.defined() ? gradient * scale : gradient; };
    auto of_parameter = [&](const Tensor& gradient, const char* name) {
      Tensor memory = context->saved_data[name].toTensor();
      if (!memory.defined()) return scaled(gradient);
      memory.add_(gradient, scale);
      return Tensor();
    };
    return {scaled(saved[2]), of_parameter(saved[3], "gradient"), Tensor(), of_parameter(saved[4], "norm_weight"), of_parameter(saved[5], "norm_bias"),
            Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor head_loss(const Tensor& input, const Tensor& weight, const Tensor& targets, const OptionalTensor& norm_weight, const OptionalTensor& norm_bias,
                 double epsilon, const OptionalTensor& gradient, const OptionalTensor& norm_weight_gradient, const OptionalTensor& norm_bias_gradient) {
  bool keep = wants_gradient({input, weight, or_undefined(norm_weight), or_undefined(norm_bias)});
  return HeadLoss::apply(input, weight, targets, norm_weight, norm_bias, epsilon, gradient, norm_weight_gradient, norm_bias_gradient, keep);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def(
      "head_loss(Tensor input, Tensor weight, Tensor targets, Tensor? norm_weight=None, Tensor? norm_bias=None, float epsilon=0, Tensor? gradient=None, "
      "Tensor? norm_weight_gradient=None, Tensor? norm_bias_gradient=None) -> Tensor",
      head_loss);
}

}  // namespace
}  // namespace sl
