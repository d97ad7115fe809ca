// scalinglab::split_heads: queries, keys and values out of their packed product, queries and keys normalised and rotated on the way.
#include "cuda_kernels.h"

namespace sl {
namespace {

constexpr int64_t kWarpsOfBlock = kBlockThreads / kWarpThreads;

void check_table(const Tensor& table, const Tensor& packed, int64_t tokens, int64_t half, const char* name) {
  check_alike(table, packed, name);
  TORCH_CHECK(table.scalar_type() == at::kFloat && table.is_contiguous() && table.numel() >= tokens * half, name, " ", table.sizes(), " are not float32 of ", half,
              " angles for each of ", tokens, " positions");
}

struct SplitHeads : torch::autograd::Function<SplitHeads> {
  // packed (sequences, tokens, 3 · heads · width) → three of (sequences, tokens, heads, width).
  static variable_list forward(AutogradContext* context, const Tensor& input, int64_t heads, const OptionalTensor& cosines, const OptionalTensor& sines,
                               double epsilon) {
    TORCH_CHECK(input.dim() == 3 && heads > 0 && input.size(2) % (3 * heads) == 0, "packed heads ", input.sizes(), " are not (sequences, tokens, 3 x ", heads,
                " x width)");
    Tensor packed = input.contiguous(), c = or_undefined(cosines), s = or_undefined(sines);
    int64_t width = packed.size(2) / (3 * heads);
    TORCH_CHECK(c.defined() == s.defined(), "a rotation takes cosines and sines");
    if (c.defined()) {
      TORCH_CHECK(width % 2 == 0, "heads of width ", width, " cannot be rotated: it is odd");
      check_table(c, packed, packed.size(1), width / 2, "cosines");
      check_table(s, packed, packed.size(1), width / 2, "sines");
    }
    variable_list parts;
    for (int i = 0; i < 3; i++) parts.push_back(at::empty({packed.size(0), packed.size(1), heads, width}, packed.options()));
    HeadsArguments arguments = describe(packed, c, s, heads, epsilon, parts);
    launch(packed, kernel_of("split_heads", packed), {ceiling(arguments.vectors, kWarpsOfBlock), 1}, kBlockThreads, 0, &arguments);
    context->save_for_backward({epsilon < 0 ? Tensor() : packed, c, s});  // the norm's gradient alone needs them
    context->saved_data["heads"] = heads;
    context->saved_data["epsilon"] = epsilon;
    return parts;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    int64_t heads = context->saved_data["heads"].toInt();
    for (Tensor& gradient : outer) gradient = gradient.contiguous();
    const Tensor &q = outer[0], &packed = saved[0];
    Tensor dpacked = at::empty({q.size(0), q.size(1), 3 * heads * q.size(3)}, q.options());
    HeadsArguments arguments = describe(packed.defined() ? packed : dpacked, saved[1], saved[2], heads, context->saved_data["epsilon"].toDouble(), outer);
    arguments.dpacked = dpacked.data_ptr();
    launch(q, kernel_of("split_heads_backward", q), {ceiling(arguments.vectors, kWarpsOfBlock), 1}, kBlockThreads, 0, &arguments);
    return {dpacked, Tensor(), Tensor(), Tensor(), Tensor()};
  }

  static HeadsArguments describe(const Tensor& packed, const Tensor& cosines, const Tensor& sines, int64_t heads, double epsilon, const variable_list& parts) {
    int64_t width = packed.size(2) / (3 * heads);
    return {packed.data_ptr(),
            data<float>(cosines),
            data<float>(sines),
            parts[0].data_ptr(),
            parts[1].data_ptr(),
            parts[2].data_ptr(),
            nullptr,
            packed.size(0) * packed.size(1) * 3 * heads,
            static_cast<int>(packed.size(1)),
            static_cast<int>(heads),
            static_cast<int>(width),
            static_cast<float>(epsilon)};
  }
};

std::tuple<Tensor, Tensor, Tensor> split_heads(const Tensor& packed, int64_t heads, const OptionalTensor& cosines, const OptionalTensor& sines, double epsilon) {
  variable_list parts = SplitHeads::apply(packed, heads, cosines, sines, epsilon);
  return {parts[0], parts[1], parts[2]};
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def("split_heads(Tensor packed, int heads, Tensor? cosines, Tensor? sines, float epsilon) -> (Tensor, Tensor, Tensor)", split_heads);
}

}  // namespace
}  // namespace sl
