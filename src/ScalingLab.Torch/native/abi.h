// What a function of the C ABI needs where it uses nothing of libtorch.
#pragma once
#include <cstdint>
#include <string>

#define SL_API extern "C" __attribute__((visibility("default")))

namespace sl {

// Sets what sl_last_error() says on this thread.
void set_error(const std::string& text);

}  // namespace sl
