// scalinglab::mlp: the position-wise network of a block, a few rows at a time: their hidden units, and the gradients by them, stay in
// the second-level cache between the products and the activation.
#include "operators.h"

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
void activate(Hidden hidden, int64_t count, const T* x, const T* gate, T* out, T* slope, T* gate_slope, T* kept) {
  switch (hidden) {
    case Hidden::gelu: return kernels<T>().gelu(count, x, out, slope, kept);
    case Hidden::relu2: return kernels<T>().relu2(count, x, out, slope, kept);
    case Hidden::swiglu: return kernels<T>().swiglu(count, x, gate, out, slope, gate_slope, kept);
  }
}

void check_weight(const Tensor& weight, const Tensor& x, const char* name, int64_t rows, int64_t columns) {
  check_operand(weight, x, name);
  TORCH_CHECK(weight.dim() == 2 && weight.size(0) == rows && weight.size(1) == columns, name, " is ", weight.sizes(), ", not (", rows, ", ", columns, ")");
}

struct Mlp : torch::autograd::Function<Mlp> {
  // input (…, d), weights (h, d), gate likewise for swiglu, output (d, h) → (…, d). `keep` what backward needs.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& in, const OptionalTensor& gate, const Tensor& out, c10::string_view activation,
                        const OptionalTensor& in_gradient, const OptionalTensor& gate_gradient, const OptionalTensor& out_gradient, bool keep) {
    TORCH_CHECK(input.dim() > 0 && in.dim() == 2, "input ", input.sizes(), " and weight ", in.sizes(), " are not (..., d) and (h, d)");
    Hidden hidden = hidden_of(activation, gate.has_value());
    int64_t d = input.size(-1), h = in.size(0), rows = d == 0 ? 0 : input.numel() / d;
    check_weight(in, input, "input weight", h, d);
    check_weight(out, input, "output weight", d, h);
    if (gate.has_value()) check_weight(*gate, input, "gate weight", h, d);
    check_gradient(or_undefined(in_gradient), in);
    check_gradient(or_undefined(out_gradient), out);
    if (gate.has_value()) check_gradient(or_undefined(gate_gradient), *gate);
    Tensor x = input.contiguous(), w_in = in.contiguous(), w_gate = gate.has_value() ? gate->contiguous() : Tensor(), w_out = out.contiguous();
    Tensor y = at::empty_like(x), slopes, gate_slopes, active;
    if (keep) {
      slopes = at::empty({rows, h}, x.options());
      active = at::empty({rows, h}, x.options());
      if (w_gate.defined()) gate_slopes = at::empty({rows, h}, x.options());
    }
    by_type(x, [&](auto t) {
      using T = decltype(t);
      const Kernels<T>& k = kernels<T>();
      Tensor b_in = packed<T>(w_in, true), b_gate = w_gate.defined() ? packed<T>(w_gate, true) : Tensor(), b_out = packed<T>(w_out, true);
      bool gated = w_gate.defined();
      by_row_blocks<T>(rows, [&](int64_t first, int64_t count) {
        Tensor scratch = at::empty({gated ? 3 : 2, count, h}, x.options());
        T *before = data<T>(scratch), *after = before + count * h, *by_gate = gated ? after + count * h : nullptr;
        auto kept = [&](const Tensor& t) { return t.defined() ? data<T>(t) + first * h : nullptr; };
        k.product(count, h, d, data<T>(x) + first * d, d, data<T>(b_in), before, h, false);
        if (gated) k.product(count, h, d, data<T>(x) + first * d, d, data<T>(b_gate), by_gate, h, false);
        activate<T>(hidden, count * h, before, by_gate, after, kept(slopes), kept(gate_slopes), kept(active));
        k.product(count, d, h, after, h, data<T>(b_out), data<T>(y) + first * d, d, false);
      });
    });
    if (keep) context->save_for_backward({x, w_in, w_gate, w_out, slopes, gate_slopes, active});
    context->saved_data["in"] = or_undefined(in_gradient);
    context->saved_data["gate"] = or_undefined(gate_gradient);
    context->saved_data["out"] = or_undefined(out_gradient);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w_in = saved[1], &w_gate = saved[2], &w_out = saved[3], &slopes = saved[4], &gate_slopes = saved[5], &active = saved[6];
    Tensor dy = outer[0].contiguous(), dx = at::empty_like(x);
    RECORD_FUNCTION("scalinglab::mlp_backward", std::vector<c10::IValue>({x, w_in, w_gate, w_out}));
    ParameterGradient of_in(context->saved_data["in"].toTensor(), w_in), of_gate(context->saved_data["gate"].toTensor(), w_gate),
        of_out(context->saved_data["out"].toTensor(), w_out);
    int64_t h = w_in.size(0), d = w_in.size(1), rows = x.numel() / d;
    by_type(x, [&](auto t) {
      using T = decltype(t);
      const Kernels<T>& k = kernels<T>();
      Tensor b_in = packed<T>(w_in, false), b_gate = w_gate.defined() ? packed<T>(w_gate, false) : Tensor(), b_out = packed<T>(w_out, false);
      bool gated = w_gate.defined();
      Tensor out_transposed = at::zeros({h, d}, x.options());  // the narrower matrix, dy, is the one to pack
      by_gradient_blocks(rows, [&](int64_t start, int64_t block) {
        Tensor scratch = at::empty({gated ? 2 : 1, block, h}, x.options());
        T *by_in = data<T>(scratch), *by_gate = gated ? by_in + block * h : nullptr;
        const T *xs = data<T>(x) + start * d, *outers = data<T>(dy) + start * d;
        by_row_blocks<T>(block, [&](int64_t first, int64_t count) {
          int64_t at = (start + first) * h;
          T *own = by_in + first * h, *own_gate = gated ? by_gate + first * h : nullptr, *to = data<T>(dx) + (start + first) * d;
          k.product(count, h, d, outers + first * d, d, data<T>(b_out), own, h, false);
          if (gated) k.multiply(count * h, own, data<T>(gate_slopes) + at, own_gate);
          k.multiply(count * h, own, data<T>(slopes) + at, own);
          k.product(count, d, h, own, h, data<T>(b_in), to, d, false);
          if (gated) k.product(count, d, h, own_gate, h, data<T>(b_gate), to, d, true);
        });
        Tensor b_x = packed_rows<T>(xs, block, d, x);
        add_weight_gradient<T>(by_in, h, block, b_x, d, data<T>(of_in.memory));
        if (gated) add_weight_gradient<T>(by_gate, h, block, b_x, d, data<T>(of_gate.memory));
        add_weight_gradient<T>(data<T>(active) + start * h, h, block, packed_rows<T>(outers, block, d, x), d, data<T>(out_transposed));
      });
      k.add_transposed(d, h, data<T>(out_transposed), data<T>(of_out.memory));
    });
    return {dx, of_in.returned, of_gate.returned, of_out.returned, Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor mlp(const Tensor& input, const Tensor& in, const OptionalTensor& gate, const Tensor& out, c10::string_view activation, const OptionalTensor& in_gradient,
           const OptionalTensor& gate_gradient, const OptionalTensor& out_gradient) {
  bool keep = c10::GradMode::is_enabled() && (input.requires_grad() || in.requires_grad() || out.requires_grad() || (gate.has_value() && gate->requires_grad()));
  return Mlp::apply(input, in, gate, out, activation, in_gradient, gate_gradient, out_gradient, keep);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def(
      "mlp(Tensor input, Tensor input_weight, Tensor? gate_weight, Tensor output_weight, str activation, Tensor? input_gradient=None, "
      "Tensor? gate_gradient=None, Tensor? output_gradient=None) -> Tensor",
      mlp);
}

}  // namespace
}  // namespace sl
