// Products of row-major matrices. Operand B is packed once into slivers that the inner loop reads in order; operand A is read where
// it lies, but where its rows fall on one another in the cache.
// Every element of C is one chain of fused multiply-adds in the order of k, whatever the block it lies in: results depend on
// neither the split into blocks nor the number of threads.
// Layout after Goto and van de Geijn 2008 (doi:10.1145/1356052.1356053). Included by kernels_body.h.

constexpr int64_t kTileRows = SL_TILE_ROWS;  // x 2 vectors: as many sums as the registers hold
template <typename T>
constexpr int64_t kSliver = 2 * kLanes<T>;  // columns of B side by side
constexpr int64_t kDepth = 256;             // of a block of k: a sliver of it fills half of a first-level cache
constexpr int64_t kTilesOfABlock = 8;
constexpr int64_t kRows = kTilesOfABlock * kTileRows;  // of a block of A

// c[R][V lanes] = a · b over k, plus `plus`, which is laid out as c, may be c, or is null for nothing. Element (r, k) of a lies at
// a[r * row + k * step], row k of b at b + k * b_stride.
// With Fetch three things that come from the third level or from memory are asked for meanwhile: the tile's own c, an eighth of the
// sliver that follows, `next`, and for each k what lies at ahead + k * ahead_step.
template <typename T, int R, int V, bool Fetch = false>
inline __attribute__((always_inline)) void tile(int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c,
                                                int64_t c_stride, const T* plus, const T* next = nullptr, const T* ahead = nullptr, int64_t ahead_step = 0) {
  Lanes<T> sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) sums[r][v] = Lanes<T>{};
  auto add_outer_product = [&]() __attribute__((always_inline)) {
    Lanes<T> columns[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) columns[v] = load(b + v * kLanes<T>);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      Lanes<T> value = broadcast(a[r * row]);
#pragma GCC unroll 2
      for (int v = 0; v < V; v++) sums[r][v] += value * columns[v];
    }
    a += step;
    b += b_stride;
  };
  int64_t k = 0;
  if (Fetch)
    for (; k + 4 <= depth; k += 4) {
      __builtin_prefetch(next + k * (kSliver<T> / kTilesOfABlock), 0, 2);
      if (k < 4 * R) {
        __builtin_prefetch(c + k / 4 * c_stride, 1, 3);
        __builtin_prefetch(c + k / 4 * c_stride + (V - 1) * kLanes<T>, 1, 3);
      }
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) __builtin_prefetch(ahead + (k + j) * ahead_step, 0, 2);
      add_outer_product();
      add_outer_product();
      add_outer_product();
      add_outer_product();
    }
  for (; k < depth; k++) add_outer_product();
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int v = 0; v < V; v++) {
      int64_t at = r * c_stride + v * kLanes<T>;
      store(c + at, plus != nullptr ? load(plus + at) + sums[r][v] : sums[r][v]);
    }
}

// The same with any number of rows up to kTileRows.
template <typename T, int V, bool Fetch = false>
inline void tile_rows(int64_t rows, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c, int64_t c_stride,
                      const T* plus, const T* next = nullptr, const T* ahead = nullptr, int64_t ahead_step = 0) {
  if (rows == kTileRows)
    return tile<T, kTileRows, V, Fetch>(depth, a, row, step, b, b_stride, c, c_stride, plus, next, ahead, ahead_step);
  int64_t r = 0;
  auto added = [&](int64_t r) { return plus != nullptr ? plus + r * c_stride : nullptr; };
  if (kTileRows > 8)
    for (; r + 8 <= rows; r += 8) tile<T, 8, V>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, added(r));
  for (; r + 4 <= rows; r += 4) tile<T, 4, V>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, added(r));
  for (; r < rows; r++) tile<T, 1, V>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, added(r));
}

// A tile at the right edge of C, where fewer than a sliver's columns exist: by way of memory of its own.
template <typename T>
inline __attribute__((noinline)) void edge_tile(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, T* c,
                                                int64_t c_stride, const T* plus) {
  T whole[kTileRows * kSliver<T>];
  tile_rows<T, 2>(rows, depth, a, row, step, b, kSliver<T>, whole, kSliver<T>, nullptr);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = 0; j < columns; j++) c[r * c_stride + j] = whole[r * kSliver<T> + j] + (plus != nullptr ? plus[r * c_stride + j] : T(0));
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

