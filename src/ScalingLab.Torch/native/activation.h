// Activations. The forward pass also makes the derivative: the backward pass is then one multiplication, and the exponential is
// taken once. What is kept for it is written past the caches; without `slope` nothing is kept. Included by kernels_body.h.

// Φ(x), the normal distribution, and its density φ(x) without the factor 1/√(2π).
// float: erf by Abramowitz and Stegun 1964, 7.1.26, absolute error 1.5e-7, sharing exp(-x²/2) with the density. double: libm's erf.
inline void normal_distribution(Lanes<float> x, Lanes<float>& distribution, Lanes<float>& density) {
  density = exponential<float>(x * x * -0.5f);
  Lanes<float> z = (x < 0.f ? -x : x) * 0.70710678118654752440f;
  Lanes<float> t = 1.f / (z * 0.3275911f + 1.f);
  Lanes<float> p = t * 1.061405429f - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  Lanes<float> tail = p * t * density * 0.5f;  // 1 - Φ(|x|)
  distribution = x < 0.f ? tail : 1.f - tail;
}

inline void normal_distribution(Lanes<double> x, Lanes<double>& distribution, Lanes<double>& density) {
  density = exponential<double>(x * x * -0.5);
  for (int64_t l = 0; l < kLanes<double>; l++) distribution[l] = 0.5 * __builtin_erfc(-x[l] * 0.70710678118654752440);
}

// x Φ(x), which goes to out and kept, and Φ(x) + x φ(x). Hendrycks and Gimpel 2016, arXiv:1606.08415, Eq. 2 (the exact form).
template <typename T>
void gelu(int64_t count, const T* argument, T* out, T* slope, T* kept) {
  over<T>(count, [&](int64_t c, auto at) {
    Lanes<T> x = at.load(argument + c), distribution, density;
    normal_distribution(x, distribution, density);
    at.store(out + c, x * distribution);
    if (slope == nullptr) return;
    at.stream(kept + c, x * distribution);
    at.stream(slope + c, distribution + x * density * T(0.39894228040143267794));
  });
  fence_streams();
}

// max(x, 0)² and 2 max(x, 0). So et al. 2021 (Primer), arXiv:2109.08668, Sec. 4.2.
template <typename T>
void relu2(int64_t count, const T* argument, T* out, T* slope, T* kept) {
  over<T>(count, [&](int64_t c, auto at) {
    Lanes<T> x = at.load(argument + c);
    Lanes<T> positive = x < T(0) ? Lanes<T>{} : x;
    at.store(out + c, positive * positive);
    if (slope == nullptr) return;
    at.stream(kept + c, positive * positive);
    at.stream(slope + c, positive * T(2));
  });
  fence_streams();
}

// gate σ(gate) · x and its derivatives by x and by the gate. Shazeer 2020, arXiv:2002.05202, Eq. 5.
template <typename T>
void swiglu(int64_t count, const T* argument, const T* gate, T* out, T* slope, T* gate_slope, T* kept) {
  over<T>(count, [&](int64_t c, auto at) {
    Lanes<T> x = at.load(argument + c), g = at.load(gate + c);
    Lanes<T> sigmoid = T(1) / (exponential<T>(-g) + T(1)), silu = g * sigmoid;
    at.store(out + c, silu * x);
    if (slope == nullptr) return;
    at.stream(kept + c, silu * x);
    at.stream(slope + c, silu);
    at.stream(gate_slope + c, x * (sigmoid + silu * (T(1) - sigmoid)));
  });
  fence_streams();
}

// a ∘ b into out, which may be either.
template <typename T>
void multiply(int64_t count, const T* a, const T* b, T* out) {
  over<T>(count, [&](int64_t c, auto at) { at.store(out + c, at.load(a + c) * at.load(b + c)); });
}
