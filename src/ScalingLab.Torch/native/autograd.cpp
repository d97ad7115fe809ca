// Gradients: backward, gradient slots and the grad mode of the calling thread.
#include "shim.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

SL_API int sl_backward(Handle loss) {
  return sl::guarded([&] { loss->backward(); });
}

// d(outputs)/d(inputs) without touching gradient slots; an input that was not used gives null.
SL_API int sl_autograd_grad(const Handle* outputs, int32_t output_count, const Handle* inputs, int32_t input_count, Handle* gradients) {
  return sl::guarded([&] {
    torch::autograd::variable_list from, to;
    for (int32_t i = 0; i < output_count; i++) from.push_back(*outputs[i]);
    for (int32_t i = 0; i < input_count; i++) to.push_back(*inputs[i]);
    auto found = torch::autograd::grad(from, to, {}, /*retain_graph=*/{}, /*create_graph=*/false, /*allow_unused=*/true);
    for (int32_t i = 0; i < input_count; i++) gradients[i] = found[i].defined() ? new at::Tensor(found[i]) : nullptr;
  });
}

SL_API int sl_requires_grad(Handle tensor) { return tensor->requires_grad() ? 1 : 0; }

SL_API int sl_set_requires_grad(Handle tensor, int32_t on) {
  return sl::guarded([&] { tensor->set_requires_grad(on != 0); });
}

// Null when there is no gradient.
SL_API int sl_grad(Handle tensor, Handle* gradient) {
  return sl::guarded([&] {
    const at::Tensor& found = tensor->grad();
    *gradient = found.defined() ? new at::Tensor(found) : nullptr;
  });
}

SL_API int sl_set_grad(Handle tensor, Handle gradient) {
  return sl::guarded([&] { tensor->mutable_grad() = gradient == nullptr ? at::Tensor() : *gradient; });
}

// Sets whether this thread records operations for autograd, and returns what held before.
SL_API int32_t sl_set_grad_mode(int32_t on) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on != 0);
  return before ? 1 : 0;
}
