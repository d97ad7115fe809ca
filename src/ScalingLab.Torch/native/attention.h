// Causal self-attention of one head, out of the packed product (tokens, 3 · heads · width) of queries, keys and values.
// Vaswani et al. 2017, arXiv:1706.03762, Eq. 1. Included by kernels_body.h.
//
// Queries are multiplied by log2 e too: logits and log-sum-exps are in bits, and weights powers of two, a shorter series than exp's.
// Probabilities are kept transposed, a row a key and a lane a query: softmax then needs no sum across lanes, and no memory of
// tokens × tokens exists; the forward pass holds a sliver of queries against all their keys, the backward pass a few keys against
// all their queries, as Dao et al. 2022 (arXiv:2205.14135), Algorithm 4, recomputing probabilities from the row's log-sum-exp.
// Only tiles at or under the diagonal are computed.

template <typename T>
constexpr int64_t kPair = 2 * kLanes<T>;        // queries side by side; heads are too narrow for full tiles
constexpr int64_t kPairRows = kTileRows<2>;
constexpr int64_t kKeyBlock = 4 * kPairRows;    // keys of a block of the backward pass

constexpr double kQkNormEpsilon = 1e-5;  // as Normalisation.cs

template <typename T>
inline T query_scale(int64_t width) {
  return T(kLog2E) / sqrt_of(T(width));
}

// Where a head's rows of `width` numbers lie in memory of the kernel: padded with zeros to whole vectors both ways.
template <typename T>
struct HeadLayout {
  int64_t tokens, width, padded_tokens, padded_width, stride;  // stride: of transposed operands, a row a coordinate
  HeadLayout(int64_t tokens, int64_t width)
      : tokens(tokens),
        width(width),
        padded_tokens((tokens + kPair<T> - 1) / kPair<T> * kPair<T>),
        padded_width((width + kLanes<T> - 1) / kLanes<T> * kLanes<T>),
        stride(padded_tokens + kLanes<T>) {}  // not a power of two
  int64_t tiles() const { return padded_tokens * (padded_tokens + kPair<T>) / (2 * kPairRows * kPair<T>) + 1; }  // of logits, about
  int64_t rows_size() const { return padded_tokens * padded_width; }
  int64_t columns_size() const { return padded_width * stride; }

  // What a head keeps for its backward pass, one piece of memory: queries, keys and values as they enter the products; then by
  // token the log-sum-exp of the query's logits; then with QK norm by what the query and the key were multiplied.
  int64_t keys() const { return rows_size(); }
  int64_t values() const { return 2 * rows_size(); }
  int64_t log_sums() const { return 3 * rows_size(); }
  int64_t query_factors() const { return log_sums() + padded_tokens; }
  int64_t key_factors() const { return query_factors() + padded_tokens; }
  int64_t kept_size(bool qk_norm) const { return qk_norm ? key_factors() + padded_tokens : query_factors(); }
};

template <typename T>
int64_t attention_kept(int64_t tokens, int64_t width, bool qk_norm) {
  return HeadLayout<T>(tokens, width).kept_size(qk_norm);
}

template <typename T>
int64_t attention_scratch(int64_t tokens, int64_t width, bool backward) {
  HeadLayout<T> layout(tokens, width);
  if (!backward) return layout.columns_size() + layout.padded_tokens * kPair<T> + kPair<T> * layout.padded_width;
  return 2 * layout.rows_size() + 2 * layout.columns_size() + (kPairRows + kKeyBlock) * layout.stride + layout.padded_tokens + 2 * kKeyBlock * layout.padded_width;
}

// a · b.
template <typename T>
inline T inner_product(const T* a, const T* b, int64_t width) {
  Lanes<T> sum = {};
  over<T>(width, [&](int64_t c, auto at) { sum += at.load(a + c) * at.load(b + c); });
  return sum_of<T>(sum);
}

// 1 / √(mean x² + ε). Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4.
template <typename T>
inline T inverse_rms(const T* x, int64_t width) {
  return T(1) / sqrt_of(inner_product(x, x, width) / T(width) + T(kQkNormEpsilon));
}

