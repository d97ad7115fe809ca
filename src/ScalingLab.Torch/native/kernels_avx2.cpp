// The kernels for AVX2; empty on other machines.
// build-flags: -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi
// build-flags x86_64: -mavx2 -mfma
#if defined(__x86_64__)
#define SL_KERNELS avx2
#define SL_LANE_BYTES 32
#define SL_TILE_ROWS 6
#define SL_TILE_VECTORS 2
#include "kernels_body.h"
#endif
