// Vectors of the width that a kernel file is compiled for, spelt with the compiler's vector extension, which g++ and clang
// turn into AVX-512, AVX2, SSE2 or NEON. Included by kernels_body.h inside the namespace of one instruction set.
#ifndef SL_LANE_BYTES
#error "a kernel file must define SL_LANE_BYTES"
#endif

template <typename T>
struct LanesOf {
  typedef T Vector __attribute__((vector_size(SL_LANE_BYTES)));
  static constexpr int64_t count = SL_LANE_BYTES / sizeof(T);
};
template <typename T>
using Lanes = typename LanesOf<T>::Vector;
template <typename T>
constexpr int64_t kLanes = LanesOf<T>::count;

constexpr double kLog2E = 1.4426950408889634074, kLn2 = 0.6931471805599453094;

// Integers of the same width, for exponent bits.
template <typename T>
struct BitsOf;
template <>
struct BitsOf<float> {
  typedef int32_t Scalar;
  static constexpr int mantissa = 23;
  static constexpr int32_t bias = 127;
  static constexpr float lowest = -87.f;         // exp of less is 0 here; expf(-87.3) is the least normal number
  static constexpr float highest = 88.f;
  static constexpr float rounding = 12582912.f;  // 1.5 * 2^23: adding it rounds to an integer, held in the low bits
  static constexpr int degree = 7;               // of exp's Taylor polynomial on |r| <= ln 2 / 2; the rest is below 6e-9
};
template <>
struct BitsOf<double> {
  typedef int64_t Scalar;
  static constexpr int mantissa = 52;
  static constexpr int64_t bias = 1023;
  static constexpr double lowest = -708;
  static constexpr double highest = 709;
  static constexpr double rounding = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr int degree = 13;                       // the rest is below 5e-18
};

template <typename T>
inline Lanes<T> load(const T* from) {
  Lanes<T> v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <typename T>
inline void store(T* to, Lanes<T> v) {
  __builtin_memcpy(to, &v, sizeof v);
}

// Stores past the caches what nothing reads soon, where the address allows it: no line is fetched to be overwritten.
// fence_streams() makes such stores visible to other threads.
template <typename T>
inline void stream(T* to, Lanes<T> v) {
#if defined(__AVX512F__)
  if (reinterpret_cast<uintptr_t>(to) % sizeof v == 0) return _mm512_stream_si512(reinterpret_cast<__m512i*>(to), reinterpret_cast<__m512i>(v));
#elif defined(__AVX__)
  if (reinterpret_cast<uintptr_t>(to) % sizeof v == 0) return _mm256_stream_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(v));
#endif
  store(to, v);
}

// Asks for what a long row that lies in memory brings next: further ahead than the processor itself asks.
template <typename T>
inline void fetch_from_memory(const T* at) {
  __builtin_prefetch(reinterpret_cast<const char*>(at) + 4096, 0, 2);
}

inline void fence_streams() {
#if defined(__AVX__)
  _mm_sfence();
#endif
}

// The first `count` lanes, the others 0.
template <typename T>
inline Lanes<T> load_part(const T* from, int64_t count) {
  Lanes<T> v = {};
  __builtin_memcpy(&v, from, sizeof(T) * static_cast<uint64_t>(count));
  return v;
}

template <typename T>
inline void store_part(T* to, Lanes<T> v, int64_t count) {
  __builtin_memcpy(to, &v, sizeof(T) * static_cast<uint64_t>(count));
}

template <typename T>
inline Lanes<T> broadcast(T value) {
  return value - Lanes<T>{};
}

// Lane i of the result is lane i ^ distance of v.
template <typename T, int distance>
inline Lanes<T> swapped(Lanes<T> v) {
  typedef typename BitsOf<T>::Scalar Int;
  typedef Int IntLanes __attribute__((vector_size(SL_LANE_BYTES)));
  IntLanes from;
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<T>; i++) from[i] = i ^ distance;
  return __builtin_shuffle(v, from);
}

// combine(lane, lane) over all lanes. Halves are folded, so the order is that of the width: the same on every thread and for every count.
template <typename T, typename Combine>
inline T folded(Lanes<T> v, Combine combine) {
  if (kLanes<T> > 8) v = combine(v, swapped<T, 8>(v));
  if (kLanes<T> > 4) v = combine(v, swapped<T, 4>(v));
  if (kLanes<T> > 2) v = combine(v, swapped<T, 2>(v));
  return combine(v, swapped<T, 1>(v))[0];
}

template <typename T>
inline T sum_of(Lanes<T> v) {
  return folded<T>(v, [](Lanes<T> a, Lanes<T> b) { return a + b; });
}

