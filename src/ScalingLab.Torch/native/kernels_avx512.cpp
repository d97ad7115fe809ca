// The kernels for AVX-512; empty on other machines.
// build-flags: -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi
// build-flags x86_64: -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -mprefer-vector-width=512
#if defined(__x86_64__)
#define SL_KERNELS avx512
#define SL_LANE_BYTES 64
#define SL_TILE_ROWS 6
#define SL_TILE_VECTORS 4
#include "kernels_body.h"
#endif
