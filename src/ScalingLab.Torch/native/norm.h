// Layer norm (Ba et al. 2016, arXiv:1607.06450, Eq. 4) and root-mean-square norm (Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4)
// of a residual stream, with the addition of a branch to it. Included by kernels_body.h.

// sum = x + branch (null: x alone, and sum is not written); normed = (sum - mean) · inverse · weight + bias.
// Without bias it is the root-mean-square norm, whose mean is 0. statistics: mean and inverse of every row.
template <typename T>
void norm_forward(int64_t rows, int64_t width, const T* x, const T* branch, const T* weight, const T* bias, double epsilon, T* sum, T* normed,
                  T* statistics) {
  for (int64_t i = 0; i < rows; i++, x += width, normed += width, statistics += 2) {
    const T* row = x;
    if (branch != nullptr) {
      over<T>(width, [&](int64_t c, auto at) {
        Lanes<T> both = at.load(x + c) + at.load(branch + c);
        at.store(normed + c, both);  // for now: the sum itself is not read before the next norm
        at.stream(sum + c, both);
      });
      row = normed;
      branch += width;
      sum += width;
    }
    T mean = 0;
    if (bias != nullptr) {
      Lanes<T> total = {};
      over<T>(width, [&](int64_t c, auto at) { total += at.load(row + c); });
      mean = sum_of<T>(total) / T(width);
    }
    Lanes<T> squares = {};
    int64_t whole = width / kLanes<T> * kLanes<T>;
    for (int64_t c = 0; c < whole; c += kLanes<T>) {
      Lanes<T> off = load(row + c) - mean;
      squares += off * off;
    }
    T variance = sum_of<T>(squares);
    for (int64_t c = whole; c < width; c++) variance += (row[c] - mean) * (row[c] - mean);
    T inverse = T(1) / sqrt_of(variance / T(width) + T(epsilon));
    if (bias != nullptr)
      over<T>(width, [&](int64_t c, auto at) { at.store(normed + c, (at.load(row + c) - mean) * inverse * at.load(weight + c) + at.load(bias + c)); });
    else
      over<T>(width, [&](int64_t c, auto at) { at.store(normed + c, at.load(row + c) * inverse * at.load(weight + c)); });
    statistics[0] = mean;
    statistics[1] = inverse;
  }
  fence_streams();
}

// dx = dsum (null: 0) + the gradient through the norm; weight_gradient and bias_gradient (null without bias) are added to.
template <typename T>
void norm_backward(int64_t rows, int64_t width, const T* sum, const T* statistics, const T* weight, const T* dnormed, const T* dsum, T* dx,
                   T* weight_gradient, T* bias_gradient) {
  for (int64_t i = 0; i < rows; i++, sum += width, dnormed += width, dx += width, statistics += 2) {
    T mean = statistics[0], inverse = statistics[1];
    Lanes<T> total = {}, along = {};
    over<T>(width, [&](int64_t c, auto at) {
      Lanes<T> outer = at.load(dnormed + c), scaled = outer * at.load(weight + c), unit = (at.load(sum + c) - mean) * inverse;
      total += scaled;
      along += scaled * unit;  // beyond the last column both factors may be anything finite, and scaled is 0
      at.store(weight_gradient + c, at.load(weight_gradient + c) + outer * unit);
      if (bias_gradient != nullptr) at.store(bias_gradient + c, at.load(bias_gradient + c) + outer);
    });
    T mean_total = bias_gradient != nullptr ? sum_of<T>(total) / T(width) : T(0), mean_along = sum_of<T>(along) / T(width);
    over<T>(width, [&](int64_t c, auto at) {
      Lanes<T> scaled = at.load(dnormed + c) * at.load(weight + c), unit = (at.load(sum + c) - mean) * inverse;
      Lanes<T> through = (scaled - mean_total - unit * mean_along) * inverse;
      at.store(dx + c, dsum != nullptr ? at.load(dsum + c) + through : through);
    });
    if (dsum != nullptr) dsum += width;
  }
}
