// scalinglab::activation: the non-linearity of an MLP, with its gate in the same pass. Only its arguments are kept for the backward pass.
#include "cuda_kernels.h"

#include <algorithm>

namespace sl {
namespace {

constexpr int64_t kMostBlocks = 4096;
constexpr int64_t kElementsOfThread = 8;

void launch_over(const Tensor& x, const std::string& name, ActivationArguments& arguments) {
  arguments.count = x.numel();
  launch(x, kernel_of(name.c_str(), x), {std::min(ceiling(x.numel(), kBlockThreads * kElementsOfThread), kMostBlocks), 1}, kBlockThreads, 0, &arguments);
}

struct ActivationOperator : torch::autograd::Function<ActivationOperator> {
  // x, and for swiglu its gate, of one shape → the same shape.
  static Tensor forward(AutogradContext* context, const Tensor& input, const OptionalTensor& gate_input, const std::string& name) {
    TORCH_CHECK(name == "gelu" || name == "relu2" || name == "swiglu", "activation ", name, " is none of gelu, relu2, swiglu");
    TORCH_CHECK(gate_input.has_value() == (name == "swiglu"), "swiglu takes a gate, and only swiglu does");
    Tensor x = aligned(input), gate;
    if (gate_input.has_value()) {
      check_alike(*gate_input, input, "gate");
      TORCH_CHECK(gate_input->sizes() == input.sizes() && gate_input->scalar_type() == input.scalar_type(), "gate ", gate_input->sizes(), " is not as the input, ", input.sizes());
      gate = aligned(*gate_input);
    }
    Tensor y = at::empty_like(x);
    ActivationArguments arguments{x.data_ptr(), data<void>(gate), nullptr, y.data_ptr(), nullptr, nullptr, 0};
    launch_over(x, name, arguments);
    context->save_for_backward({x, gate});
    context->saved_data["name"] = name;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list outer) {
    auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &gate = saved[1];
    Tensor dy = aligned(outer[0]), dx = at::empty_like(x), dgate = gate.defined() ? at::empty_like(x) : Tensor();
    ActivationArguments arguments{x.data_ptr(), data<void>(gate), dy.data_ptr(), nullptr, dx.data_ptr(), data<void>(dgate), 0};
    launch_over(x, context->saved_data["name"].toStringRef() + "_backward", arguments);
    return {dx, dgate, Tensor()};
  }
};

Tensor activation(const Tensor& x, const OptionalTensor& gate, c10::string_view name) { return ActivationOperator::apply(x, gate, std::string(name.data(), name.size())); }

TORCH_LIBRARY_FRAGMENT(scalinglab, library) { library.def("activation(Tensor x, Tensor? gate, str name) -> Tensor", activation); }

}  // namespace
}  // namespace sl
