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
    Tensor y = at::empty({batch, all.tokens, all.model}, qkv.options()), kept = all.kept(batch, qkv);
    by_type(qkv, [&](auto t) {
      using T = decltype(t);
      all.mix<T>(batch, data<T>(qkv), 3 * all.model, data<T>(y), data<T>(kept), qkv);
    });
    context->save_for_backward({kept, y, all.cosines, all.sines});
    context->saved_data["heads"] = heads;
    context->saved_data["qk_norm"] = qk_norm;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &kept = saved[0], &y = saved[1];
    Heads all(context->saved_data["heads"].toInt(), y.size(1), y.size(2), saved[2], saved[3], context->saved_data["qk_norm"].toBool());
    Tensor dy = outer[0].contiguous(), dqkv = at::empty({y.size(0), all.tokens, 3 * all.model}, y.options());
    RECORD_FUNCTION("scalinglab::causal_attention_backward", std::vector<c10::IValue>({dqkv}));  // flops.cpp counts by its shape
    by_type(y, [&](auto t) {
      using T = decltype(t);
      all.unmix<T>(y.size(0), data<T>(kept), data<T>(y), data<T>(dy), all.model, data<T>(dqkv), 3 * all.model, y);
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
