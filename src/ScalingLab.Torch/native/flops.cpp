// Counts the floating-point operations that are really dispatched, by a callback on every leaf product.
// Needs -DNDEBUG: at::RecordFunction has a member under #ifndef NDEBUG, and without the flag its layout differs from
// a release libtorch's and every callback fails an assertion.
#include "shim.h"

#include <ATen/record_function.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>

namespace {

std::mutex guard;
double forward_flops = 0, backward_flops = 0;
int64_t products = 0;
std::string callback_error;  // what a callback throws is swallowed by libtorch, so it is kept here and reported at the end
at::CallbackHandle callback = 0;
bool counting = false;
thread_local int backward_depth = 0;  // above 0 inside an autograd node

double product(at::IntArrayRef sizes) {
  double all = 1;
  for (int64_t size : sizes) all *= static_cast<double>(size);
  return all;
}

// D of heads as the model has them. CUDA's flash kernels are given heads padded to a multiple of 8 and the scale of the width
// before, 1 / sqrt(D), as their last argument; products with padding are none of the model's, as recomputed ones are none.
double head_width(const at::Tensor& query, const c10::IValue& scale) {
  double given = static_cast<double>(query.size(-1));
  if (!scale.isDouble()) return given;
  double width = std::round(1 / (scale.toDouble() * scale.toDouble()));
  return width < given && width > given - 8 ? width : given;
}

// FLOPs of a leaf product (a multiply-add is two), or -1 for an operator that is none.
// linear, matmul and einsum are composites of these and would be counted twice.
double leaf_flops(const char* name, c10::ArrayRef<const c10::IValue> in) {
  auto tensor = [&](size_t i) -> const at::Tensor& { return in[i].toTensor(); };
  auto first_times_columns = [&](size_t a, size_t b) { return 2 * product(tensor(a).sizes()) * tensor(b).size(-1); };
  if (!std::strncmp(name, "aten::", 6)) {
    const char* op = name + 6;
    if (!std::strcmp(op, "mm") || !std::strcmp(op, "bmm")) return first_times_columns(0, 1);
    if (!std::strcmp(op, "addmm") || !std::strcmp(op, "baddbmm") || !std::strcmp(op, "_addmm_activation")) return first_times_columns(1, 2);
    if (!std::strcmp(op, "addbmm")) return first_times_columns(1, 2);
    if (!std::strcmp(op, "mv")) return 2 * product(tensor(0).sizes());
    if (!std::strcmp(op, "addmv")) return 2 * product(tensor(1).sizes());
    if (!std::strcmp(op, "dot") || !std::strcmp(op, "vdot")) return 2 * product(tensor(0).sizes());
    // Attention kernels of libtorch 2.x: (B, H, T, D). Two products forward; five backward, of which one is the
    // recomputed logits; the four that the mathematics needs are counted. The causal mask is not exploited.
    bool attention = !std::strncmp(op, "_scaled_dot_product_", 20) && (std::strstr(op, "flash") || std::strstr(op, "efficient") || std::strstr(op, "cudnn"));
    if (attention) {
      bool back = std::strstr(op, "backward") != nullptr;
      const at::Tensor &query = tensor(back ? 1 : 0), &key = tensor(back ? 2 : 1);
      return (back ? 8 : 4) * product(query.sizes().slice(0, query.dim() - 1)) * head_width(query, in.back()) * key.size(2);
    }
  }
  if (!std::strncmp(name, "scalinglab::", 12)) {  // the fused operators, by the same convention
    const char* op = name + 12;
    bool back = std::strstr(op, "_backward") != nullptr;
    if (!std::strncmp(op, "head_loss", 9)) return (back ? 2 : 1) * 2 * product(tensor(0).sizes()) * tensor(1).size(0);
    if (!std::strncmp(op, "mlp", 3)) {
      double products = in[2].isTensor() && tensor(2).defined() ? 3 : 2;  // with a gate or without
      return (back ? 2 : 1) * products * 2 * product(tensor(0).sizes()) * tensor(1).size(0);
    }
    if (!std::strncmp(op, "self_attention", 14)) {  // input (B, T, d), weights (3 d, d) and (d, d)
      double elements = product(tensor(0).sizes());
      return (back ? 2 : 1) * (8 * elements * tensor(0).size(2) + 4 * elements * tensor(0).size(1));
    }
    if (!std::strncmp(op, "causal_attention", 16)) return (back ? 8 : 4) * product(tensor(0).sizes()) / 3 * tensor(0).size(1);  // qkv: (B, T, 3 d)
  }
  return -1;
}

std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& function) {
  if (function.scope() == at::RecordScope::BACKWARD_FUNCTION) {
    backward_depth++;
    return nullptr;
  }
  try {
    auto inputs = function.inputs();
    double flops = leaf_flops(function.name(), c10::ArrayRef<const c10::IValue>(inputs.data(), inputs.size()));
    if (flops >= 0) {
      std::lock_guard<std::mutex> lock(guard);
      (backward_depth > 0 ? backward_flops : forward_flops) += flops;
      products++;
    }
  } catch (const std::exception& error) {
    std::lock_guard<std::mutex> lock(guard);
    callback_error = std::string(function.name()) + ": " + error.what();
  }
  return nullptr;
}

void leave(const at::RecordFunction& function, at::ObserverContext*) {
  if (function.scope() == at::RecordScope::BACKWARD_FUNCTION) backward_depth--;
}

}  // namespace

SL_API int sl_flops_start() {
  return sl::guarded([&] {
    TORCH_CHECK(!counting, "FLOPs are being counted already");
    forward_flops = backward_flops = 0;
    products = 0;
    callback_error.clear();
    callback = at::addGlobalCallback(at::RecordFunctionCallback(enter, leave)
                                         .needsInputs(true)
                                         .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
    counting = true;
  });
}

// Ends counting. A callback that failed is an error: its count would be silently low.
SL_API int sl_flops_stop(double* forward, double* backward, int64_t* product_count) {
  return sl::guarded([&] {
    TORCH_CHECK(counting, "FLOPs are not being counted");
    at::removeCallback(callback);
    counting = false;
    std::lock_guard<std::mutex> lock(guard);
    TORCH_CHECK(callback_error.empty(), "the FLOP counter failed in ", callback_error);
    *forward = forward_flops;
    *backward = backward_flops;
    *product_count = products;
  });
}
