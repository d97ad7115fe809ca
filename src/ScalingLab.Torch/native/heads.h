// Causal attention of all heads of some sequences, spread over threads, and the rotation tables that it takes.
#pragma once
#include "operators.h"

namespace sl {

struct Heads {
  int64_t heads, tokens, model;  // model: heads · width
  Tensor cosines, sines;         // (tokens or more, width / 2), both or none
  bool qk_norm;

  Heads(int64_t heads, int64_t tokens, int64_t model, const Tensor& cosines, const Tensor& sines, bool qk_norm)
      : heads(heads), tokens(tokens), model(model), cosines(cosines), sines(sines), qk_norm(qk_norm) {}

  int64_t width() const { return model / heads; }

  void check(const Tensor& like) const {
    TORCH_CHECK(cosines.defined() == sines.defined(), "cosines and sines come together");
    for (const Tensor& table : {cosines, sines}) {
      if (!table.defined()) continue;
      check_operand(table, like, "rotation");
      TORCH_CHECK(width() % 2 == 0 && table.is_contiguous() && table.size(0) >= tokens && table.numel() == table.size(0) * (width() / 2), "rotation ",
                  table.sizes(), " is not contiguous (", tokens, " tokens or more, ", width(), " / 2)");
    }
  }

  // qkv (sequences, tokens, 3 · model) → y (sequences, tokens, model) and log_sums (sequences, heads, tokens).
  template <typename T>
  void mix(int64_t sequences, const T* qkv, T* y, T* log_sums, const Tensor& like) const {
    by_head<T>(sequences, false, like, [&](int64_t s, int64_t h, T* scratch) {
      kernels<T>().attention_forward(qkv + s * tokens * 3 * model + h * width(), tokens, heads, width(), data<T>(cosines), data<T>(sines), qk_norm,
                                     y + s * tokens * model + h * width(), log_sums + (s * heads + h) * tokens, scratch);
    });
  }

  // The gradient by qkv.
  template <typename T>
  void unmix(int64_t sequences, const T* qkv, const T* y, const T* log_sums, const T* dy, T* dqkv, const Tensor& like) const {
    by_head<T>(sequences, true, like, [&](int64_t s, int64_t h, T* scratch) {
      int64_t at_y = s * tokens * model + h * width(), at_qkv = s * tokens * 3 * model + h * width();
      kernels<T>().attention_backward(qkv + at_qkv, y + at_y, log_sums + (s * heads + h) * tokens, dy + at_y, tokens, heads, width(), data<T>(cosines),
                                      data<T>(sines), qk_norm, dqkv + at_qkv, scratch);
    });
  }

 private:
  template <typename T, typename Body>
  void by_head(int64_t sequences, bool backward, const Tensor& like, Body&& body) const {
    at::parallel_for(0, sequences * heads, 1, [&](int64_t first, int64_t last) {
      Tensor scratch = at::empty({kernels<T>().attention_scratch(tokens, width(), backward)}, like.options());
      for (int64_t i = first; i < last; i++) body(i / heads, i % heads, data<T>(scratch));
    });
  }
};

}  // namespace sl
