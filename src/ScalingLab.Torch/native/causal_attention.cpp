// scalinglab::causal_attention: from the packed product of queries, keys and values to the mixed values of all heads.
#include "operators.h"

namespace sl {
namespace {

struct CausalAttention : torch::autograd::Function<CausalAttention> {
  // qkv (batch, tokens, 3 · heads · width) → (batch, tokens, heads · width); cosines and sines (tokens or more, width / 2) rotate
  // queries and keys.
  static Tensor forward(AutogradContext* context, const Tensor& packed_qkv, int64_t heads, const OptionalTensor& cosines, const OptionalTensor& sines,
                        bool qk_norm) {
    check_operand(packed_qkv, packed_qkv, "qkv");
    TORCH_CHECK(packed_qkv.dim() == 3 && heads > 0 && packed_qkv.size(2) % (3 * heads) == 0, "qkv ", packed_qkv.sizes(), " is not (batch, tokens, 3 x ",
                heads, " heads x width)");
    int64_t batch = packed_qkv.size(0), tokens = packed_qkv.size(1), model = packed_qkv.size(2) / 3, width = model / heads;
    for (const OptionalTensor& table : {cosines, sines}) {
      if (!table.has_value()) continue;
      check_operand(*table, packed_qkv, "rotation");
      TORCH_CHECK(width % 2 == 0 && table->is_contiguous() && table->size(0) >= tokens && table->numel() == table->size(0) * (width / 2), "rotation ",
                  table->sizes(), " is not contiguous (", tokens, " tokens or more, ", width, " / 2)");
    }
    TORCH_CHECK(cosines.has_value() == sines.has_value(), "cosines and sines come together");
    Tensor qkv = packed_qkv.contiguous(), cos = or_undefined(cosines), sin = or_undefined(sines);
    Tensor y = at::empty({batch, tokens, model}, qkv.options()), log_sums = at::empty({batch, heads, tokens}, qkv.options());
    by_type(qkv, [&](auto t) {
      using T = decltype(t);
      at::parallel_for(0, batch * heads, 1, [&](int64_t first, int64_t last) {
        Tensor scratch = at::empty({kernels<T>().attention_scratch(tokens, width, false)}, qkv.options());
        for (int64_t i = first; i < last; i++) {
          int64_t b = i / heads, h = i % heads;
          kernels<T>().attention_forward(data<T>(qkv) + b * tokens * 3 * model + h * width, tokens, heads, width, data<T>(cos), data<T>(sin), qk_norm,
                                         data<T>(y) + b * tokens * model + h * width, data<T>(log_sums) + i * tokens, data<T>(scratch));
        }
      });
    });
    context->save_for_backward({qkv, y, log_sums, cos, sin});
    context->saved_data["heads"] = heads;
    context->saved_data["qk_norm"] = qk_norm;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &y = saved[1], &log_sums = saved[2], &cos = saved[3], &sin = saved[4];
    int64_t heads = context->saved_data["heads"].toInt();
    bool qk_norm = context->saved_data["qk_norm"].toBool();
    int64_t batch = y.size(0), tokens = y.size(1), model = y.size(2), width = model / heads;
    RECORD_FUNCTION("scalinglab::causal_attention_backward", std::vector<c10::IValue>({qkv}));
    Tensor dy = outer[0].contiguous(), dqkv = at::empty_like(qkv);
    by_type(qkv, [&](auto t) {
      using T = decltype(t);
      at::parallel_for(0, batch * heads, 1, [&](int64_t first, int64_t last) {
        Tensor scratch = at::empty({kernels<T>().attention_scratch(tokens, width, true)}, qkv.options());
        for (int64_t i = first; i < last; i++) {
          int64_t at_y = i / heads * tokens * model + i % heads * width, at_qkv = i / heads * tokens * 3 * model + i % heads * width;
          kernels<T>().attention_backward(data<T>(qkv) + at_qkv, data<T>(y) + at_y, data<T>(log_sums) + i * tokens, data<T>(dy) + at_y, tokens, heads,
                                          width, data<T>(cos), data<T>(sin), qk_norm, data<T>(dqkv) + at_qkv, data<T>(scratch));
        }
      });
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
