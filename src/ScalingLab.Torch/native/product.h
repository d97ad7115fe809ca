// Products of row-major matrices. Operand B is packed once into slivers that the inner loop reads in order; operand A is copied,
// a block of rows at a time, to where its rows do not fall on one another in the cache (a stride of a power of two would).
// Every element of C is one chain of fused multiply-adds in the order of k, whatever the block it lies in: results depend on
// neither the split into blocks nor the number of threads.
// Layout after Goto and van de Geijn 2008 (doi:10.1145/1356052.1356053). Included by kernels_body.h.

constexpr int64_t kTileRows = SL_TILE_ROWS;  // x 2 vectors: as many sums as the registers hold
template <typename T>
constexpr int64_t kSliver = 2 * kLanes<T>;  // columns of B side by side
constexpr int64_t kDepth = 256;             // of a block of k: a sliver of it fills half of a first-level cache
constexpr int64_t kTilesOfABlock = 8;
constexpr int64_t kRows = kTilesOfABlock * kTileRows;  // of a block of A
constexpr int64_t kRowStride = kDepth + 16;

// c[R][V lanes] (+)= a · b over k; element (r, k) of a lies at a[r * row + k * step], row k of b at b + k * b_stride.
// With Fetch the k-th part of `next`, an eighth of the sliver that follows, is asked for meanwhile: it comes from the third level.
template <typename T, int R, int V, bool Fetch = false>
inline __attribute__((always_inline)) void tile(int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c,
                                                int64_t c_stride, bool accumulate, const T* next = nullptr) {
  Lanes<T> sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) sums[r][v] = Lanes<T>{};
  for (int64_t k = 0; k < depth; k++, a += step, b += b_stride) {
    if (Fetch) __builtin_prefetch(next + k * (kSliver<T> / kTilesOfABlock), 0, 2);
    Lanes<T> columns[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) columns[v] = load(b + v * kLanes<T>);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      Lanes<T> value = broadcast(a[r * row]);
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) sums[r][v] += value * columns[v];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) {
      T* to = c + r * c_stride + v * kLanes<T>;
      store(to, accumulate ? load(to) + sums[r][v] : sums[r][v]);
    }
}

// The same with any number of rows up to kTileRows.
template <typename T, int V, bool Fetch = false>
inline void tile_rows(int64_t rows, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c, int64_t c_stride,
                      bool accumulate, const T* next = nullptr) {
  if (rows == kTileRows) return tile<T, kTileRows, V, Fetch>(depth, a, row, step, b, b_stride, c, c_stride, accumulate, next);
  int64_t r = 0;
  if (kTileRows > 8)
    for (; r + 8 <= rows; r += 8) tile<T, 8, V>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, accumulate);
  for (; r + 4 <= rows; r += 4) tile<T, 4, V>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, accumulate);
  for (; r < rows; r++) tile<T, 1, V>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, accumulate);
}

// A tile at the right edge of C, where fewer than a sliver's columns exist: by way of memory of its own.
template <typename T>
inline __attribute__((noinline)) void edge_tile(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, T* c,
                                                int64_t c_stride, bool accumulate) {
  T whole[kTileRows * kSliver<T>];
  tile_rows<T, 2>(rows, depth, a, row, step, b, kSliver<T>, whole, kSliver<T>, false);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = 0; j < columns; j++) c[r * c_stride + j] = whole[r * kSliver<T> + j] + (accumulate ? c[r * c_stride + j] : T(0));
}

template <typename T>
int64_t packed_size(int64_t depth, int64_t columns) {
  return depth * ((columns + kSliver<T> - 1) / kSliver<T> * kSliver<T>);
}

// Packs rows first..last of B (k, n), first a multiple of kDepth: blocks of kDepth rows, in each its slivers, in each its rows.
// Element (k, n) lies at b[k * row + n * column]; one of both is 1. Columns past the last are 0.
template <typename T>
void pack(const T* b, int64_t row, int64_t column, int64_t first, int64_t last, int64_t columns, T* packed) {
  int64_t padded = packed_size<T>(1, columns);
  for (int64_t k0 = first; k0 < last; k0 += kDepth) {
    int64_t depth = last - k0 < kDepth ? last - k0 : kDepth;
    T* to = packed + k0 * padded;
    for (int64_t n0 = 0; n0 < columns; n0 += kSliver<T>, to += depth * kSliver<T>) {
      int64_t width = columns - n0 < kSliver<T> ? columns - n0 : kSliver<T>;
      const T* from = b + k0 * row + n0 * column;
      if (column == 1 && width == kSliver<T>) {
        for (int64_t k = 0; k < depth; k++) {
          store(to + k * kSliver<T>, load(from + k * row));
          store(to + k * kSliver<T> + kLanes<T>, load(from + k * row + kLanes<T>));
        }
      } else {
        int64_t whole = row == 1 ? width / kLanes<T> * kLanes<T> : 0, deep = row == 1 ? depth / kLanes<T> * kLanes<T> : 0;
        for (int64_t j = 0; j < whole; j += kLanes<T>)
          for (int64_t k = 0; k < deep; k += kLanes<T>) transpose_square(from + j * column + k, column, to + k * kSliver<T> + j, kSliver<T>);
        for (int64_t j = 0; j < width; j++)
          for (int64_t k = j < whole ? deep : 0; k < depth; k++) to[k * kSliver<T> + j] = from[k * row + j * column];
        for (int64_t k = 0; k < depth; k++)
          for (int64_t j = width; j < kSliver<T>; j++) to[k * kSliver<T> + j] = T(0);
      }
    }
  }
}

