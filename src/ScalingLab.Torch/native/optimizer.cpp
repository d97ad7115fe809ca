// scalinglab::gradient_norm and scalinglab::adamw_: clipping and AdamW over the flat vectors of all parameters.
#include "operators.h"

#include <cmath>

namespace sl {
namespace {

constexpr int64_t kChunk = 16384;  // elements; the norm is the sum of chunks in order, on any number of threads

void check_flat(const Tensor& tensor, const Tensor& like, const char* name) {
  check_operand(tensor, like, name);
  TORCH_CHECK(tensor.is_contiguous() && tensor.numel() == like.numel(), name, " is not contiguous with ", like.numel(), " elements");
}

// Euclidean norm of all elements.
double gradient_norm(const Tensor& gradients) {
  check_flat(gradients, gradients, "gradients");
  int64_t count = gradients.numel(), chunks = (count + kChunk - 1) / kChunk;
  std::vector<double> sums(chunks);
  by_type(gradients, [&](auto t) {
    using T = decltype(t);
    at::parallel_for(0, chunks, 4, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) sums[i] = kernels<T>().sum_of_squares(std::min(kChunk, count - i * kChunk), data<T>(gradients) + i * kChunk);
    });
  });
  double sum = 0;
  for (double part : sums) sum += part;
  return std::sqrt(sum);
}

// One update, number `step` from 1, of values and moments from gradients times `clip`; the first `decayed` values decay. Gradients become
// 0: to do so here costs no reading of them.
void adamw_(const Tensor& values, const Tensor& gradients, const Tensor& first_moment, const Tensor& second_moment, int64_t decayed, int64_t step,
            double learning_rate, double beta1, double beta2, double epsilon, double weight_decay, double clip) {
  check_flat(values, values, "values");
  check_flat(gradients, values, "gradients");
  check_flat(first_moment, values, "first moment");
  check_flat(second_moment, values, "second moment");
  int64_t count = values.numel();
  TORCH_CHECK(decayed >= 0 && decayed <= count && step > 0, "decayed ", decayed, " of ", count, " at step ", step);
  double rate = learning_rate / (1 - std::pow(beta1, static_cast<double>(step))), root = 1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(step)));
  double keep = 1 - learning_rate * weight_decay;
  by_type(values, [&](auto t) {
    using T = decltype(t);
    auto update = [&](int64_t first, int64_t last, double kept) {
      kernels<T>().adamw(last - first, data<T>(values) + first, data<T>(gradients) + first, data<T>(first_moment) + first, data<T>(second_moment) + first,
                         clip, kept, rate, root, beta1, beta2, epsilon);
    };
    at::parallel_for(0, count, kChunk, [&](int64_t first, int64_t last) {
      int64_t middle = std::clamp(decayed, first, last);
      if (middle > first) update(first, middle, keep);
      if (last > middle) update(middle, last, 1);
    });
  });
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def("gradient_norm(Tensor gradients) -> float", gradient_norm);
  library.def(
      "adamw_(Tensor values, Tensor gradients, Tensor first_moment, Tensor second_moment, int decayed, int step, float learning_rate, float beta1, "
      "float beta2, float epsilon, float weight_decay, float clip) -> ()",
      adamw_);
}

}  // namespace
}  // namespace sl
