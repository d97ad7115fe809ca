// Causal self-attention of one head, read straight out of the packed product (tokens, 3 · heads · width) of queries, keys and values.
// Vaswani et al. 2017, arXiv:1706.03762, Eq. 1. Included by kernels_body.h.
//
// Probabilities are kept transposed, a row a key and a lane a query: softmax then needs no sum across lanes, and no memory of
// tokens × tokens exists; the forward pass holds a sliver of queries against all their keys, the backward pass a few keys against
// all their queries, as Dao et al. 2022 (arXiv:2205.14135), Algorithm 4, recomputing probabilities from the row's log-sum-exp.
// Only tiles at or under the diagonal are computed.

template <typename T>
constexpr int64_t kPair = 2 * kLanes<T>;        // queries side by side; heads are too narrow for full tiles
constexpr int64_t kPairRows = kTileRows<2>;

constexpr double kQkNormEpsilon = 1e-5;  // as Normalisation.cs

// Where rows of `width` numbers lie in memory of the kernel: padded with zeros to whole vectors both ways.
template <typename T>
struct HeadLayout {
  int64_t tokens, width, padded_tokens, padded_width, stride;  // stride: of transposed operands, a row a coordinate
  HeadLayout(int64_t tokens, int64_t width)
      : tokens(tokens),
        width(width),
        padded_tokens((tokens + kPair<T> - 1) / kPair<T> * kPair<T>),
        padded_width((width + kLanes<T> - 1) / kLanes<T> * kLanes<T>),
        stride(padded_tokens + kPair<T> + kLanes<T>) {}  // not a power of two
  int64_t rows_size() const { return padded_tokens * padded_width; }
  int64_t columns_size() const { return padded_width * stride; }
};

constexpr int64_t kKeyBlock = 4 * kPairRows;

