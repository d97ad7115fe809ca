// One entry reaches every operator: look its schema up by name, box the arguments, call the dispatcher.
// Measured no slower than direct calls (0.75 to 1.6 us an operator against 0.9 to 1.8), and autograd records it alike.
#include "shim.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <vector>

namespace {

thread_local std::string last_error;
thread_local std::vector<SlValue> results;

c10::IValue box(const SlValue& value, const c10::Argument& argument) {
  switch (value.tag) {
    case kNone: return c10::IValue();
    case kTensor: return c10::IValue(*static_cast<const at::Tensor*>(value.pointer));
    case kInteger: return c10::IValue(value.integer);
    case kReal: return c10::IValue(value.real);
    case kBoolean: return c10::IValue(value.integer != 0);
    case kIntegerList:
      return c10::IValue(at::IntArrayRef(static_cast<const int64_t*>(value.pointer), value.length));
    case kTensorList: {
      auto handles = static_cast<const Handle*>(value.pointer);
      c10::List<at::Tensor> list;
      list.reserve(value.length);
      for (int32_t i = 0; i < value.length; i++) list.push_back(*handles[i]);
      return c10::IValue(std::move(list));
    }
    case kText: return c10::IValue(std::string(static_cast<const char*>(value.pointer), value.length));
    case kDevice:
      return c10::IValue(c10::Device(std::string(static_cast<const char*>(value.pointer), value.length)));
    case kGenerator: return c10::IValue(*static_cast<const at::Generator*>(value.pointer));
    case kDefault:
      TORCH_CHECK(argument.default_value().has_value(), "argument '", argument.name(), "' has no default");
      return *argument.default_value();
    default: TORCH_CHECK(false, "unknown value tag ", value.tag);
  }
}

void unbox(const c10::IValue& value) {
  SlValue out{};
  if (value.isTensor()) {
    out.tag = kTensor;
    out.pointer = new at::Tensor(value.toTensor());
  } else if (value.isTensorList()) {  // a list is spread over consecutive results
    for (const at::Tensor& tensor : value.toTensorVector()) results.push_back({kTensor, 0, {.pointer = new at::Tensor(tensor)}});
    return;
  } else if (value.isInt()) {
    out.tag = kInteger;
    out.integer = value.toInt();
  } else if (value.isDouble()) {
    out.tag = kReal;
    out.real = value.toDouble();
  } else if (value.isBool()) {
    out.tag = kBoolean;
    out.integer = value.toBool();
  } else if (!value.isNone()) {
    TORCH_CHECK(false, "result of type ", value.tagKind(), " cannot be returned");
  }
  results.push_back(out);
}

void free_results() {
  for (const SlValue& value : results)
    if (value.tag == kTensor) delete static_cast<const at::Tensor*>(value.pointer);
  results.clear();
}

}  // namespace

void sl::set_error(const std::string& text) { last_error = text; }

SL_API const char* sl_last_error() { return last_error.c_str(); }

// Finds an operator, e.g. ("aten::add", "Tensor"). The returned pointer lives as long as the process.
SL_API int sl_operator(const char* name, const char* overload, const void** found) {
  return sl::guarded([&] {
    *found = new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
  });
}

// Whether this libtorch knows an operator; versions differ.
SL_API int sl_has_operator(const char* name, const char* overload, int32_t* known) {
  return sl::guarded([&] { *known = c10::Dispatcher::singleton().findSchema({name, overload}).has_value() ? 1 : 0; });
}

// Calls an operator. Arguments that are left out at the end take their schema defaults. The results lie in memory of
// this thread until its next call; tensors among them belong to the caller.
SL_API int sl_call(const void* op, const SlValue* arguments, int32_t count, const SlValue** out, int32_t* out_count) {
  results.clear();
  int status = sl::guarded([&] {
    const auto& handle = *static_cast<const c10::OperatorHandle*>(op);
    const auto& schema = handle.schema().arguments();
    TORCH_CHECK(static_cast<size_t>(count) <= schema.size(), "takes ", schema.size(), " arguments, not ", count);
    static const SlValue left_out{kDefault, 0, {}};
    torch::jit::Stack stack;
    stack.reserve(schema.size());
    for (size_t i = 0; i < schema.size(); i++)
      stack.push_back(box(i < static_cast<size_t>(count) ? arguments[i] : left_out, schema[i]));
    handle.callBoxed(&stack);
    for (const c10::IValue& value : stack) unbox(value);
    *out = results.data();
    *out_count = static_cast<int32_t>(results.size());
  });
  if (status != 0) free_results();
  return status;
}
