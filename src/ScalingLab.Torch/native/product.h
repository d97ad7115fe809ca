// Products of row-major matrices. Operand B is packed once into slivers that the inner loop reads in order, or is read where it lies
// if its columns fill them; operand A is read where it lies, but where its rows fall on one another in the cache.
// Every element of C is a sum over blocks of kDepth, in order, of one chain of fused multiply-adds each, wherever in a tile or at an
// edge it lies: results depend on neither the split into rows nor the number of threads.
// Layout after Goto and van de Geijn 2008 (doi:10.1145/1356052.1356053). Included by kernels_body.h.

// Of a full tile. Wide and low rather than square: a number of A is loaded once for all its columns, so that fewer instructions go
// with a multiply-add, which counts where another thread shares the core (docs/log.md).
constexpr int64_t kTileVectors = SL_TILE_VECTORS;
template <typename T>
constexpr int64_t kSliver = kTileVectors * kLanes<T>;   // columns of B side by side
constexpr int64_t kDepth = 256;                         // of a block of k: deep enough that C is seldom loaded and stored (docs/log.md)
constexpr int64_t kTilesOfABlock = 4 * kTileVectors;    // so that each asks for a line of the next sliver every four k
constexpr int64_t kRows = kTilesOfABlock * SL_TILE_ROWS;  // of a block of A

// Rows of a tile V vectors wide: as many sums as a full tile's, but no more rows than there are registers to address them.
template <int V>
constexpr int64_t kTileRows = SL_TILE_ROWS * kTileVectors / V < 12 ? SL_TILE_ROWS * kTileVectors / V : 12;

// What the tiles of a block ask for while they compute, since it comes from the third level or from memory.
template <typename T>
struct Fetch {
  const T* next;       // a line of every four rows of the sliver of B that follows
  const T* ahead;      // and for each k what lies at ahead + k * ahead_step; null for nothing
  int64_t ahead_step;
  const T* beside;     // and what lies at the tile's place here, rows beside_stride apart; null for nothing
  int64_t beside_stride;
};

// c[R][V lanes] = a · b over k, plus `plus`, which is laid out as c, may be c, or is null for nothing. Element (r, k) of a lies at
// a[r * row + k * step], row k of b at b + k * b_stride. Step: of a, where it is known beforehand, or 0.
// With `fetch`, b is a full sliver, and the tile's own c and `plus` are asked for too.
template <typename T, int R, int V, int Step = 0>
inline __attribute__((always_inline)) void tile(int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c,
                                                int64_t c_stride, const T* plus, const Fetch<T>* fetch = nullptr) {
  if (Step != 0) step = Step;
  Lanes<T> sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) sums[r][v] = Lanes<T>{};
  constexpr int upper = (R + 1) / 2;
  const T* lower = a + upper * row;  // a second pointer: most rows are then within reach of an address without one of their own
  auto add_outer_product = [&]() __attribute__((always_inline)) {
    Lanes<T> columns[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) columns[v] = load(b + v * kLanes<T>);
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
      Lanes<T> value = broadcast(r < upper ? a[r * row] : lower[(r - upper) * row]);
#pragma GCC unroll 4
      for (int v = 0; v < V; v++) sums[r][v] += value * columns[v];
    }
    a += step;
    lower += step;
    b += b_stride;
  };
  int64_t k = 0;
  if (fetch != nullptr) {
    const int64_t pace = depth >= 16 * R ? 16 : 4;  // k a row of C that is asked for: memory has about a dozen lines under way at once
    const T *own = c, *next = fetch->next, *ahead = fetch->ahead, *beside = fetch->beside;
    for (; k + 4 <= depth; k += 4) {
      __builtin_prefetch(next, 0, 2);
      next += 4 * b_stride;
      if ((k & (pace - 1)) == 0 && k < pace * R) {
#pragma GCC unroll 4
        for (int v = 0; v < V; v++) __builtin_prefetch(own + v * kLanes<T>, 1, 3);
        if (plus != nullptr && plus != c)
#pragma GCC unroll 4
          for (int v = 0; v < V; v++) __builtin_prefetch(plus + (own - c) + v * kLanes<T>, 0, 3);
        if (Step == 1 && beside != nullptr) {
#pragma GCC unroll 4
          for (int v = 0; v < V; v++) __builtin_prefetch(beside + v * kLanes<T>, 0, 2);
          beside += fetch->beside_stride;
        }
        own += c_stride;
      }
      if (Step == 0 && ahead != nullptr)
        for (int j = 0; j < 4; j++, ahead += fetch->ahead_step) __builtin_prefetch(ahead, 0, 2);
      add_outer_product();
      add_outer_product();
      add_outer_product();
      add_outer_product();
    }
  }
  for (; k < depth; k++) add_outer_product();
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) {
      int64_t at = r * c_stride + v * kLanes<T>;
      store(c + at, plus != nullptr ? load(plus + at) + sums[r][v] : sums[r][v]);
    }
}

