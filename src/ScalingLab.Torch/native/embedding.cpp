// scalinglab::embedding: rows of a table by token, with learned positions added.
// build-flags: -O3
#include "operators.h"

namespace sl {
namespace {

struct Embedding : torch::autograd::Function<Embedding> {
  // tokens (batch, T), table (classes, d), positions (T or more, d) → (batch, T, d).
  static Tensor forward(AutogradContext* context, const Tensor& token_indices, const Tensor& table, const OptionalTensor& positions,
                        const OptionalTensor& table_gradient, const OptionalTensor& positions_gradient) {
    check_operand(table, table, "table");
    TORCH_CHECK(token_indices.dim() == 2 && token_indices.scalar_type() == at::kLong && token_indices.device().is_cpu(), "tokens ", token_indices.sizes(),
                " are not int64 (batch, tokens)");
    TORCH_CHECK(table.dim() == 2, "table ", table.sizes(), " is not (classes, width)");
    int64_t length = token_indices.size(1), classes = table.size(0), d = table.size(1);
    Tensor tokens = token_indices.contiguous(), w = table.contiguous(), p;
    check_gradient(or_undefined(table_gradient), table);
    if (positions.has_value()) {
      check_operand(*positions, table, "positions");
      TORCH_CHECK(positions->dim() == 2 && positions->size(0) >= length && positions->size(1) == d, "positions ", positions->sizes(), " are not (", length,
                  " or more, ", d, ")");
      check_gradient(or_undefined(positions_gradient), *positions);
      p = positions->contiguous();
    }
    const int64_t* token = data<int64_t>(tokens);
    for (int64_t i = 0; i < tokens.numel(); i++) TORCH_CHECK(token[i] >= 0 && token[i] < classes, "token ", token[i], " is not one of ", classes);
    Tensor y = at::empty({tokens.size(0), length, d}, w.options());
    by_type(w, [&](auto t) {
      using T = decltype(t);
      at::parallel_for(0, tokens.numel(), 256, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
          const T *row = data<T>(w) + token[i] * d, *place = p.defined() ? data<T>(p) + i % length * d : nullptr;
          T* to = data<T>(y) + i * d;
          for (int64_t c = 0; c < d; c++) to[c] = place != nullptr ? row[c] + place[c] : row[c];
        }
      });
    });
    context->save_for_backward({tokens, w, p});
    context->saved_data["table"] = or_undefined(table_gradient);
    context->saved_data["positions"] = or_undefined(positions_gradient);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &tokens = saved[0], &w = saved[1], &p = saved[2];
    Tensor dy = outer[0].contiguous();
    ParameterGradient of_table(context->saved_data["table"].toTensor(), w), of_positions(context->saved_data["positions"].toTensor(), p);
    int64_t length = tokens.size(1), d = w.size(1);
    const int64_t* token = data<int64_t>(tokens);
    by_type(w, [&](auto t) {
      using T = decltype(t);
      // A thread owns columns and takes all tokens in order, so the order of additions is that of one thread.
      at::parallel_for(0, d, 64, [&](int64_t first, int64_t last) {
        for (int64_t i = 0; i < tokens.numel(); i++) {
          const T* from = data<T>(dy) + i * d;
          T* row = data<T>(of_table.memory) + token[i] * d;
          for (int64_t c = first; c < last; c++) row[c] += from[c];
          if (!p.defined()) continue;
          T* place = data<T>(of_positions.memory) + i % length * d;
          for (int64_t c = first; c < last; c++) place[c] += from[c];
        }
      });
    });
    return {Tensor(), of_table.returned, of_positions.returned, Tensor(), Tensor()};
  }
};

Tensor embedding(const Tensor& tokens, const Tensor& table, const OptionalTensor& positions, const OptionalTensor& table_gradient,
                 const OptionalTensor& positions_gradient) {
  return Embedding::apply(tokens, table, positions, table_gradient, positions_gradient);
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def("embedding(Tensor tokens, Tensor table, Tensor? positions=None, Tensor? table_gradient=None, Tensor? positions_gradient=None) -> Tensor",
              embedding);
}

}  // namespace
}  // namespace sl
