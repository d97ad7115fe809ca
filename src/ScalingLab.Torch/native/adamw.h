// Adam with decoupled weight decay over flat vectors: one reading of the gradients for their norm, one pass for the update.
// Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2, in the order of torch.optim.AdamW. Included by kernels_body.h.

// Σ g², summed in double: 10^6 squares added in float can lose half of its digits.
template <typename T>
double sum_of_squares(int64_t count, const T* g) {
  constexpr int64_t n = kLanes<double>, chains = 4;  // one would make each addition wait for the one before it
  typedef T Narrow __attribute__((vector_size(n * sizeof(T))));
  Lanes<double> sums[chains] = {};
  int64_t c = 0;
  for (; c + chains * n <= count; c += chains * n)
#pragma GCC unroll 4
    for (int64_t i = 0; i < chains; i++) {
      Narrow narrow;
      if (i * sizeof narrow % 64 == 0) fetch_from_memory(g + c + i * n);
      __builtin_memcpy(&narrow, g + c + i * n, sizeof narrow);
      Lanes<double> x = __builtin_convertvector(narrow, Lanes<double>);
      sums[i] += x * x;
    }
  double sum = sum_of<double>((sums[0] + sums[1]) + (sums[2] + sums[3]));
  for (; c < count; c++) sum += static_cast<double>(g[c]) * static_cast<double>(g[c]);
  return sum;
}

// The gradients become 0, for the next step adds to them.
// m = β₁ m + (1 - β₁) g', v = β₂ v + (1 - β₂) g'², p = p · keep - step · m / (√v · root + ε), with g' = clip · g.
template <typename T>
void adamw(int64_t count, T* p, T* g, T* m, T* v, double clip, double keep, double step, double root, double beta1, double beta2,
           double epsilon) {
  const T b1 = T(beta1), b2 = T(beta2), c1 = T(1 - beta1), c2 = T(1 - beta2), scale = T(clip), kept = T(keep), rate = T(step), r = T(root), e = T(epsilon);
  over<T>(count, [&](int64_t c, auto at) {
    fetch_from_memory(p + c);
    fetch_from_memory(g + c);
    fetch_from_memory(m + c);
    fetch_from_memory(v + c);
    Lanes<T> gradient = at.load(g + c) * scale;
    Lanes<T> first = at.load(m + c) * b1 + gradient * c1, second = at.load(v + c) * b2 + gradient * gradient * c2;
    at.store(g + c, Lanes<T>{});
    at.store(m + c, first);
    at.store(v + c, second);
    Lanes<T> deviation;
#pragma GCC ivdep
    for (int64_t l = 0; l < kLanes<T>; l++) deviation[l] = sqrt_of(second[l]);
    at.store(p + c, at.load(p + c) * kept - first * rate / (deviation * r + e));
  });
}
