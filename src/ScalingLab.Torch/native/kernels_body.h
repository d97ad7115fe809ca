// The kernels for one instruction set: a file defines SL_KERNELS (a namespace), SL_LANE_BYTES, and
// the height and width of a tile of a product, SL_TILE_ROWS and SL_TILE_VECTORS, and includes this.
// Only <cstdint> and the intrinsics are included, and everything else lies in that namespace: an inline function of a shared header,
// compiled here for AVX-512, could be the copy that the linker keeps for all.
#include "kernels.h"
#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace sl {
namespace SL_KERNELS {

inline float sqrt_of(float x) { return __builtin_sqrtf(x); }
inline double sqrt_of(double x) { return __builtin_sqrt(x); }

#include "lanes.h"
#include "product.h"
#include "attention.h"
#include "norm.h"
#include "activation.h"
#include "cross_entropy.h"
#include "adamw.h"

static_assert(kPackBlock % kDepth == 0, "pack() is cut at blocks of k");

#define SL_STRING(x) #x
#define SL_NAME(x) SL_STRING(x)

template <typename T>
constexpr Kernels<T> table() {
  return {SL_NAME(SL_KERNELS), kRows, kSliver<T>,
          packed_size<T>, pack<T>, product<T>, product_of_transposed<T>, add_transposed<T>,
          attention_kept<T>, attention_scratch<T>, attention_forward<T>, attention_backward<T>,
          norm_forward<T>, normalise<T>, norm_backward<T>,
          gelu<T>, gelu_backward<T>, relu2<T>, relu2_backward<T>, swiglu<T>, swiglu_backward<T>,
          cross_entropy<T>,
          sum_of_squares<T>, adamw<T>};
}

extern const Kernels<float> single_precision;
extern const Kernels<double> double_precision;
const Kernels<float> single_precision = table<float>();
const Kernels<double> double_precision = table<double>();

}  // namespace SL_KERNELS
}  // namespace sl
