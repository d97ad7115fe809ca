// scalinglab::stacked_norm: adds a branch to the residual streams of a stack of models and normalises the sums: (sum, normed).
#include "cuda_kernels.h"

#include <algorithm>

namespace sl {
namespace {

constexpr int64_t kMostWarps = 8;
constexpr int64_t kSharedBytes = 48 << 10;  // what any block may have
constexpr int64_t kLeastRowsOfAPart = 16;
constexpr int64_t kMostParts = 512;
constexpr int64_t kWeightThreads = 512;

int64_t bytes_of_warp(int64_t width) { return 2 * width * static_cast<int64_t>(sizeof(float)); }

struct StackedNorm : torch::autograd::Function<StackedNorm> {
  // stream (models, rows, width) float32; branch alike, in the type of the result; weight and bias (models, width), rows any distance apart.
  static variable_list forward(AutogradContext* context, const Tensor& stream, const OptionalTensor& added, const Tensor& weight, const OptionalTensor& offset,
                               double epsilon, bool rounded) {
    TORCH_CHECK(stream.dim() == 3 && stream.scalar_type() == at::kFloat, "stream ", stream.sizes(), " ", stream.scalar_type(), " is not (models, rows, width) float32");
    int64_t models = stream.size(0), rows = stream.size(1), width = stream.size(2);
    TORCH_CHECK(width > 0 && bytes_of_warp(width) <= kSharedBytes, "width ", width, " is not 1 to ", kSharedBytes / bytes_of_warp(1));
    check_parameter(weight, stream, "weight");
    Tensor x = stream.contiguous(), w = weight, b, branch;
    if (offset.has_value()) check_parameter(b = *offset, stream, "bias");
    auto type = rounded ? at::kBFloat16 : at::kFloat;
    if (added.has_value()) {
      check_alike(*added, stream, "branch");
      TORCH_CHECK(added->sizes() == stream.sizes() && added->scalar_type() == type, "branch ", added->sizes(), " ", added->scalar_type(), " is not ", stream.sizes(), " ", type);
      branch = added->contiguous();
    }
    Tensor sum = branch.defined() ? at::empty_like(x) : x, normed = at::empty(x.sizes(), x.options().dtype(type)), statistics = at::empty({models, rows, 2}, x.options());
    NormForwardArguments arguments{data<float>(x),
                                   data<void>(branch),
                                   data<float>(w),
                                   data<float>(b),
                                   data<float>(sum),
                                   data<void>(normed),
                                   data<float>(statistics),
                                   rows,
                                   w.stride(0),
                                   b.defined() ? b.stride(0) : 0,
                                   static_cast<int>(width),
                                   static_cast<float>(epsilon)};
    launch(x, kernel_of("norm_forward", normed), {ceiling(rows, kMostWarps), models}, kMostWarps * kWarpThreads, 0, &arguments);
    context->save_for_backward({sum, statistics, w});
    context->saved_data["branch"] = branch.defined();
    context->saved_data["biased"] = b.defined();
    context->saved_data["rounded"] = rounded;
    context->set_materialize_grads(false);
    if (!branch.defined()) return {normed};
    return {sum, normed};
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &sum = saved[0], &statistics = saved[1], &w = saved[2];
    bool branch = context->saved_data["branch"].toBool(), biased = context->saved_data["biased"].toBool(), rounded = context->saved_data["rounded"].toBool();
    Tensor dsum = branch ? outer[0] : Tensor(), dnormed = outer.back();
    if (!dnormed.defined()) return {dsum, branch && rounded ? dsum.to(at::kBFloat16) : branch ? dsum : Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
    if (dsum.defined()) dsum = dsum.contiguous();
    dnormed = dnormed.contiguous();
    int64_t models = sum.size(0), rows = sum.size(1), width = sum.size(2);
    int64_t rows_of_part = std::max(kLeastRowsOfAPart, ceiling(rows, kMostParts)), parts = ceiling(rows, rows_of_part);
    int64_t warps = std::min(kMostWarps, kSharedBytes / bytes_of_warp(width));
    Tensor dx = at::empty_like(sum), dbranch = branch && rounded ? at::empty_like(dnormed) : Tensor();
    Tensor partial = at::empty({models, parts, 2, width}, sum.options()), dweight = at::empty({models, width}, sum.options());
    Tensor dbias = biased ? at::empty_like(dweight) : Tensor();
    NormBackwardArguments arguments{data<float>(sum),
                                    data<float>(statistics),
                                    data<float>(w),
                                    data<void>(dnormed),
                                    data<float>(dsum),
                                    data<float>(dx),
                                    data<void>(dbranch),
                                    data<float>(partial),
                                    rows,
                                    w.stride(0),
                                    static_cast<int>(width),
                                    static_cast<int>(rows_of_part),
                                    biased};
    launch(sum, kernel_of("norm_backward", dnormed), {parts, models}, warps * kWarpThreads, warps * bytes_of_warp(width), &arguments);
    NormWeightArguments weights{data<float>(partial), data<float>(dweight), data<float>(dbias), static_cast<int>(parts), static_cast<int>(width)};
    launch(sum, "norm_weights", {ceiling(width, kWarpThreads), models}, kWeightThreads, 0, &weights);
    return {dx, dbranch.defined() ? dbranch : branch ? dx : Tensor(), dweight, dbias, Tensor(), Tensor()};
  }

  static void check_parameter(const Tensor& parameter, const Tensor& stream, const char* name) {
    check_alike(parameter, stream, name);
    TORCH_CHECK(parameter.scalar_type() == at::kFloat && parameter.dim() == 2 && parameter.size(0) == stream.size(0) && parameter.size(1) == stream.size(2) &&
                    (parameter.stride(1) == 1 || parameter.size(1) == 1),
                name, " ", parameter.sizes(), " is not float32 (", stream.size(0), ", ", stream.size(2), ")");
  }
};

std::tuple<Tensor, Tensor> stacked_norm(const Tensor& x, const OptionalTensor& branch, const Tensor& weight, const OptionalTensor& bias, double epsilon, bool rounded) {
  variable_list results = StackedNorm::apply(x, branch, weight, bias, epsilon, rounded);
  return {results.size() == 2 ? results[0] : x, results.back()};
}

TORCH_LIBRARY_FRAGMENT(scalinglab, library) {
  library.def("stacked_norm(Tensor x, Tensor? branch, Tensor weight, Tensor? bias, float epsilon, bool bfloat16) -> (Tensor, Tensor)", stacked_norm);
}

}  // namespace
}  // namespace sl