template <typename T>
int64_t attention_scratch(int64_t tokens, int64_t width, bool backward) {
  HeadLayout<T> layout(tokens, width);
  if (!backward) return 3 * layout.rows_size() + layout.columns_size() + layout.padded_tokens * kPair<T> + kPair<T> * layout.padded_width;
  return 5 * layout.rows_size() + 2 * layout.columns_size() + 2 * kKeyBlock * layout.stride + 2 * layout.stride + 2 * kKeyBlock * layout.padded_width;
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

// Queries or keys as they enter the product: QK norm (Henry et al. 2020, arXiv:2010.04245, with root mean squares), rotation of the pairs
// (i, i + width/2) by the position's angles (Su et al. 2021, arXiv:2104.09864, Eq. 34), scale.
template <typename T>
void prepare_rows(const T* x, int64_t x_stride, const HeadLayout<T>& layout, const T* cosines, const T* sines, bool norm, T scale, T* out) {
  int64_t width = layout.width, half = width / 2;
  for (int64_t t = 0; t < layout.padded_tokens; t++, out += layout.padded_width) {
    if (t >= layout.tokens || width < layout.padded_width)
      for (int64_t c = 0; c < layout.padded_width; c += kLanes<T>) store(out + c, Lanes<T>{});
    if (t >= layout.tokens) continue;
    const T* row = x + t * x_stride;
    for (int64_t c = 0; c < width; c += kLanes<T>) __builtin_prefetch(row + 24 * x_stride + c);  // rows lie far apart
    T factor = norm ? scale * inverse_rms(row, width) : scale;
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

// Asks for `width` columns of rows first..last, while something else is computed: rows lie far apart, and each costs a wait. `write`: to
// be written, and soon.
template <typename T, bool write = false>
inline void fetch_rows(const T* x, int64_t x_stride, int64_t first, int64_t last, int64_t width) {
  for (int64_t t = first; t < last; t++)
    for (int64_t c = 0; c < width; c += 64 / sizeof(T)) __builtin_prefetch(x + t * x_stride + c, write, write ? 3 : 2);
}

// The gradient by x from that by prepared rows, which is overwritten.
template <typename T>
void unprepare_rows(const T* x, int64_t x_stride, const HeadLayout<T>& layout, const T* cosines, const T* sines, bool norm, T scale, T* gradient, T* dx,
                    int64_t dx_stride) {
  int64_t width = layout.width, half = width / 2;
  for (int64_t t = 0; t < layout.tokens; t++, gradient += layout.padded_width, dx += dx_stride) {
    if (cosines != nullptr) {
      const T *cs = cosines + t * half, *sn = sines + t * half;
      over<T>(half, [&](int64_t c, auto at) {
        Lanes<T> a = at.load(gradient + c), b = at.load(gradient + half + c);
        at.store(gradient + c, a * at.load(cs + c) + b * at.load(sn + c));
        at.store(gradient + half + c, b * at.load(cs + c) - a * at.load(sn + c));
      });
    }
    for (int64_t c = 0; c < width; c += kLanes<T>) __builtin_prefetch(dx + 24 * dx_stride + c, 1);
    if (!norm) {
      over<T>(width, [&](int64_t c, auto at) { at.store(dx + c, at.load(gradient + c) * scale); });
      continue;
    }
    const T* row = x + t * x_stride;
    T inverse = inverse_rms(row, width), along = inner_product(gradient, row, width) * inverse * inverse / T(width);
    over<T>(width, [&](int64_t c, auto at) { at.store(dx + c, (at.load(gradient + c) - at.load(row + c) * along) * (scale * inverse)); });
  }
}

template <typename T>
void copy_rows(const T* x, int64_t x_stride, const HeadLayout<T>& layout, T* out) {
  prepare_rows<T>(x, x_stride, layout, nullptr, nullptr, false, T(1), out);
}

// (tokens, width) → (width, tokens), both padded.
template <typename T>
void transpose_rows(const T* rows, const HeadLayout<T>& layout, T* columns) {
  for (int64_t c = 0; c < layout.padded_width; c += kLanes<T>) {
    for (int64_t t = 0; t < layout.padded_tokens; t += kLanes<T>)
      transpose_square(rows + t * layout.padded_width + c, layout.padded_width, columns + c * layout.stride + t, layout.stride);
    for (int64_t r = 0; r < kLanes<T>; r++)  // a tile may begin at any vector and still be a sliver wide
      for (int64_t t = layout.padded_tokens; t < layout.stride; t++) columns[(c + r) * layout.stride + t] = T(0);
  }
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

// y (tokens, width) with rows y_stride apart, and the log-sum-exp of every query's logits.
template <typename T>
void attention_forward(const T* qkv, int64_t tokens, int64_t heads, int64_t width, const T* cosines, const T* sines, bool qk_norm, T* y, T* log_sums,
                       T* scratch) {
  HeadLayout<T> layout(tokens, width);
  int64_t model = heads * width, row = 3 * model, padded = layout.padded_width;
  T* queries = scratch;
  T* keys = queries + layout.rows_size();
  T* values = keys + layout.rows_size();
  T* query_columns = values + layout.rows_size();
  T* weights = query_columns + layout.columns_size();  // (keys, a sliver of queries)
  T* mixed = weights + layout.padded_tokens * kPair<T>;
  prepare_rows(qkv, row, layout, cosines, sines, qk_norm, T(1) / sqrt_of(T(width)), queries);
  prepare_rows(qkv + model, row, layout, cosines, sines, qk_norm, T(1), keys);
  copy_rows(qkv + 2 * model, row, layout, values);
  transpose_rows(queries, layout, query_columns);
  for (int64_t i0 = 0; i0 < tokens; i0 += kPair<T>) {
    int64_t next = i0 + kPair<T> < tokens ? i0 + kPair<T> : tokens;
    fetch_rows<T, true>(y, model, i0, next, width);
    for (int64_t part = 0; part < 3; part++) fetch_rows(qkv + part * model + width, row, i0, next, width);  // the next head lies beside this one
    int64_t seen = i0 + kPair<T>;  // keys: those past the last token are zeros that no query sees
    if (seen > layout.padded_tokens) seen = layout.padded_tokens;
    for (int64_t j = 0; j < seen; j += kPairRows) {
      int64_t tall = seen - j < kPairRows ? seen - j : kPairRows;
      tile_rows<T, 2>(tall, width, keys + j * padded, padded, 1, query_columns + i0, layout.stride, weights + j * kPair<T>, kPair<T>, nullptr);
    }
    T inverse[kPair<T>];
    Lanes<T> largest[2], sum[2] = {};
    for (int64_t v = 0; v < 2; v++) largest[v] = load(weights + v * kLanes<T>);  // of key 0, which all see
    for (int64_t j = 1; j < seen; j++)
#pragma GCC unroll 2
      for (int64_t v = 0; v < 2; v++) {
        Lanes<T> logit = load(weights + j * kPair<T> + v * kLanes<T>);
        int64_t first = i0 + v * kLanes<T>;  // query, which sees the keys before it, and itself
        largest[v] = larger<T>(j > first ? where_seen<T>(first, j, logit, largest[v]) : logit, largest[v]);
      }
    for (int64_t j = 0; j < seen; j++)
#pragma GCC unroll 2
      for (int64_t v = 0; v < 2; v++) {
        T* lane = weights + j * kPair<T> + v * kLanes<T>;
        int64_t first = i0 + v * kLanes<T>;
        Lanes<T> weight = {};
        if (j < first + kLanes<T>) weight = exponential<T>(load(lane) - largest[v]);
        if (j > first) weight = where_seen<T>(first, j, weight, Lanes<T>{});
        sum[v] += weight;
        store(lane, weight);
      }
    for (int64_t v = 0; v < 2; v++) {
      store(inverse + v * kLanes<T>, T(1) / sum[v]);
      int64_t first = i0 + v * kLanes<T>, left = tokens - first;
      if (left > 0) store_part(log_sums + first, largest[v] + logarithm<T>(sum[v]), left < kLanes<T> ? left : kLanes<T>);
    }
    for (int64_t i = 0; i < kPair<T> && i0 + i < tokens; i += kPairRows) {
      int64_t tall = kPair<T> - i < kPairRows ? kPair<T> - i : kPairRows;
      int64_t depth = i0 + i + tall < seen ? i0 + i + tall : seen;
      times_rows<T>(tall, depth, weights + i, 1, kPair<T>, values, padded, mixed + i * padded, nullptr);
      for (int64_t r = i; r < i + tall && i0 + r < tokens; r++)
        over<T>(width, [&](int64_t c, auto at) { at.store(y + (i0 + r) * model + c, at.load(mixed + r * padded + c) * inverse[r]); });
    }
  }
}

// The gradient by qkv, in its layout, from y, its log-sum-exps and dy.
template <typename T>
void attention_backward(const T* qkv, const T* y, const T* log_sums, const T* dy, int64_t tokens, int64_t heads, int64_t width, const T* cosines,
                        const T* sines, bool qk_norm, T* dqkv, T* scratch) {
  HeadLayout<T> layout(tokens, width);
  int64_t model = heads * width, row = 3 * model, padded = layout.padded_width, stride = layout.stride;
  T scale = T(1) / sqrt_of(T(width));
  T* queries = scratch;
  T* keys = queries + layout.rows_size();
  T* values = keys + layout.rows_size();
  T* outer = values + layout.rows_size();  // dy
  T* query_gradients = outer + layout.rows_size();
  T* query_columns = query_gradients + layout.rows_size();
  T* outer_columns = query_columns + layout.columns_size();
  T* weights = outer_columns + layout.columns_size();  // (a block of keys, queries)
  T* slopes = weights + kKeyBlock * stride;            // gradient by logits
  T* logs = slopes + kKeyBlock * stride;
  T* means = logs + stride;  // dy · y of every query
  T* key_gradients = means + stride;
  T* value_gradients = key_gradients + kKeyBlock * padded;
  prepare_rows(qkv, row, layout, cosines, sines, qk_norm, scale, queries);
  prepare_rows(qkv + model, row, layout, cosines, sines, qk_norm, T(1), keys);
  copy_rows(qkv + 2 * model, row, layout, values);
  copy_rows(dy, model, layout, outer);
  transpose_rows(queries, layout, query_columns);
  transpose_rows(outer, layout, outer_columns);
  for (int64_t t = 0; t < tokens; t++) {
    for (int64_t c = 0; c < width; c += kLanes<T>) __builtin_prefetch(y + (t + 24) * model + c);  // rows lie far apart
    means[t] = inner_product(y + t * model, outer + t * padded, width);
    logs[t] = log_sums[t];
  }
  for (int64_t t = tokens; t < stride; t++) means[t] = T(0), logs[t] = T(1e30);  // no weight for what is no query
  for (int64_t j0 = 0; j0 < tokens; j0 += kKeyBlock) {
    int64_t block = layout.padded_tokens - j0 < kKeyBlock ? layout.padded_tokens - j0 : kKeyBlock;
    int64_t begin = j0 / kLanes<T> * kLanes<T>;  // first query that sees a key of the block, down to a whole vector
    for (int64_t j = 0; j < block; j += kPairRows) {
      int64_t tall = block - j < kPairRows ? block - j : kPairRows;
      int64_t first = (j0 + j) / kLanes<T> * kLanes<T>;
      T *w = weights + j * stride, *s = slopes + j * stride;
      for (int64_t r = 0; r < tall; r++)
        for (int64_t i = begin; i < first; i++) s[r * stride + i] = T(0);
      for (int64_t i = first; i < layout.padded_tokens; i += kPair<T>) {
        tile_rows<T, 2>(tall, width, keys + (j0 + j) * padded, padded, 1, query_columns + i, stride, w + i, stride, nullptr);
        tile_rows<T, 2>(tall, width, values + (j0 + j) * padded, padded, 1, outer_columns + i, stride, s + i, stride, nullptr);
      }
      for (int64_t r = 0; r < tall; r++)
        for (int64_t i = first; i < layout.padded_tokens; i += kLanes<T>) {
          Lanes<T> weight = exponential<T>(load(w + r * stride + i) - load(logs + i));
          if (j0 + j + r > i) weight = where_seen<T>(i, j0 + j + r, weight, Lanes<T>{});
          store(w + r * stride + i, weight);
          store(s + r * stride + i, weight * (load(s + r * stride + i) - load(means + i)));
        }
      int64_t depth = layout.padded_tokens - first;
      times_rows<T>(tall, depth, w + first, stride, 1, outer + first * padded, padded, value_gradients + j * padded, nullptr);
      times_rows<T>(tall, depth, s + first, stride, 1, queries + first * padded, padded, key_gradients + j * padded, nullptr);
    }
    for (int64_t i = begin; i < tokens; i += kPairRows) {
      int64_t tall = layout.padded_tokens - i < kPairRows ? layout.padded_tokens - i : kPairRows;
      int64_t depth = i + tall - j0 < block ? i + tall - j0 : block;
      T* to = query_gradients + i * padded;
      if (depth > 0) times_rows<T>(tall, depth, slopes + i, 1, stride, keys + j0 * padded, padded, to, j0 > 0 ? to : nullptr);
    }
    HeadLayout<T> part = layout;
    part.tokens = tokens - j0 < block ? tokens - j0 : block;
    const T* key_cosines = cosines != nullptr ? cosines + j0 * (width / 2) : nullptr;
    const T* key_sines = cosines != nullptr ? sines + j0 * (width / 2) : nullptr;
    unprepare_rows(qkv + j0 * row + model, row, part, key_cosines, key_sines, qk_norm, T(1), key_gradients, dqkv + j0 * row + model, row);
    unprepare_rows<T>(nullptr, 0, part, nullptr, nullptr, false, T(1), value_gradients, dqkv + j0 * row + 2 * model, row);
  }
  unprepare_rows(qkv, row, layout, cosines, sines, qk_norm, scale, query_gradients, dqkv, row);
}
