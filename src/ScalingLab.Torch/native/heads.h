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

  // Memory for what `sequences` keep for their backward pass, a head after the other.
  Tensor kept(int64_t sequences, const Tensor& like) const {
    Tensor memory;
    by_type(like, [&](auto t) { memory = at::empty({sequences, heads, kept_size<decltype(t)>()}, like.options()); });
    return memory;
  }

  // qkv (sequences, tokens, 3 · model), rows qkv_stride apart → y (sequences, tokens, model) and kept().
  template <typename T>
  void mix(int64_t sequences, const T* qkv, int64_t qkv_stride, T* y, T* kept, const Tensor& like) const {
    by_head<T>(sequences, false, like, [&](int64_t s, int64_t h, T* scratch) {
      kernels<T>().attention_forward(qkv + s * tokens * qkv_stride + h * width(), qkv_stride, tokens, heads, width(), data<T>(cosines), data<T>(sines),
                                     qk_norm, y + s * tokens * model + h * width(), kept + (s * heads + h) * kept_size<T>(), scratch);
    });
  }

  // The gradient by qkv.
  template <typename T>
  void unmix(int64_t sequences, const T* kept, const T* y, const T* dy, int64_t dy_stride, T* dqkv, int64_t dqkv_stride, const Tensor& like) const {
    by_head<T>(sequences, true, like, [&](int64_t s, int64_t h, T* scratch) {
      kernels<T>().attention_backward(kept + (s * heads + h) * kept_size<T>(), y + s * tokens * model + h * width(), dy + s * tokens * dy_stride + h * width(),
                                      dy_stride, tokens, heads, width(), data<T>(cosines), data<T>(sines), qk_norm,
                                      dqkv + s * tokens * dqkv_stride + h * width(), dqkv_stride, scratch);
    });
  }

  // Numbers that a head of a sequence keeps.
  template <typename T>
  int64_t kept_size() const {
    return kernels<T>().attention_kept(tokens, width(), qk_norm);
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
