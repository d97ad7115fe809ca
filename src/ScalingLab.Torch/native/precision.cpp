// How exactly CUDA's products of float32 matrices are taken: a setting of the process.
#include "shim.h"

#include <ATen/Context.h>

SL_API int sl_allow_tf32(int32_t* allowed) {
  return sl::guarded([&] { *allowed = at::globalContext().allowTF32CuBLAS() ? 1 : 0; });
}

SL_API int sl_set_allow_tf32(int32_t allow) {
  return sl::guarded([&] { at::globalContext().setAllowTF32CuBLAS(allow != 0); });
}