// C (m, n) = A (m, k) · B, or added to C. A's element (i, k) lies at a[i * a_stride + k].
template <typename T>
void product(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* packed, T* c, int64_t c_stride, bool accumulate) {
  alignas(64) T block[kRows * kRowStride];
  int64_t padded = packed_size<T>(1, columns);
  for (int64_t i0 = 0; i0 < rows; i0 += kRows) {
    int64_t height = rows - i0 < kRows ? rows - i0 : kRows;
    for (int64_t k0 = 0; k0 < depth; k0 += kDepth) {
      int64_t length = depth - k0 < kDepth ? depth - k0 : kDepth;
      bool together = a_stride <= kDepth;  // short rows lie side by side and need no copy
      const T* start = together ? a + i0 * a_stride + k0 : block;
      int64_t start_stride = together ? a_stride : kRowStride;
      for (int64_t r = 0; r < height && !together; r++) {
        const T* from = a + (i0 + r) * a_stride + k0;
        T* to = block + r * kRowStride;
        int64_t k = 0;
        for (; k + kLanes<T> <= length; k += kLanes<T>) store(to + k, load(from + k));
        for (; k < length; k++) to[k] = from[k];
      }
      const T* b = packed + k0 * padded;
      for (int64_t n = 0; n < columns; n += kSliver<T>, b += length * kSliver<T>)
        for (int64_t r = 0; r < height; r += kTileRows) {
          int64_t tall = height - r < kTileRows ? height - r : kTileRows;
          T* to = c + (i0 + r) * c_stride + n;
          const T* from = start + r * start_stride;
          if (n + kSliver<T> <= columns)
            tile_rows<T, 2, true>(tall, length, from, start_stride, 1, b, kSliver<T>, to, c_stride, accumulate || k0 > 0,
                                  b + length * (kSliver<T> + r / kTileRows * (kSliver<T> / kTilesOfABlock)));
          else
            edge_tile(tall, columns - n, length, from, start_stride, 1, b, to, c_stride, accumulate || k0 > 0);
        }
    }
  }
}

// C (m, n) += Aᵀ · B for A (k, m), whose element (k, i) lies at a[k * a_stride + i].
template <typename T>
void product_of_transposed(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* packed, T* c, int64_t c_stride) {
  alignas(64) T block[kRows * kDepth];
  int64_t padded = packed_size<T>(1, columns);
  // A few slivers do not repay a copy of A, unless its rows fall on one another in the cache.
  bool in_place = columns <= 4 * kSliver<T> && a_stride * sizeof(T) % 1024 != 0;
  for (int64_t i0 = 0; i0 < rows; i0 += kRows) {
    int64_t height = rows - i0 < kRows ? rows - i0 : kRows;
    for (int64_t k0 = 0; k0 < depth; k0 += kDepth) {
      int64_t length = depth - k0 < kDepth ? depth - k0 : kDepth;
      for (int64_t r = 0; r < height && !in_place; r += kTileRows) {
        int64_t tall = height - r < kTileRows ? height - r : kTileRows;
        const T* from = a + k0 * a_stride + i0 + r;
        T* to = block + r * kDepth;
        if (tall == kTileRows)
          for (int64_t k = 0; k < length; k++) __builtin_memcpy(to + k * kTileRows, from + k * a_stride, kTileRows * sizeof(T));
        else
          for (int64_t k = 0; k < length; k++)
            for (int64_t j = 0; j < tall; j++) to[k * kTileRows + j] = from[k * a_stride + j];
      }
      const T* b = packed + k0 * padded;
      for (int64_t n = 0; n < columns; n += kSliver<T>, b += length * kSliver<T>)
        for (int64_t r = 0; r < height; r += kTileRows) {
          int64_t tall = height - r < kTileRows ? height - r : kTileRows;
          T* to = c + (i0 + r) * c_stride + n;
          const T* from = in_place ? a + k0 * a_stride + i0 + r : block + r * kDepth;
          int64_t step = in_place ? a_stride : kTileRows;
          if (n + kSliver<T> <= columns)
            tile_rows<T, 2, true>(tall, length, from, 1, step, b, kSliver<T>, to, c_stride, true,
                                  b + length * (kSliver<T> + r / kTileRows * (kSliver<T> / kTilesOfABlock)));
          else
            edge_tile(tall, columns - n, length, from, 1, step, b, to, c_stride, true);
        }
    }
  }
}