// Memory that is needed next is asked for in a few lines between one tile and the next: it has about a dozen under way at once, and more
// make the core wait. `width` columns of rows first..last:
template <typename T>
inline void fetch_rows(const T* x, int64_t x_stride, int64_t first, int64_t last, int64_t width) {
  for (int64_t t = first; t < last; t++)
    for (int64_t c = 0; c < width; c += 64 / sizeof(T)) __builtin_prefetch(x + t * x_stride + c, 0, 2);
}

// `count` parts of what another head keeps, one a call.
template <typename T>
struct Ahead {
  const T *at, *end;
  int64_t part;
  Ahead(const T* kept, int64_t size, int64_t count) : at(kept), end(kept + size), part(size / count + 1) {}
  void fetch() {
    const T* stop = end - at < part ? end : at + part;
    for (; at < stop; at += 64 / sizeof(T)) __builtin_prefetch(at, 0, 2);
  }
};

// Queries or keys as they enter the product: QK norm (Henry et al. 2020, arXiv:2010.04245, with root mean squares) if there is memory for
// its factors, rotation of the pairs (i, i + width/2) by the position's angles (Su et al. 2021, arXiv:2104.09864, Eq. 34), scale.
template <typename T>
void prepare_rows(const T* x, int64_t x_stride, const HeadLayout<T>& layout, const T* cosines, const T* sines, T scale, T* factors, T* out) {
  int64_t width = layout.width, half = width / 2;
  for (int64_t t = 0; t < layout.padded_tokens; t++, out += layout.padded_width) {
    if (t >= layout.tokens || width < layout.padded_width)
      for (int64_t c = 0; c < layout.padded_width; c += kLanes<T>) store(out + c, Lanes<T>{});
    if (t >= layout.tokens) continue;
    const T* row = x + t * x_stride;
    T factor = scale;
    if (factors != nullptr) factor = factors[t] = scale * inverse_rms(row, width);
    if (cosines == nullptr) {
      over<T>(width, [&](int64_t c, auto at) { at.store(out + c, at.load(row + c) * factor); });
      continue;
    }
    const T *cs = cosines + t * half, *sn = sines + t * half;
    over<T>(half, [&](int64_t c, auto at) {
      Lanes<T> a = at.load(row + c) * factor, b = at.load(row + half + c) * factor;
      at.store(out + c, a * at.load(cs + c) - b * at.load(sn + c));
      at.store(out + half + c, b * at.load(cs + c) + a * at.load(sn + c));
    });
  }
}

// The gradient by x of `count` rows from that by the prepared rows, g, which QK norm overwrites. For q = scale · R x̂, where R rotates, and
// x̂ = x / rms it is scale / rms · Rᵀ(g - q (g · q) / (scale² width)). All times `unit`: ln 2 for g by logits in bits.
template <typename T>
void unprepare_rows(const T* prepared, const HeadLayout<T>& layout, int64_t count, const T* cosines, const T* sines, T scale, T unit, const T* factors,
                    T* gradient, T* dx, int64_t dx_stride) {
  int64_t width = layout.width, half = width / 2;
  for (int64_t t = 0; t < count; t++, prepared += layout.padded_width, gradient += layout.padded_width, dx += dx_stride) {
    for (int64_t c = 0; c < width; c += kLanes<T>) __builtin_prefetch(dx + 6 * dx_stride + c, 1);  // rows lie far apart
    T factor = scale * unit;
    if (factors != nullptr) {
      T along = inner_product(gradient, prepared, width) / (scale * scale * T(width));
      over<T>(width, [&](int64_t c, auto at) { at.store(gradient + c, at.load(gradient + c) - at.load(prepared + c) * along); });
      factor = factors[t] * unit;
    }
    if (cosines == nullptr) {
      over<T>(width, [&](int64_t c, auto at) { at.store(dx + c, at.load(gradient + c) * factor); });
      continue;
    }
    const T *cs = cosines + t * half, *sn = sines + t * half;
    over<T>(half, [&](int64_t c, auto at) {
      Lanes<T> a = at.load(gradient + c) * factor, b = at.load(gradient + half + c) * factor;
      at.store(dx + c, a * at.load(cs + c) + b * at.load(sn + c));
      at.store(dx + half + c, b * at.load(cs + c) - a * at.load(sn + c));
    });
  }
}

