// Activations. The forward pass may be in place; it keeps a copy of its arguments, past the caches, unless `kept` is null. The backward
// pass makes from them what the forward pass gave, into `out`, and turns the gradient by it into that by the argument, in place: to make
// it twice costs less than to write the outcome and its derivative to memory and to read them again (docs/log.md). Included by
// kernels_body.h.

#if defined(__AVX512F__)
// Φ and five derivatives over n! at multiples of a step: between two of them its Taylor polynomial is off by less than 1e-9, and the
// polynomial's derivative, φ, by less than 2e-7. The last stands for all beyond it: Φ is 1 to a float's last place, and φ 0.
struct NormalTable {
  static constexpr int count = 32, degree = 5;
  static constexpr double step = 0.1875;
  float of[degree + 1][count] = {};
  constexpr NormalTable() {
    of[0][count - 1] = 1;
    for (int i = 0; i < count - 1; i++) {
      double x = i * step, exponential = 1, term = 1, odd = x, sum = x;
      for (int n = 1; n < 100; n++) exponential += term *= x * x / 2 / n;
      double density = 0.39894228040143267794 / exponential;
      for (int n = 1; n < 100; n++) sum += odd *= x * x / (2 * n + 1);  // Φ = 1/2 + φ Σ x²ⁿ⁺¹ / (2n + 1)!!
      double before = 0, hermite = 1, factorial = 1;  // Φ⁽ⁿ⁾ = (-1)ⁿ⁻¹ Heₙ₋₁ φ
      of[0][i] = static_cast<float>(0.5 + density * sum);
      for (int n = 1; n <= degree; n++) {
        factorial *= n;
        of[n][i] = static_cast<float>((n % 2 == 1 ? 1 : -1) * hermite * density / factorial);
        double next = x * hermite - (n - 1) * before;
        before = hermite;
        hermite = next;
      }
    }
  }
};
constexpr NormalTable normal_table;

// Φ(x), the normal distribution, and its density φ(x).
inline void normal_distribution(Lanes<float> argument, Lanes<float>& distribution, Lanes<float>& density) {
  constexpr float step = NormalTable::step, last = (NormalTable::count - 1) * step, rounding = BitsOf<float>::rounding;
  __m512 x = reinterpret_cast<__m512>(argument);
  __m512 size = _mm512_min_ps(_mm512_set1_ps(last), _mm512_abs_ps(x));  // the second where it is NaN
  __m512 shifted = _mm512_fmadd_ps(size, _mm512_set1_ps(1 / step), _mm512_set1_ps(rounding));  // the nearest multiple in its low bits
  __m512 r = _mm512_fnmadd_ps(_mm512_sub_ps(shifted, _mm512_set1_ps(rounding)), _mm512_set1_ps(step), size);
  __m512i place = _mm512_castps_si512(shifted);
  auto entry = [&](int n) __attribute__((always_inline)) {
    return _mm512_permutex2var_ps(_mm512_loadu_ps(normal_table.of[n]), place, _mm512_loadu_ps(normal_table.of[n] + 16));
  };
  __m512 p = entry(NormalTable::degree), slope = _mm512_setzero_ps();
#pragma GCC unroll 8
  for (int n = NormalTable::degree - 1; n >= 0; n--) {
    slope = n == NormalTable::degree - 1 ? p : _mm512_fmadd_ps(slope, r, p);
    p = _mm512_fmadd_ps(p, r, entry(n));
  }
  p = _mm512_mask_sub_ps(p, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ), _mm512_set1_ps(1), p);
  distribution = reinterpret_cast<Lanes<float>>(p);
  density = reinterpret_cast<Lanes<float>>(slope);
}
#else
// Φ(x), the normal distribution, and its density φ(x): erf by Abramowitz and Stegun 1964, 7.1.26, absolute error 1.5e-7, sharing
// exp(-x²/2) with the density.
inline void normal_distribution(Lanes<float> x, Lanes<float>& distribution, Lanes<float>& density) {
  Lanes<float> bell = exponential<float>(x * x * -0.5f);
  Lanes<float> z = (x < 0.f ? -x : x) * 0.70710678118654752440f;
  Lanes<float> t = 1.f / (z * 0.3275911f + 1.f);
  Lanes<float> p = t * 1.061405429f - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  Lanes<float> tail = p * t * bell * 0.5f;  // 1 - Φ(|x|)
  distribution = x < 0.f ? tail : 1.f - tail;
  density = bell * 0.39894228040143267794f;
}
#endif

