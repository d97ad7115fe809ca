// Layer norm (Ba et al. 2016, arXiv:1607.06450, Eq. 4) and root-mean-square norm (Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4)
// of a residual stream. Included by kernels_body.h.

// normed = (x - mean) · inverse · weight + bias, with mean and inverse of every row in statistics. Without bias the mean is left out.
template <typename T>
void normalise(int64_t rows, int64_t width, const T* x, const T* statistics, const T* weight, const T* bias, T* normed) {
  for (int64_t i = 0; i < rows; i++, x += width, normed += width, statistics += 2) {
    T mean = statistics[0], inverse = statistics[1];
    for (int64_t c = 0; c < width; c += kLanes<T>) fetch_from_memory(x + c);
    if (bias != nullptr)
      over<T>(width, [&](int64_t c, auto at) { at.store(normed + c, (at.load(x + c) - mean) * inverse * at.load(weight + c) + at.load(bias + c)); });
    else
      over<T>(width, [&](int64_t c, auto at) { at.store(normed + c, at.load(x + c) * inverse * at.load(weight + c)); });
  }
}

// The same, making the statistics: mean and 1 / √(variance + ε). Without bias it is the root-mean-square norm, whose mean is 0.
template <typename T>
void norm_forward(int64_t rows, int64_t width, const T* x, const T* weight, const T* bias, double epsilon, T* normed, T* statistics) {
  for (int64_t i = 0; i < rows; i++, x += width, normed += width, statistics += 2) {
    T mean = 0;
    if (bias != nullptr) {
      Lanes<T> total = {};
      over<T>(width, [&](int64_t c, auto at) { total += at.load(x + c); });
      mean = sum_of<T>(total) / T(width);
    }
    Lanes<T> squares = {};
    int64_t whole = width / kLanes<T> * kLanes<T>;
    for (int64_t c = 0; c < whole; c += kLanes<T>) {
      Lanes<T> off = load(x + c) - mean;
      squares += off * off;
    }
    T variance = sum_of<T>(squares);
    for (int64_t c = whole; c < width; c++) variance += (x[c] - mean) * (x[c] - mean);
    statistics[0] = mean;
    statistics[1] = T(1) / sqrt_of(variance / T(width) + T(epsilon));
    normalise(1, width, x, statistics, weight, bias, normed);
  }
}

// dx = dsum (null: 0) + the gradient through the norm; weight_gradient and bias_gradient (null without bias) are added to. dx may be
// where dnormed is.
template <typename T>
void norm_backward(int64_t rows, int64_t width, const T* x, const T* statistics, const T* weight, const T* dnormed, const T* dsum, T* dx,
                   T* weight_gradient, T* bias_gradient) {
  for (int64_t i = 0; i < rows; i++, x += width, dnormed += width, dx += width, statistics += 2) {
    T mean = statistics[0], inverse = statistics[1];
    Lanes<T> total = {}, along = {};
    over<T>(width, [&](int64_t c, auto at) {
      Lanes<T> outer = at.load(dnormed + c), scaled = outer * at.load(weight + c), unit = (at.load(x + c) - mean) * inverse;
      total += scaled;
      along += scaled * unit;  // beyond the last column both factors may be anything finite, and scaled is 0
      at.store(weight_gradient + c, at.load(weight_gradient + c) + outer * unit);
      if (bias_gradient != nullptr) at.store(bias_gradient + c, at.load(bias_gradient + c) + outer);
    });
    T mean_total = bias_gradient != nullptr ? sum_of<T>(total) / T(width) : T(0), mean_along = sum_of<T>(along) / T(width);
    over<T>(width, [&](int64_t c, auto at) {
      Lanes<T> scaled = at.load(dnormed + c) * at.load(weight + c), unit = (at.load(x + c) - mean) * inverse;
      Lanes<T> through = (scaled - mean_total - unit * mean_along) * inverse;
      at.store(dx + c, dsum != nullptr ? at.load(dsum + c) + through : through);
    });
    if (dsum != nullptr) dsum += width;
  }
}