// A block of at most kRows rows of C = A · B + plus over one block of k: a sliver of B against tile after tile of A.
// With the first sliver the block of A at `ahead`, laid out likewise, is asked for, unless it is null.
template <typename T>
inline void product_of_block(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t row, int64_t step, const T* ahead, const T* b, T* c,
                             int64_t c_stride, const T* plus) {
  for (int64_t n = 0; n < columns; n += kSliver<T>, b += depth * kSliver<T>) {
    bool fetch = n == 0 && ahead != nullptr;
    for (int64_t r = 0, number = 0; r < rows; r += kTileRows, number++) {
      int64_t tall = rows - r < kTileRows ? rows - r : kTileRows;
      const T* from = a + r * row;
      int64_t at = r * c_stride + n;
      const T* added = plus != nullptr ? plus + at : nullptr;
      if (n + kSliver<T> <= columns)
        tile_rows<T, 2, true>(tall, depth, from, row, step, b, kSliver<T>, c + at, c_stride, added,
                              b + depth * (kSliver<T> + number * (kSliver<T> / kTilesOfABlock)), fetch ? ahead + r * row : from, fetch ? step : 0);
      else
        edge_tile(tall, columns - n, depth, from, row, step, b, c + at, c_stride, added);
    }
  }
}

// C (m, n) = A (m, k) · B + plus, which is laid out as C, may be C, or is null for nothing. A's element (i, k) lies at a[i * a_stride + k].
template <typename T>
void product(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* packed, T* c, int64_t c_stride, const T* plus) {
  int64_t padded = packed_size<T>(1, columns);
  for (int64_t i = 0; i < rows; i += kRows)
    for (int64_t k = 0; k < depth; k += kDepth) {
      const T* added = k > 0 ? c : plus;
      product_of_block<T>(rows - i < kRows ? rows - i : kRows, columns, depth - k < kDepth ? depth - k : kDepth, a + i * a_stride + k, a_stride,
                       int64_t{1}, nullptr, packed + k * padded, c + i * c_stride, c_stride, added != nullptr ? added + i * c_stride : nullptr);
    }
}

// C (m, n) += Aᵀ · B for A (k, m), whose element (k, i) lies at a[k * a_stride + i].
// Blocks of k are the outer loop: a few hundred rows of A are then read from end to end, whose pages the translation buffer holds.
template <typename T>
void product_of_transposed(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* packed, T* c, int64_t c_stride) {
  constexpr int64_t copy_stride = kRows + 16;
  alignas(64) T copy[kDepth * copy_stride];
  int64_t padded = packed_size<T>(1, columns);
  bool in_place = a_stride * sizeof(T) % 4096 != 0;  // else all rows of A fall on the same few lines of the first level
  for (int64_t k = 0; k < depth; k += kDepth) {
    int64_t length = depth - k < kDepth ? depth - k : kDepth;
    for (int64_t i = 0; i < rows; i += kRows) {
      int64_t height = rows - i < kRows ? rows - i : kRows;
      const T* from = a + k * a_stride + i;
      for (int64_t j = 0; j < length && !in_place; j++)
        over<T>(height, [&](int64_t e, auto at) { at.store(copy + j * copy_stride + e, at.load(from + j * a_stride + e)); });
      product_of_block<T>(height, columns, length, in_place ? from : copy, int64_t{1}, in_place ? a_stride : copy_stride,
                       in_place ? (i + kRows < rows ? from + kRows : a + (k + kDepth) * a_stride) : nullptr, packed + k * padded, c + i * c_stride, c_stride, c + i * c_stride);
    }
  }
}

// to (m, n) += fromᵀ for from (n, m).
template <typename T>
void add_transposed(int64_t rows, int64_t columns, const T* from, T* to) {
  int64_t whole_rows = rows / kLanes<T> * kLanes<T>, whole_columns = columns / kLanes<T> * kLanes<T>;
  T square[kLanes<T> * kLanes<T>];
  for (int64_t i = 0; i < whole_rows; i += kLanes<T>)
    for (int64_t j = 0; j < whole_columns; j += kLanes<T>) {
      transpose_square(from + j * rows + i, rows, square, kLanes<T>);
      for (int64_t r = 0; r < kLanes<T>; r++) {
        T* at = to + (i + r) * columns + j;
        store(at, load(at) + load(square + r * kLanes<T>));
      }
    }
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; j++) to[i * columns + j] += from[j * rows + i];
}