// The same with any number of rows up to kTileRows<V>.
template <typename T, int V, int Step = 0>
inline void tile_rows(int64_t rows, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c, int64_t c_stride,
                      const T* plus) {
  if (rows == kTileRows<V>) return tile<T, kTileRows<V>, V, Step>(depth, a, row, step, b, b_stride, c, c_stride, plus);
  int64_t r = 0;
  auto added = [&](int64_t r) { return plus != nullptr ? plus + r * c_stride : nullptr; };
  if constexpr (kTileRows<V> > 8)
    for (; r + 8 <= rows; r += 8) tile<T, 8, V, Step>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, added(r));
  for (; r + 4 <= rows; r += 4) tile<T, 4, V, Step>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, added(r));
  for (; r < rows; r++) tile<T, 1, V, Step>(depth, a + r * row, row, step, b, b_stride, c + r * c_stride, c_stride, added(r));
}

// A full tile, or one of fewer rows, at a full sliver.
template <typename T, int Step>
inline __attribute__((noinline)) void block_tile(int64_t rows, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t b_stride, T* c,
                                                 int64_t c_stride, const T* plus, Fetch<T> fetch) {
  if (rows == SL_TILE_ROWS) return tile<T, SL_TILE_ROWS, kTileVectors, Step>(depth, a, row, step, b, b_stride, c, c_stride, plus, &fetch);
  tile_rows<T, kTileVectors, Step>(rows, depth, a, row, step, b, b_stride, c, c_stride, plus);
}

// C's columns past the last full sliver, fewer than a sliver's: rows as in a block, b the sliver of B that holds them.
template <typename T, int V>
inline __attribute__((noinline)) void narrow_tiles(int64_t rows, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, T* c, int64_t c_stride,
                                                   const T* plus) {
  for (int64_t r = 0; r < rows; r += kTileRows<V>)
    tile_rows<T, V>(rows - r < kTileRows<V> ? rows - r : kTileRows<V>, depth, a + r * row, row, step, b, kSliver<T>, c + r * c_stride, c_stride,
                    plus != nullptr ? plus + r * c_stride : nullptr);
}

