// scalinglab::cross_entropy_: mean cross-entropy of each model of a stack; the logits become their own gradient.
#include "cuda_kernels.h"

#include <algorithm>

namespace sl {
namespace {

constexpr int64_t kMostThreads = 1024;
constexpr int64_t kElementsOfThread = 16;

// Enough threads for some vectors each, in whole warps.
int64_t threads_for(int64_t classes) {
  int64_t wanted = ceiling(classes, kElementsOfThread);
  return std::clamp(ceiling(wanted, kWarpThreads) * kWarpThreads, kWarpThreads, kMostThreads);
}

struct CrossEntropy : torch::autograd::Function<CrossEntropy> {
  // logits (models, rows, classes), one int64 target a row → (models), in nats a row. With `keep` the logits are spent.
  static Tensor forward(AutogradContext* context, const Tensor& logits, const Tensor& target_indices, bool keep) {
    TORCH_CHECK(logits.dim() == 3 && logits.is_contiguous(), "logits ", logits.sizes(), " are not contiguous (models, rows, classes)");
    int64_t models = logits.size(0), rows = logits.size(1), classes = logits.size(2);
    TORCH_CHECK(rows > 0 && classes > 0, "no rows or no classes: their mean loss is undefined");
    TORCH_CHECK(target_indices.scalar_type() == at::kLong && target_indices.numel() == models * rows, "targets ", target_indices.sizes(),
                " are not one int64 for each of ", models * rows, " rows");
    check_alike(target_indices, logits, "targets");
    Tensor targets = target_indices.contiguous(), losses = at::empty({models, rows}, logits.options().dtype(at::kFloat));
    CrossEntropyArguments arguments{logits.data_ptr(),
                                    static_cast<const long long*>(targets.data_ptr()),
                                    data<float>(losses),
                                    classes,
                                    keep ? 1 / static_cast<float>(rows) : 0};
    launch(logits, kernel_of("cross_entropy", logits), {models * rows, 1}, threads_for(classes), 0, &arguments);
    if (keep) {
      logits.unsafeGetTensorImpl()->bump_version();  // whoever kept them for a backward pass of its own is told
      context->saved_data["gradient"] = logits.detach();
    }
    return losses.mean(1);
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    Tensor gradient = context->saved_data["gradient"].toTensor(), factors = outer[0].contiguous();
    int64_t models = gradient.size(0), count = gradient.numel() / models;
    ScaleArguments arguments{gradient.data_ptr(), data<float>(factors), count};
    launch(gradient, kernel_of("scale", gradient), {std::min<int64_t>(ceiling(count, kBlockThreads * kElementsOfThread), 1024), models}, kBlockThreads, 0,
           &arguments);
    return {gradient, Tensor(), Tensor()};
  }
};

Tensor cross_entropy_(const Tensor& logits, const Tensor& targets) {
  return CrossEntropy::apply(logits, targets, c10::GradMode::is_enabled() && logits.requires_grad());
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) { library.def("cross_entropy_(Tensor logits, Tensor targets) -> Tensor", cross_entropy_); }

}  // namespace
}  // namespace sl
