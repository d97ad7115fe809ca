// scalinglab::self_attention: the attention of a block with its two linear maps, its norm and its sum, a few sequences at a time:
// queries, keys and values, and the gradients by them, stay in the second-level cache between the products and the attention.
#include "heads.h"
#include "pre_norm.h"

namespace sl {
namespace {

// Sequences of a group: rows enough for a block of the weights' gradients. More for more threads where that cuts the sums over rows
// at the same places.
int64_t sequences_of_a_group(int64_t tokens) {
  int64_t sequences = (kPackBlock + tokens - 1) / tokens;
  return sequences * tokens % kPackBlock == 0 ? sequences * at::get_num_threads() : sequences;
}

template <typename Body>
void by_groups(int64_t batch, int64_t tokens, Body&& body) {
  int64_t size = sequences_of_a_group(tokens);
  for (int64_t first = 0; first < batch; first += size) body(first, std::min(size, batch - first));
}

// to (rows, n) = from (rows, k) · B, rows so far apart. `beside` (rows, n): see product.h.
template <typename T>
void times(int64_t rows, const T* from, int64_t from_stride, const SecondOperand<T>& b, T* to, int64_t to_stride, const T* beside) {
  by_row_blocks<T>(rows, [&](int64_t first, int64_t count) {
    product<T>(count, from + first * from_stride, from_stride, b, to + first * to_stride, to_stride, nullptr,
               beside != nullptr ? beside + first * b.columns : nullptr);
  });
}

struct SelfAttention : torch::autograd::Function<SelfAttention> {
  // input (batch, tokens, d), in (3 d, d), out (d, d) → (batch, tokens, d). `keep` what backward needs.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& in, const Tensor& out, int64_t heads, const OptionalTensor& cosines,
                        const OptionalTensor& sines, bool qk_norm, const OptionalTensor& norm_weight, const OptionalTensor& norm_bias, double epsilon,
                        const OptionalTensor& in_gradient, const OptionalTensor& out_gradient, const OptionalTensor& norm_weight_gradient,
                        const OptionalTensor& norm_bias_gradient, bool keep) {
    check_operand(in, input, "input weight");
    check_operand(out, input, "output weight");
    TORCH_CHECK(input.dim() == 3 && heads > 0 && input.size(2) % heads == 0, "input ", input.sizes(), " is not (batch, tokens, ", heads, " heads x width)");
    int64_t batch = input.size(0), tokens = input.size(1), d = input.size(2);
    TORCH_CHECK(in.dim() == 2 && in.size(0) == 3 * d && in.size(1) == d, "input weight is ", in.sizes(), ", not (", 3 * d, ", ", d, ")");
    TORCH_CHECK(out.dim() == 2 && out.size(0) == d && out.size(1) == d, "output weight is ", out.sizes(), ", not (", d, ", ", d, ")");
    check_gradient(or_undefined(in_gradient), in);
    check_gradient(or_undefined(out_gradient), out);
    Heads all(heads, tokens, d, or_undefined(cosines), or_undefined(sines), qk_norm);
    all.check(input);
    PreNorm norm(input, norm_weight, norm_bias, epsilon, norm_weight_gradient, norm_bias_gradient);
    Tensor x = input.contiguous(), w_in = in.contiguous(), w_out = out.contiguous(), result = at::empty_like(x);
    int64_t group = std::min(batch, sequences_of_a_group(std::max<int64_t>(tokens, 1))), held = keep ? batch : group;
    Tensor y = at::empty({held, tokens, d}, x.options()), kept = all.kept(held, x);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      auto b_in = SecondOperand<T>::transposed(w_in), b_out = SecondOperand<T>::transposed(w_out);
      int64_t stride = spread_stride<T>(3 * d);
      Tensor qkv = at::empty({group * tokens, stride}, x.options());
      by_groups(tokens == 0 ? 0 : batch, tokens, [&](int64_t first, int64_t count) {
        int64_t slot = keep ? first : 0, rows = count * tokens;
        T* own_y = data<T>(y) + slot * tokens * d;
        by_row_blocks<T>(rows, [&](int64_t row, int64_t height) {
          Tensor normed = at::empty({height, d}, x.options());
          const T* from = norm.rows(data<T>(x), first * tokens + row, height, d, data<T>(normed));
          product(height, from, d, b_in, data<T>(qkv) + row * stride, stride);
        });
        all.mix<T>(count, data<T>(qkv), stride, own_y, data<T>(kept) + slot * heads * all.kept_size<T>(), x);
        by_row_blocks<T>(rows, [&](int64_t row, int64_t height) {
          int64_t at = first * tokens + row;  // beside it, the rows that the next group begins with
          product<T>(height, own_y + row * d, d, b_out, data<T>(result) + at * d, d, norm.stream(data<T>(x), at, d),
                     norm.stream(data<T>(x), at + rows, d));
        });
      });
    });
    variable_list saved;
    if (keep) {
      saved = {x, w_in, w_out, kept, y, all.cosines, all.sines};
      norm.save(context, saved);
    }
    context->save_for_backward(std::move(saved));
    context->saved_data["heads"] = heads;
    context->saved_data["qk_norm"] = qk_norm;
    context->saved_data["in"] = or_undefined(in_gradient);
    context->saved_data["out"] = or_undefined(out_gradient);
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &w_in = saved[1], &w_out = saved[2], &kept = saved[3], &y = saved[4];
    int64_t batch = x.size(0), tokens = x.size(1), d = x.size(2);
    Heads all(context->saved_data["heads"].toInt(), tokens, d, saved[5], saved[6], context->saved_data["qk_norm"].toBool());
    RECORD_FUNCTION("scalinglab::self_attention_backward", std::vector<c10::IValue>({x, w_in, w_out}));
    PreNorm norm(context, saved, 7);
    ParameterGradient of_in(context->saved_data["in"].toTensor(), w_in), of_out(context->saved_data["out"].toTensor(), w_out),
        of_norm(norm.weight_gradient, norm.weight), of_bias(norm.bias_gradient, norm.bias);
    Tensor dresult = outer[0].contiguous(), dx = at::empty_like(x);
    by_type(x, [&](auto t) {
      using T = decltype(t);
      SecondOperand<T> b_in(w_in), b_out(w_out);
      int64_t stride = spread_stride<T>(3 * d), dy_stride = spread_stride<T>(d);
      by_groups(tokens == 0 ? 0 : batch, tokens, [&](int64_t first, int64_t count) {
        int64_t rows = count * tokens, at = first * tokens * d;
        Tensor scratch = at::empty({rows, stride + dy_stride + d}, x.options());
        T *dqkv = data<T>(scratch), *dy = dqkv + rows * stride, *normed = dy + rows * dy_stride;
        const T* dout = data<T>(dresult) + at;
        times<T>(rows, dout, d, b_out, dy, dy_stride, data<T>(y) + at);
        all.unmix<T>(count, data<T>(kept) + first * all.heads * all.kept_size<T>(), data<T>(y) + at, dy, dy_stride, dqkv, stride, x);
        times<T>(rows, dqkv, stride, b_in, data<T>(dx) + at, d, norm.stream(data<T>(x), first * tokens, d));
        norm.backward(data<T>(x), first * tokens, rows, d, data<T>(dresult), data<T>(dx), data<T>(of_norm.memory), data<T>(of_bias.memory), x);
        const T* from = norm.rows_again(data<T>(x), first * tokens, rows, d, normed);
        add_weight_gradient<T>(dqkv, 3 * d, stride, SecondOperand<T>(from, rows, d, x), data<T>(of_in.memory));
        add_weight_gradient<T>(dout, d, d, SecondOperand<T>(data<T>(y) + at, rows, d, x), data<T>(of_out.memory));
      });
    });
    return {dx, of_in.returned, of_out.returned, Tensor(), Tensor(), Tensor(), Tensor(), of_norm.returned, of_bias.returned, Tensor(),
            Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor self_attention(const Tensor& input, const Tensor& in, const Tensor& out, int64_t heads, const OptionalTensor& cosines, const OptionalTensor& sines,
                      bool qk_norm, const OptionalTensor& norm_weight, const OptionalTensor& norm_bias, double epsilon, const OptionalTensor& in_gradient,
                      const OptionalTensor& out_gradient, const OptionalTensor& norm_weight_gradient, const OptionalTensor& norm_bias_gradient) {
  bool keep = wants_gradient({input, in, out, or_undefined(norm_weight), or_undefined(norm_bias)});
  return SelfAttention::apply(input, in, out, heads, cosines, sines, qk_norm, norm_weight, norm_bias, epsilon, in_gradient, out_gradient, norm_weight_gradient,
                              norm_bias_gradient, keep);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def(
      "self_attention(Tensor input, Tensor input_weight, Tensor output_weight, int heads, Tensor? cosines=None, Tensor? sines=None, bool qk_norm=False, "
      "Tensor? norm_weight=None, Tensor? norm_bias=None, float epsilon=0, Tensor? input_gradient=None, Tensor? output_gradient=None, "
      "Tensor? norm_weight_gradient=None, Tensor? norm_bias_gradient=None) -> Tensor",
      self_attention);
}

}  // namespace
}  // namespace sl