template <typename T>
inline void right_edge(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, T* c, int64_t c_stride,
                       const T* plus) {
  switch (columns / kLanes<T>) {
    case 3: narrow_tiles<T, 3>(rows, depth, a, row, step, b, c, c_stride, plus); break;
    case 2: narrow_tiles<T, 2>(rows, depth, a, row, step, b, c, c_stride, plus); break;
    case 1: narrow_tiles<T, 1>(rows, depth, a, row, step, b, c, c_stride, plus); break;
  }
  int64_t whole = columns / kLanes<T> * kLanes<T>;
  if (whole == columns) return;
  T vector[kRows * kLanes<T>];  // the last columns fill no vector: by way of memory of their own
  narrow_tiles<T, 1>(rows, depth, a, row, step, b + whole, vector, kLanes<T>, nullptr);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = whole; j < columns; j++)
      c[r * c_stride + j] = vector[r * kLanes<T> + j - whole] + (plus != nullptr ? plus[r * c_stride + j] : T(0));
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
#pragma GCC unroll 4
          for (int64_t v = 0; v < kSliver<T>; v += kLanes<T>) store(to + k * kSliver<T> + v, load(from + k * row + v));
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
// b_stride: kSliver for a packed B; else B's rows are so far apart, and its columns fill their slivers.
// With the first sliver the block of A at `ahead`, laid out likewise, is asked for, unless it is null; with every tile its place in
// `beside`, which has rows `columns` long.
template <typename T, int Step>
inline void product_of_block(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t row, int64_t step, const T* ahead, const T* b,
                             int64_t b_stride, T* c, int64_t c_stride, const T* plus, const T* beside) {
  int64_t next_sliver = b_stride == kSliver<T> ? depth * kSliver<T> : kSliver<T>;
  for (int64_t n = 0; n < columns; n += kSliver<T>, b += next_sliver) {
    const T* added = plus != nullptr ? plus + n : nullptr;
    if (n + kSliver<T> > columns) return right_edge(rows, columns - n, depth, a, row, step, b, c + n, c_stride, added);
    Fetch<T> fetch{nullptr, nullptr, step, nullptr, columns};
    for (int64_t r = 0, tile = 0; r < rows; r += SL_TILE_ROWS, tile++) {
      fetch.next = b + next_sliver + tile / kTileVectors * b_stride + tile % kTileVectors * kLanes<T>;
      if (n == 0 && ahead != nullptr) fetch.ahead = ahead + r * row;
      if (beside != nullptr) fetch.beside = beside + r * columns + n;
      block_tile<T, Step>(rows - r < SL_TILE_ROWS ? rows - r : SL_TILE_ROWS, depth, a + r * row, row, step, b, b_stride, c + r * c_stride + n, c_stride,
                          added != nullptr ? added + r * c_stride : nullptr, fetch);
    }
  }
}

// C (m, n) = A (m, k) · B + plus, which is laid out as C, may be C, or is null for nothing. A's element (i, k) lies at a[i * a_stride + k].
// B is packed, or has rows of n = a multiple of kSliver columns.
// What is needed next of n columns and lies in memory, `beside`, is asked for meanwhile; null for nothing.
template <typename T>
void product(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* b, bool packed, T* c, int64_t c_stride,
             const T* plus, const T* beside) {
  int64_t padded = packed_size<T>(1, columns);
  for (int64_t i = 0; i < rows; i += kRows)
    for (int64_t k = 0; k < depth; k += kDepth) {
      const T* added = k > 0 ? c : plus;
      product_of_block<T, 1>(rows - i < kRows ? rows - i : kRows, columns, depth - k < kDepth ? depth - k : kDepth, a + i * a_stride + k, a_stride,
                             int64_t{1}, nullptr, b + k * padded, packed ? kSliver<T> : padded, c + i * c_stride, c_stride,
                             added != nullptr ? added + i * c_stride : nullptr,
                             k == 0 && beside != nullptr ? beside + i * columns : nullptr);
    }
}

// C (m, n) = Aᵀ · B, or C += Aᵀ · B with `add`, for A (k, m), whose element (k, i) lies at a[k * a_stride + i]. B as there.
// Blocks of k are the outer loop: a few hundred rows of A are then read from end to end, whose pages the translation buffer holds.
template <typename T>
void product_of_transposed(int64_t rows, int64_t columns, int64_t depth, const T* a, int64_t a_stride, const T* b, bool packed, T* c,
                           int64_t c_stride, bool add) {
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
      product_of_block<T, 0>(height, columns, length, in_place ? from : copy, int64_t{1}, in_place ? a_stride : copy_stride,
                          in_place ? (i + kRows < rows ? from + kRows : a + (k + kDepth) * a_stride) : nullptr, b + k * padded,
                          packed ? kSliver<T> : padded, c + i * c_stride, c_stride, add || k > 0 ? c + i * c_stride : nullptr, nullptr);
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
