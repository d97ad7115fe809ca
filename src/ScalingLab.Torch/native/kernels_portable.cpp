// The kernels for any machine: 16-byte vectors, which every 64-bit x86 and ARM has.
// build-flags: -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi
#define SL_KERNELS portable
#define SL_LANE_BYTES 16
#define SL_TILE_ROWS 6
#define SL_TILE_VECTORS 2
#include "kernels_body.h"