template <typename T>
inline T largest_of(Lanes<T> v) {
  return folded<T>(v, [](Lanes<T> a, Lanes<T> b) { return a > b ? a : b; });
}

template <typename T>
inline Lanes<T> larger(Lanes<T> a, Lanes<T> b) {
  return a > b ? a : b;
}

#if defined(__AVX512F__)
// exp as below, by the instructions that round and that scale by a power of two.
inline Lanes<float> exponential_scaled(Lanes<float> argument) {
  __m512 x = _mm512_min_ps(_mm512_set1_ps(BitsOf<float>::highest), reinterpret_cast<__m512>(argument));  // the second where one is NaN
  __mmask16 normal = _mm512_cmp_ps_mask(x, _mm512_set1_ps(BitsOf<float>::lowest), _CMP_NLT_UQ);
  __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(static_cast<float>(kLog2E))), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.69314718246459960938f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-1.90465429995776804525e-9f), r);  // the rest of ln 2
  constexpr float inverse_factorial[] = {1.f / 5040, 1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 1.f / 2, 1.f, 1.f};  // from 7 down
  __m512 p = _mm512_set1_ps(inverse_factorial[0]);
#pragma GCC unroll 8
  for (int i = 1; i < 8; i++) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(inverse_factorial[i]));
  return reinterpret_cast<Lanes<float>>(_mm512_maskz_scalef_ps(normal, p, n));
}

// exp2 as below: 2^x = 2^floor(x) p(x - floor(x)). p has the least relative error of its degree with p(0) = 1, 2e-9 (Remez).
inline Lanes<float> exponential2_scaled(Lanes<float> argument) {
  __m512 x = reinterpret_cast<__m512>(argument);
  __mmask16 normal = _mm512_cmp_ps_mask(x, _mm512_set1_ps(static_cast<float>(BitsOf<float>::lowest * kLog2E)), _CMP_NLT_UQ);
  __m512 r = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  constexpr float coefficients[] = {2.161291754e-4f, 1.246784563e-3f, 9.675451663e-3f, 5.548528057e-2f, .2402293056f, .6931470444f, 1.f};  // from 6 down
  __m512 p = _mm512_set1_ps(coefficients[0]);
#pragma GCC unroll 8
  for (int i = 1; i < 7; i++) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(coefficients[i]));
  return reinterpret_cast<Lanes<float>>(_mm512_maskz_scalef_ps(normal, p, x));
}
#endif

// exp(r) · 2^n for |r| <= ln 2 / 2, where `shifted` is n + BitsOf::rounding.
template <typename T>
inline Lanes<T> exponential_of_parts(Lanes<T> r, Lanes<T> shifted) {
  using Bits = BitsOf<T>;
  typedef typename Bits::Scalar Int;
  typedef Int IntLanes __attribute__((vector_size(SL_LANE_BYTES)));
  constexpr T inverse_factorial[] = {T(1), T(1), T(1) / 2, T(1) / 6, T(1) / 24, T(1) / 120, T(1) / 720, T(1) / 5040, T(1) / 40320,
                                     T(1) / 362880, T(1) / 3628800, T(1) / 39916800, T(1) / 479001600, T(1) / 6227020800.0};
  Lanes<T> p = broadcast<T>(inverse_factorial[Bits::degree]);
#pragma GCC unroll 16
  for (int i = Bits::degree - 1; i >= 0; i--) p = p * r + inverse_factorial[i];
  IntLanes power = (reinterpret_cast<IntLanes>(shifted) << Bits::mantissa) + (IntLanes{} + (Int(1) * Bits::bias << Bits::mantissa));
  return p * reinterpret_cast<Lanes<T>>(power);
}

// x within least..most; NaN stays NaN, since a comparison with it is false.
template <typename T>
inline Lanes<T> clamped(Lanes<T> x, T least, T most) {
  const Lanes<T> lowest = broadcast<T>(least), highest = broadcast<T>(most);
  x = x < lowest ? lowest : x;
  return x > highest ? highest : x;
}

// exp, to 2 units in the last place: x = n ln 2 + r, exp(x) = 2^n exp(r). Below BitsOf::lowest it is 0, NaN stays NaN.
template <typename T>
inline Lanes<T> exponential(Lanes<T> x) {
  using Bits = BitsOf<T>;
  // ln 2 in two parts: the first has so few digits that n times it is exact (Cody and Waite 1980).
  constexpr T ln2_high = sizeof(T) == 4 ? T(0.693359375) : T(0.693147180369123816490);
  constexpr T ln2_low = sizeof(T) == 4 ? T(-2.12194440054690583e-4) : T(1.90821492927058770002e-10);
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) return exponential_scaled(x);
#endif
  Lanes<T> within = clamped<T>(x, Bits::lowest, Bits::highest), shifted = within * T(kLog2E) + Bits::rounding, n = shifted - Bits::rounding;
  Lanes<T> r = within - n * ln2_high;
  r = r - n * ln2_low;
  Lanes<T> result = exponential_of_parts<T>(r, shifted);
  return x < Bits::lowest ? Lanes<T>{} : result;
}

