// scalinglab::causal_attention: from the packed product of queries, keys and values to the mixed values of all heads.
#include "heads.h"

namespace sl {
namespace {

struct CausalAttention : torch::autograd::Function<CausalAttention> {
  // qkv (batch, tokens, 3 · heads · width) → (batch, tokens, heads · width).
  static Tensor forward(AutogradContext* context, const Tensor& packed_qkv, int64_t heads, const OptionalTensor& cosines, const OptionalTensor& sines,
                        bool qk_norm) {
    check_operand(packed_qkv, packed_qkv, "qkv");
    TORCH_CHECK(packed_qkv.dim() == 3 && heads > 0 && packed_qkv.size(2) % (3 * heads) == 0, "qkv ", packed_qkv.sizes(), " is not (batch, tokens, 3 x ",
                heads, " heads x width)");
    int64_t batch = packed_qkv.size(0);
    Heads all(heads, packed_qkv.size(1), packed_qkv.size(2) / 3, or_undefined(cosines), or_undefined(sines), qk_norm);
    all.check(packed_qkv);
    Tensor qkv = packed_qkv.contiguous();
    Tensor y = at::empty({batch, all.tokens, all.model}, qkv.options()), log_sums = at::empty({batch, heads, all.tokens}, qkv.options());
    by_type(qkv, [&](auto t) {
      using T = decltype(t);
      all.mix<T>(batch, data<T>(qkv), data<T>(y), data<T>(log_sums), qkv);
    });
    context->save_for_backward({qkv, y, log_sums, all.cosines, all.sines});
    context->saved_data["heads"] = heads;
    context->saved_data["qk_norm"] = qk_norm;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &y = saved[1], &log_sums = saved[2];
    Heads all(context->saved_data["heads"].toInt(), y.size(1), y.size(2), saved[3], saved[4], context->saved_data["qk_norm"].toBool());
    RECORD_FUNCTION("scalinglab::causal_attention_backward", std::vector<c10::IValue>({qkv}));
    Tensor dy = outer[0].contiguous(), dqkv = at::empty_like(qkv);
    by_type(qkv, [&](auto t) {
      using T = decltype(t);
      all.unmix<T>(y.size(0), data<T>(qkv), data<T>(y), data<T>(log_sums), data<T>(dy), data<T>(dqkv), qkv);
    });
    return {dqkv, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor causal_attention(const Tensor& qkv, int64_t heads, const OptionalTensor& cosines, const OptionalTensor& sines, bool qk_norm) {
  return CausalAttention::apply(qkv, heads, cosines, sines, qk_norm);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def("causal_attention(Tensor qkv, int heads, Tensor? cosines=None, Tensor? sines=None, bool qk_norm=False) -> Tensor", causal_attention);
}

}  // namespace
}  // namespace sl