template <typename T>
void copy_rows(const T* x, int64_t x_stride, const HeadLayout<T>& layout, T* out) {
  prepare_rows<T>(x, x_stride, layout, nullptr, nullptr, T(1), nullptr, out);
}

// (tokens, width) → (width, tokens), both padded.
template <typename T>
void transpose_rows(const T* rows, const HeadLayout<T>& layout, T* columns) {
  for (int64_t c = 0; c < layout.padded_width; c += kLanes<T>)
    for (int64_t t = 0; t < layout.padded_tokens; t += kLanes<T>)
      transpose_square(rows + t * layout.padded_width + c, layout.padded_width, columns + c * layout.stride + t, layout.stride);
}

// C (rows, padded width) = A · B + plus for B of rows `padded width` long; plus as in product.h.
template <typename T>
inline void times_rows(int64_t rows, int64_t depth, const T* a, int64_t row, int64_t step, const T* b, int64_t padded_width, T* c, const T* plus) {
  int64_t n = 0;
  for (; n + kPair<T> <= padded_width; n += kPair<T>) tile_rows<T, 2>(rows, depth, a, row, step, b + n, padded_width, c + n, padded_width, plus != nullptr ? plus + n : nullptr);
  if (n < padded_width) tile_rows<T, 1>(rows, depth, a, row, step, b + n, padded_width, c + n, padded_width, plus != nullptr ? plus + n : nullptr);
}

// In lane l: v where query + l may look at the key, else `otherwise`.
template <typename T>
inline Lanes<T> where_seen(int64_t query, int64_t key, Lanes<T> v, Lanes<T> otherwise) {
  Lanes<T> lane;
  for (int64_t l = 0; l < kLanes<T>; l++) lane[l] = T(l);
  return lane >= broadcast(T(key - query)) ? v : otherwise;
}

// Logits to exponentials less the largest, for a vector of queries, the first of which is `query`: a row a key, kPair apart, as many as the
// last of them sees. Returns their sums, and the log-sum-exps in log_sums.
template <typename T>
inline Lanes<T> exponentials(int64_t query, T* weights, Lanes<T>* log_sums) {
  int64_t last = query + kLanes<T>;
  Lanes<T> largest = load(weights), sum = {};  // of key 0, which all see
#pragma GCC unroll 4
  for (int64_t j = 0; j < query; j++) largest = larger<T>(load(weights + j * kPair<T>), largest);
  for (int64_t j = query; j < last; j++) largest = larger<T>(where_seen<T>(query, j, load(weights + j * kPair<T>), largest), largest);
  auto weigh = [&](int64_t j, auto seen) {
    T* at = weights + j * kPair<T>;
    Lanes<T> weight = seen(exponential2<T>(load(at) - largest));
    sum += weight;
    store(at, weight);
  };
  for (int64_t j = 0; j < query; j++) weigh(j, [](Lanes<T> weight) { return weight; });
  for (int64_t j = query; j < last; j++) weigh(j, [&](Lanes<T> weight) { return where_seen<T>(query, j, weight, Lanes<T>{}); });
  *log_sums = largest + logarithm<T>(sum) * T(kLog2E);
  return sum;
}