// exp2 likewise: 2^x = 2^n exp((x - n) ln 2).
template <typename T>
inline Lanes<T> exponential2(Lanes<T> x) {
  using Bits = BitsOf<T>;
  constexpr T lowest = T(Bits::lowest * kLog2E), highest = T(Bits::highest * kLog2E);
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) return exponential2_scaled(x);
#endif
  Lanes<T> within = clamped<T>(x, lowest, highest), shifted = within + Bits::rounding;
  Lanes<T> result = exponential_of_parts<T>((within - (shifted - Bits::rounding)) * T(kLn2), shifted);
  return x < lowest ? Lanes<T>{} : result;
}

// ln x for normal x above 0: the exponent's bits give it to .06, and each of two steps of Halley's method on exp leaves e³ / 12 of an
// error e.
template <typename T>
inline Lanes<T> logarithm(Lanes<T> x) {
  using Bits = BitsOf<T>;
  typedef typename Bits::Scalar Int;
  typedef Int IntLanes __attribute__((vector_size(SL_LANE_BYTES)));
  IntLanes above_one = reinterpret_cast<IntLanes>(x) - (Int(1) * Bits::bias << Bits::mantissa);
  Lanes<T> y = __builtin_convertvector(above_one, Lanes<T>) * (T(kLn2) / T(Int(1) << Bits::mantissa));
  for (int step = 0; step < 2; step++) {
    Lanes<T> ratio = x * exponential<T>(-y);
    y = y + (ratio - T(1)) / (ratio + T(1)) * T(2);
  }
  return y;
}

// Transposes a square of kLanes × kLanes elements in registers, by halves: step s swaps bit s of row and column.
template <typename T>
inline __attribute__((always_inline)) void transpose_square(const T* from, int64_t from_stride, T* to, int64_t to_stride) {
  typedef typename BitsOf<T>::Scalar IntLanes __attribute__((vector_size(SL_LANE_BYTES)));
  constexpr int n = kLanes<T>;
  Lanes<T> rows[n];
#pragma GCC unroll 16
  for (int i = 0; i < n; i++) rows[i] = load(from + i * from_stride);
#pragma GCC unroll 4
  for (int s = 1; s < n; s *= 2) {
    IntLanes low{}, high{};
#pragma GCC unroll 16
    for (int j = 0; j < n; j++) {
      low[j] = (j & s) == 0 ? j : n + j - s;
      high[j] = (j & s) == 0 ? j + s : n + j;
    }
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
      if ((i & s) != 0) continue;
      Lanes<T> a = rows[i], b = rows[i + s];
      rows[i] = __builtin_shuffle(a, b, low);
      rows[i + s] = __builtin_shuffle(a, b, high);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < n; i++) store(to + i * to_stride, rows[i]);
}

// A row of any length, vector by vector: body(c, at) is called for each, where `at` loads and stores whole vectors, and at the
// end the lanes that are left.
template <typename T>
struct Whole {
  Lanes<T> load(const T* from) const { return SL_KERNELS::load(from); }
  void store(T* to, Lanes<T> v) const { SL_KERNELS::store(to, v); }
  void stream(T* to, Lanes<T> v) const { SL_KERNELS::stream(to, v); }
};
template <typename T>
struct Part {
  int64_t count;
  Lanes<T> load(const T* from) const { return load_part(from, count); }
  void store(T* to, Lanes<T> v) const { store_part(to, v, count); }
  void stream(T* to, Lanes<T> v) const { store_part(to, v, count); }
};
template <typename T, typename Body>
inline __attribute__((always_inline)) void over(int64_t length, Body body) {
  int64_t c = 0;
  for (; c + kLanes<T> <= length; c += kLanes<T>) body(c, Whole<T>{});
  if (c < length) body(c, Part<T>{length - c});
}

// Every element of `rows` rows: body(c, s, at), c its place in rows that follow one another, s in rows `stride` apart.
template <typename T, typename Body>
inline __attribute__((always_inline)) void over_rows(int64_t rows, int64_t width, int64_t stride, Body body) {
  for (int64_t i = 0; i < rows; i++) over<T>(width, [&](int64_t c, auto at) __attribute__((always_inline)) { body(i * width + c, i * stride + c, at); });
}