// By libm's erfc.
inline void normal_distribution(Lanes<double> x, Lanes<double>& distribution, Lanes<double>& density) {
  density = exponential<double>(x * x * -0.5) * 0.39894228040143267794;
  for (int64_t l = 0; l < kLanes<double>; l++) distribution[l] = 0.5 * __builtin_erfc(-x[l] * 0.70710678118654752440);
}

// x Φ(x). Hendrycks and Gimpel 2016, arXiv:1606.08415, Eq. 2 (the exact form).
template <typename T>
void gelu(int64_t count, const T* argument, T* out, T* kept) {
  over<T>(count, [&](int64_t c, auto at) {
    Lanes<T> x = at.load(argument + c), distribution, density;
    normal_distribution(x, distribution, density);
    at.store(out + c, x * distribution);
    if (kept != nullptr) at.stream(kept + c, x);
  });
  fence_streams();
}

// The derivative is Φ(x) + x φ(x). out and gradient have rows `stride` apart.
template <typename T>
void gelu_backward(int64_t rows, int64_t width, int64_t stride, const T* argument, T* out, T* gradient) {
  over_rows<T>(rows, width, stride, [&](int64_t c, int64_t s, auto at) {
    fetch_from_memory(argument + c);
    Lanes<T> x = at.load(argument + c), distribution, density;
    normal_distribution(x, distribution, density);
    at.store(out + s, x * distribution);
    at.store(gradient + s, at.load(gradient + s) * (distribution + x * density));
  });
}

// max(x, 0)². So et al. 2021 (Primer), arXiv:2109.08668, Sec. 4.2.
template <typename T>
void relu2(int64_t count, const T* argument, T* out, T* kept) {
  over<T>(count, [&](int64_t c, auto at) {
    Lanes<T> x = at.load(argument + c);
    Lanes<T> positive = x < T(0) ? Lanes<T>{} : x;
    at.store(out + c, positive * positive);
    if (kept != nullptr) at.stream(kept + c, x);
  });
  fence_streams();
}

template <typename T>
void relu2_backward(int64_t rows, int64_t width, int64_t stride, const T* argument, T* out, T* gradient) {
  over_rows<T>(rows, width, stride, [&](int64_t c, int64_t s, auto at) {
    fetch_from_memory(argument + c);
    Lanes<T> x = at.load(argument + c);
    Lanes<T> positive = x < T(0) ? Lanes<T>{} : x;
    at.store(out + s, positive * positive);
    at.store(gradient + s, at.load(gradient + s) * positive * T(2));
  });
}

// gate σ(gate) · x. Shazeer 2020, arXiv:2002.05202, Eq. 5.
template <typename T>
void swiglu(int64_t count, const T* argument, const T* gate, T* out, T* kept, T* gate_kept) {
  over<T>(count, [&](int64_t c, auto at) {
    Lanes<T> x = at.load(argument + c), g = at.load(gate + c);
    at.store(out + c, g / (exponential<T>(-g) + T(1)) * x);
    if (kept == nullptr) return;
    at.stream(kept + c, x);
    at.stream(gate_kept + c, g);
  });
  fence_streams();
}

template <typename T>
void swiglu_backward(int64_t rows, int64_t width, int64_t stride, const T* argument, const T* gate, T* out, T* gradient, T* gate_gradient) {
  over_rows<T>(rows, width, stride, [&](int64_t c, int64_t s, auto at) {
    fetch_from_memory(argument + c);
    fetch_from_memory(gate + c);
    Lanes<T> x = at.load(argument + c), g = at.load(gate + c), outer = at.load(gradient + s);
    Lanes<T> sigmoid = T(1) / (exponential<T>(-g) + T(1)), silu = g * sigmoid;
    at.store(out + s, silu * x);
    at.store(gradient + s, outer * silu);
    at.store(gate_gradient + s, outer * x * (sigmoid + silu * (T(1) - sigmoid)));
  });
}