// y (tokens, width) with rows `heads` · width apart, and what the backward pass takes (see HeadLayout).
template <typename T>
void attention_forward(const T* qkv, int64_t qkv_stride, int64_t tokens, int64_t heads, int64_t width, const T* cosines, const T* sines, bool qk_norm, T* y, T* kept,
                       T* scratch) {
  HeadLayout<T> layout(tokens, width);
  int64_t model = heads * width, padded = layout.padded_width;
  T *queries = kept, *keys = kept + layout.keys(), *values = kept + layout.values(), *log_sums = kept + layout.log_sums();
  T* query_columns = scratch;
  T* weights = query_columns + layout.columns_size();  // (keys, a sliver of queries)
  T* mixed = weights + layout.padded_tokens * kPair<T>;
  prepare_rows(qkv, qkv_stride, layout, cosines, sines, query_scale<T>(width), qk_norm ? kept + layout.query_factors() : nullptr, queries);
  prepare_rows(qkv + model, qkv_stride, layout, cosines, sines, T(1), qk_norm ? kept + layout.key_factors() : nullptr, keys);
  copy_rows(qkv + 2 * model, qkv_stride, layout, values);
  transpose_rows(queries, layout, query_columns);
  const T* next = kept + layout.kept_size(qk_norm);  // the next head's
  Ahead<T> ahead(next, next - kept, layout.tiles() + layout.padded_tokens / kPairRows);
  for (int64_t i0 = 0; i0 < tokens; i0 += kPair<T>) {
    int64_t both = i0 + kLanes<T>, seen = i0 + kPair<T>;  // keys before `both` are seen by some of the first vector's queries
    for (int64_t j = 0; j < seen;) {
      int64_t tall = j >= both ? kLanes<T> : both - j < kPairRows ? both - j : kPairRows;
      const T* a = keys + j * padded;
      ahead.fetch();
      fetch_rows(y, model, i0 + j * kPair<T> / seen, i0 + (j + tall) * kPair<T> / seen, width);
      if (j < both)
        tile_rows<T, 2>(tall, width, a, padded, 1, query_columns + i0, layout.stride, weights + j * kPair<T>, kPair<T>, nullptr);
      else
        tile_rows<T, 1>(tall, width, a, padded, 1, query_columns + both, layout.stride, weights + j * kPair<T> + kLanes<T>, kPair<T>, nullptr);
      j += tall;
    }
    T inverse[kPair<T>];
    for (int64_t v = 0; v < kPair<T>; v += kLanes<T>) {
      Lanes<T> logs, sum = exponentials(i0 + v, weights + v, &logs);
      store(inverse + v, T(1) / sum);
      store(log_sums + i0 + v, logs);
    }
    for (int64_t j = both; j < seen; j++) store(weights + j * kPair<T>, Lanes<T>{});
    for (int64_t i = 0; i < kPair<T> && i0 + i < tokens; i += kPairRows) {
      int64_t tall = kPair<T> - i < kPairRows ? kPair<T> - i : kPairRows;
      ahead.fetch();
      times_rows<T>(tall, i0 + i + tall, weights + i, 1, kPair<T>, values, padded, mixed + i * padded, nullptr);
      for (int64_t r = i; r < i + tall && i0 + r < tokens; r++)
        over<T>(width, [&](int64_t c, auto at) { at.store(y + (i0 + r) * model + c, at.load(mixed + r * padded + c) * inverse[r]); });
    }
  }
}

