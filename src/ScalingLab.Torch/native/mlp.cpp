// scalinglab::mlp: the position-wise network of a block, with its norm and its sum, a few rows at a time: their hidden units, and the
// gradients by them, stay in the second-level cache between the products and the activation.
#include "pre_norm.h"

namespace sl {
namespace {

enum class Hidden { gelu, relu2, swiglu };

Hidden hidden_of(c10::string_view activation, bool gated) {
  Hidden hidden = activation == "gelu" ? Hidden::gelu : activation == "relu2" ? Hidden::relu2 : Hidden::swiglu;
  TORCH_CHECK(hidden != Hidden::swiglu || activation == "swiglu", "activation ", activation, " is none of gelu, relu2, swiglu");
  TORCH_CHECK(gated == (hidden == Hidden::swiglu), "swiglu takes a gate, and only swiglu does");
  return hidden;
}

template <typename T>
void activate(Hidden hidden, int64_t count, const T* x, const T* gate, T* out, T* kept, T* gate_kept) {
  switch (hidden) {
    case Hidden::gelu: return kernels<T>().gelu(count, x, out, kept);
    case Hidden::relu2: return kernels<T>().relu2(count, x, out, kept);
    case Hidden::swiglu: return kernels<T>().swiglu(count, x, gate, out, kept, gate_kept);
  }
}

template <typename T>
void activate_backward(Hidden hidden, int64_t rows, int64_t width, int64_t stride, const T* x, const T* gate, T* out, T* gradient, T* gate_gradient) {
  switch (hidden) {
    case Hidden::gelu: return kernels<T>().gelu_backward(rows, width, stride, x, out, gradient);
    case Hidden::relu2: return kernels<T>().relu2_backward(rows, width, stride, x, out, gradient);
    case Hidden::swiglu: return kernels<T>().swiglu_backward(rows, width, stride, x, gate, out, gradient, gate_gradient);
  }
}

void check_weight(const Tensor& weight, const Tensor& x, const char* name, int64_t rows, int64_t columns) {
  check_operand(weight, x, name);
  TORCH_CHECK(weight.dim() == 2 && weight.size(0) == rows && weight.size(1) == columns, name, " is ", weight.sizes(), ", not (", rows, ", ", columns, ")");
}

struct Mlp : torch::autograd::Function<Mlp> {
  // input (…, d), weights (h, d), gate likewise for swiglu, output (d, h) → (…, d). `keep` what backward needs.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& in, const OptionalTensor& gate, const Tensor& out, c10::string_view activation,
                        const OptionalTensor& norm_weight, const OptionalTensor& norm_bias, double epsilon, const OptionalTensor& in_gradient,
                        const OptionalTensor& gate_gradient, const OptionalTensor& out_gradient, const OptionalTensor& norm_weight_gradient,
                        const OptionalTensor& norm_bias_gradient, bool keep) {
    TORCH_CHECK(input.dim() > 0 && in.dim() == 2, "input ", input.sizes(), " and weight ", in.sizes(), " are not (..., d) and (h, d)");
    Hidden hidden = hidden_of(activation, gate.has_value());
    int64_t d = input.size(-1), h = in.size(0), rows = d == 0 ? 0 : input.numel() / d;
    check_weight(in, input, "input weight", h, d);
    check_weight(out, input, "output weight", d, h);
    if (gate.has_value()) check_weight(*gate, input, "gate weight", h, d);
    check_gradient(or_undefined(in_gradient), in);
    check_gradient(or_undefined(out_gradient), out);
    if (gate.has_value()) check_gradient(or_undefined(gate_gradient), *gate);
    PreNorm norm(input, norm_weight, norm_bias, epsilon, norm_weight_gradient, norm_bias_gradient);
    Tensor x = input.contiguous(), w_in = in.contiguous(), w_gate = gate.has_value() ? gate->contiguous() : Tensor(), w_out = out.contiguous();
    Tensor y = at::empty_like(x), arguments, gates;
    if (keep) arguments = at::empty({rows, h}, x.options());
    if (keep && w_gate.defined()) gates = at::empty({rows, h}, x.options());
    by_type(x, [&](auto t) {
      using T = decltype(t);
      bool gated = w_gate.defined();
      auto b_in = SecondOperand<T>::transposed(w_in), b_out = SecondOperand<T>::transposed(w_out);
      std::optional<SecondOperand<T>> b_gate;
      if (gated) b_gate = SecondOperand<T>::transposed(w_gate);
      by_row_blocks<T>(rows, [&](int64_t first, int64_t count) {
        Tensor scratch = at::empty({count * ((gated ? 2 : 1) * h + d)}, x.options());
        T *hidden_units = data<T>(scratch), *by_gate = gated ? hidden_units + count * h : nullptr;
        const T* from = norm.rows(data<T>(x), first, count, d, hidden_units + (gated ? 2 : 1) * count * h);
        auto kept = [&](const Tensor& t) { return t.defined() ? data<T>(t) + first * h : nullptr; };
        product(count, from, d, b_in, hidden_units, h);
        if (gated) product(count, from, d, *b_gate, by_gate, h);
        activate<T>(hidden, count * h, hidden_units, by_gate, hidden_units, kept(arguments), kept(gates));
        // Beside it, the rows that the next block begins with.
        product(count, hidden_units, h, b_out, data<T>(y) + first * d, d, norm.stream(data<T>(x), first, d), norm.stream(data<T>(x), first + count, d));
      });
    });
    variable_list saved;
    if (keep) {
      saved = {x, w_in, w_gate, w_out, arguments, gates};
      norm.save(context, saved);
    }
    context->save_for_backward(std::move(saved));
    context->saved_data["hidden"] = static_cast<int64_t>(hidden);
    context->saved_data["in"] = or_undefined(in_gradient);
    context->saved_data["gate"] = or_undefined(gate_gradient);
    context->saved_data["out"] = or_undefined(out_gradient);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w_in = saved[1], &w_gate = saved[2], &w_out = saved[3], &arguments = saved[4], &gates = saved[5];
    Hidden hidden = static_cast<Hidden>(context->saved_data["hidden"].toInt());
    PreNorm norm(context, saved, 6);
    Tensor dy = outer[0].contiguous(), dx = at::empty_like(x);
    RECORD_FUNCTION("scalinglab::mlp_backward", std::vector<c10::IValue>({x, w_in, w_gate, w_out}));
    ParameterGradient of_in(context->saved_data["in"].toTensor(), w_in), of_gate(context->saved_data["gate"].toTensor(), w_gate),
        of_out(context->saved_data["out"].toTensor(), w_out), of_norm(norm.weight_gradient, norm.weight), of_bias(norm.bias_gradient, norm.bias);
    int64_t h = w_in.size(0), d = w_in.size(1), rows = x.numel() / d;
    by_type(x, [&](auto t) {
      using T = decltype(t);
      int64_t stride = spread_stride<T>(h);
      const Kernels<T>& k = kernels<T>();
      bool gated = w_gate.defined();
      SecondOperand<T> b_in(w_in), b_out(w_out);
      std::optional<SecondOperand<T>> b_gate;
      if (gated) b_gate.emplace(w_gate);
      Tensor out_transposed = at::empty({h, d}, x.options());  // the narrower matrix, dy, is the one to pack
      by_gradient_blocks(rows, [&](int64_t start, int64_t block) {
        Tensor scratch = at::empty({block * ((gated ? 3 : 2) * stride + d)}, x.options());
        T *by_in = data<T>(scratch), *active = by_in + block * stride, *by_gate = gated ? active + block * stride : nullptr;
        const T* outers = data<T>(dy) + start * d;
        by_row_blocks<T>(block, [&](int64_t first, int64_t count) {
          int64_t at = (start + first) * h;
          T *own = by_in + first * stride, *own_gate = gated ? by_gate + first * stride : nullptr, *to = data<T>(dx) + (start + first) * d;
          product<T>(count, outers + first * d, d, b_out, own, stride, nullptr, data<T>(arguments) + at);
          activate_backward<T>(hidden, count, h, stride, data<T>(arguments) + at, gated ? data<T>(gates) + at : nullptr, active + first * stride, own, own_gate);
          product<T>(count, own, stride, b_in, to, d, nullptr, norm.stream(data<T>(x), start + first, d));
          if (gated) product<T>(count, own_gate, stride, *b_gate, to, d, to);
        });
        norm.backward(data<T>(x), start, block, d, data<T>(dy), data<T>(dx), data<T>(of_norm.memory), data<T>(of_bias.memory), x);
        const T* from = norm.rows_again(data<T>(x), start, block, d, by_in + (gated ? 3 : 2) * block * stride);
        SecondOperand<T> rows_x(from, block, d, x);
        add_weight_gradient<T>(by_in, h, stride, rows_x, data<T>(of_in.memory));
        if (gated) add_weight_gradient<T>(by_gate, h, stride, rows_x, data<T>(of_gate.memory));
        add_weight_gradient<T>(active, h, stride, SecondOperand<T>(outers, block, d, x), data<T>(out_transposed), start > 0);
      });
      if (rows > 0) k.add_transposed(d, h, data<T>(out_transposed), data<T>(of_out.memory));
    });
    return {dx, of_in.returned, of_gate.returned, of_out.returned, Tensor(), of_norm.returned, of_bias.returned, Tensor(),
            Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor mlp(const Tensor& input, const Tensor& in, const OptionalTensor& gate, const Tensor& out, c10::string_view activation, const OptionalTensor& norm_weight,
           const OptionalTensor& norm_bias, double epsilon, const OptionalTensor& in_gradient, const OptionalTensor& gate_gradient,
           const OptionalTensor& out_gradient, const OptionalTensor& norm_weight_gradient, const OptionalTensor& norm_bias_gradient) {
  bool keep = wants_gradient({input, in, or_undefined(gate), out, or_undefined(norm_weight), or_undefined(norm_bias)});
  return Mlp::apply(input, in, gate, out, activation, norm_weight, norm_bias, epsilon, in_gradient, gate_gradient, out_gradient, norm_weight_gradient,
                    norm_bias_gradient, keep);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def(
      "mlp(Tensor input, Tensor input_weight, Tensor? gate_weight, Tensor output_weight, str activation, Tensor? norm_weight=None, Tensor? norm_bias=None, "
      "float epsilon=0, Tensor? input_gradient=None, Tensor? gate_gradient=None, Tensor? output_gradient=None, Tensor? norm_weight_gradient=None, "
      "Tensor? norm_bias_gradient=None) -> Tensor",
      mlp);
}

}  // namespace
}  // namespace sl
