// Tensors as memory: making them from and reading them into the caller's buffers, and what they are.
#include "shim.h"

// Copies `data` (row-major, on the CPU) into a new tensor.
SL_API int sl_tensor_from_data(const void* data, int32_t dtype, const int64_t* shape, int32_t rank, Handle* out) {
  return sl::guarded([&] {
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    *out = new at::Tensor(at::from_blob(const_cast<void*>(data), at::IntArrayRef(shape, rank), options).clone());
  });
}

SL_API void sl_tensor_free(Handle tensor) { delete tensor; }

// dtype, element size in bytes, device type (0 CPU, 1 CUDA), device index, rank.
SL_API int sl_tensor_facts(Handle tensor, int32_t* facts) {
  return sl::guarded([&] {
    facts[0] = static_cast<int32_t>(tensor->scalar_type());
    facts[1] = static_cast<int32_t>(tensor->element_size());
    facts[2] = static_cast<int32_t>(tensor->device().type());
    facts[3] = static_cast<int32_t>(tensor->device().index());
    facts[4] = static_cast<int32_t>(tensor->dim());
  });
}

SL_API int sl_tensor_shape(Handle tensor, int64_t* shape) {
  return sl::guarded([&] {
    auto sizes = tensor->sizes();
    std::copy(sizes.begin(), sizes.end(), shape);
  });
}

// The memory of a contiguous CPU tensor; valid as long as the tensor.
SL_API int sl_tensor_data(Handle tensor, void** data, int64_t* bytes) {
  return sl::guarded([&] {
    TORCH_CHECK(tensor->device().is_cpu(), "memory of a tensor on ", tensor->device(), " cannot be read in place");
    TORCH_CHECK(tensor->is_contiguous(), "memory of a non-contiguous tensor cannot be read in place");
    *data = tensor->data_ptr();
    *bytes = static_cast<int64_t>(tensor->nbytes());
  });
}

SL_API int sl_tensor_item(Handle tensor, double* value) {
  return sl::guarded([&] { *value = tensor->item().toDouble(); });
}