// The gradient by qkv, in its layout, from what the forward pass kept, y and dy.
template <typename T>
void attention_backward(const T* kept, const T* y, const T* dy, int64_t dy_stride, int64_t tokens, int64_t heads, int64_t width, const T* cosines, const T* sines,
                        bool qk_norm, T* dqkv, int64_t dqkv_stride, T* scratch) {
  static_assert(kKeyBlock % kLanes<T> == 0, "a block of keys begins with a vector of queries");
  HeadLayout<T> layout(tokens, width);
  int64_t model = heads * width, padded = layout.padded_width, stride = layout.stride;
  const T *queries = kept, *keys = kept + layout.keys(), *values = kept + layout.values(), *log_sums = kept + layout.log_sums();
  T* outer = scratch;  // dy
  T* query_gradients = outer + layout.rows_size();
  T* query_columns = query_gradients + layout.rows_size();
  T* outer_columns = query_columns + layout.columns_size();
  T* weights = outer_columns + layout.columns_size();  // (keys of a tile, queries)
  T* slopes = weights + kPairRows * stride;            // gradient by logits (a block of keys, queries)
  T* means = slopes + kKeyBlock * stride;              // dy · y of every query
  T* key_gradients = means + layout.padded_tokens;
  T* value_gradients = key_gradients + kKeyBlock * padded;
  copy_rows(dy, dy_stride, layout, outer);
  transpose_rows(queries, layout, query_columns);
  transpose_rows(outer, layout, outer_columns);
  for (int64_t t = 0; t < layout.padded_tokens; t++) means[t] = t < tokens ? inner_product(y + t * model, outer + t * padded, width) : T(0);
  const T* next = kept + layout.kept_size(qk_norm);  // the next head's
  int64_t calls = 2 * (layout.tiles() + layout.padded_tokens / kPairRows), asked = 0, part = tokens / calls + 1;
  Ahead<T> ahead(next, next - kept, calls);
  auto fetch_next = [&] {
    ahead.fetch();
    fetch_rows(y + width, model, asked, asked + part < tokens ? asked + part : tokens, width);  // the next head lies beside this one
    asked += part;
  };
  for (int64_t j0 = 0; j0 < tokens; j0 += kKeyBlock) {
    int64_t block = layout.padded_tokens - j0 < kKeyBlock ? layout.padded_tokens - j0 : kKeyBlock;
    for (int64_t j = 0; j < block; j += kPairRows) {
      int64_t tall = block - j < kPairRows ? block - j : kPairRows;
      int64_t first = (j0 + j) / kLanes<T> * kLanes<T>, i = first;
      T *w = weights, *s = slopes + j * stride;
      const T *k = keys + (j0 + j) * padded, *v = values + (j0 + j) * padded;
      if (first % kPair<T> != 0) {
        tile_rows<T, 1>(tall, width, k, padded, 1, query_columns + i, stride, w + i, stride, nullptr);
        tile_rows<T, 1>(tall, width, v, padded, 1, outer_columns + i, stride, s + i, stride, nullptr);
        i += kLanes<T>;
      }
      for (; i < layout.padded_tokens; i += kPair<T>) {
        fetch_next();
        tile_rows<T, 2>(tall, width, k, padded, 1, query_columns + i, stride, w + i, stride, nullptr);
        fetch_next();
        tile_rows<T, 2>(tall, width, v, padded, 1, outer_columns + i, stride, s + i, stride, nullptr);
      }
      for (int64_t r = 0; r < tall; r++)
        for (int64_t i = first; i < layout.padded_tokens; i += kLanes<T>) {
          Lanes<T> weight = exponential2<T>(load(w + r * stride + i) - load(log_sums + i));
          if (j0 + j + r > i) weight = where_seen<T>(i, j0 + j + r, weight, Lanes<T>{});
          store(w + r * stride + i, weight);
          store(s + r * stride + i, weight * (load(s + r * stride + i) - load(means + i)));
        }
      int64_t depth = layout.padded_tokens - first;
      fetch_next();
      times_rows<T>(tall, depth, w + first, stride, 1, outer + first * padded, padded, value_gradients + j * padded, nullptr);
      fetch_next();
      times_rows<T>(tall, depth, s + first, stride, 1, queries + first * padded, padded, key_gradients + j * padded, nullptr);
    }
    for (int64_t i = j0; i < tokens; i += kPairRows) {  // in step with the tiles of keys, none of which begins after the tile's queries
      int64_t tall = layout.padded_tokens - i < kPairRows ? layout.padded_tokens - i : kPairRows;
      int64_t depth = i + tall - j0 < block ? i + tall - j0 : block;
      T* to = query_gradients + i * padded;
      times_rows<T>(tall, depth, slopes + i, 1, stride, keys + j0 * padded, padded, to, j0 > 0 ? to : nullptr);
    }
    int64_t count = tokens - j0 < block ? tokens - j0 : block, angles = j0 * (width / 2);
    unprepare_rows(keys + j0 * padded, layout, count, cosines != nullptr ? cosines + angles : nullptr, cosines != nullptr ? sines + angles : nullptr, T(1), T(kLn2),
                   qk_norm ? kept + layout.key_factors() + j0 : nullptr, key_gradients, dqkv + j0 * dqkv_stride + model, dqkv_stride);
    unprepare_rows<T>(values, layout, count, nullptr, nullptr, T(1), T(1), nullptr, value_gradients, dqkv + j0 * dqkv_stride + 2 * model, dqkv_stride);
  }
  unprepare_rows(queries, layout, tokens, cosines, sines, query_scale<T>(width), T(kLn2), qk_norm ? kept + layout.query_factors() : nullptr, query_gradients, dqkv,
                 dqkv_stride);
}
