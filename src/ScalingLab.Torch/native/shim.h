// C ABI between ScalingLab.Torch and libtorch. Rules that hold for every function here:
//  - a handle is an at::Tensor on the heap, owned by the caller and released with sl_tensor_free;
//  - a function that can fail returns 0, or 1 with the reason in sl_last_error() (one text a thread);
//  - no C++ exception passes the boundary.
#pragma once
#include "abi.h"

#include <ATen/ATen.h>

using Handle = at::Tensor*;

// One argument or result of a boxed operator call. Mirrors NativeValue in NativeValue.cs.
struct SlValue {
  int32_t tag;
  int32_t length;  // of lists, else 0
  union {
    int64_t integer;
    double real;
    const void* pointer;
  };
};

enum SlTag : int32_t {
  kNone = 0,
  kTensor = 1,       // pointer: Handle
  kInteger = 2,      // also dtypes, layouts and memory formats, which schemas carry as int
  kReal = 3,
  kBoolean = 4,
  kIntegerList = 5,  // pointer: const int64_t*
  kTensorList = 6,   // pointer: const Handle*
  kText = 7,         // pointer: UTF-8, length bytes
  kDevice = 8,       // pointer: UTF-8 such as "cuda:0", length bytes
  kDefault = 9,      // the schema's default value
  kGenerator = 10,   // pointer: at::Generator*
};

namespace sl {

// Runs a body and turns whatever it throws into status 1.
template <typename Body>
int guarded(Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    set_error(error.what_without_backtrace());
  } catch (const std::exception& error) {
    set_error(error.what());
  } catch (...) {
    set_error("unknown C++ exception");
  }
  return 1;
}

}  // namespace sl
