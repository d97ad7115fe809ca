// Chooses the kernels that this CPU can run.
#include "kernels.h"

#include <cstdlib>
#include <cstring>

namespace sl {

#if defined(__x86_64__)
namespace avx512 {
extern const Kernels<float> single_precision;
extern const Kernels<double> double_precision;
}  // namespace avx512
namespace avx2 {
extern const Kernels<float> single_precision;
extern const Kernels<double> double_precision;
}  // namespace avx2
#endif
namespace portable {
extern const Kernels<float> single_precision;
extern const Kernels<double> double_precision;
}  // namespace portable

namespace {

// 0 portable, 1 AVX2, 2 AVX-512.
int instruction_set() {
  int has = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) has = 1;
  if (has == 1 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw"))
    has = 2;
#endif
  const char* wanted = std::getenv("SCALINGLAB_KERNELS");
  if (wanted != nullptr && !std::strcmp(wanted, "portable")) return 0;
  if (wanted != nullptr && !std::strcmp(wanted, "avx2")) return has < 1 ? has : 1;
  return has;
}

template <typename T>
const Kernels<T>& choose(const Kernels<T>& plain, const Kernels<T>& avx2, const Kernels<T>& avx512) {
  static const int set = instruction_set();
  return set == 2 ? avx512 : set == 1 ? avx2 : plain;
}

}  // namespace

#if defined(__x86_64__)
template <>
const Kernels<float>& kernels<float>() {
  return choose(portable::single_precision, avx2::single_precision, avx512::single_precision);
}
template <>
const Kernels<double>& kernels<double>() {
  return choose(portable::double_precision, avx2::double_precision, avx512::double_precision);
}
#else
template <>
const Kernels<float>& kernels<float>() {
  return portable::single_precision;
}
template <>
const Kernels<double>& kernels<double>() {
  return portable::double_precision;
}
#endif

}  // namespace sl
