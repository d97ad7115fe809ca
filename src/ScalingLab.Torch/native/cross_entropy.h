// Cross-entropy of one row of logits against its target, and the gradient in place of the logits, in one visit of the row:
// probabilities are made once. Included by kernels_body.h.

// Returns ln Σ exp(logits) - logits[target]. With scale above 0 the row becomes scale · (softmax - 1 at the target).
template <typename T>
double cross_entropy(int64_t classes, T* row, int64_t target, double scale) {
  Lanes<T> largest[4];  // one would make each comparison wait for the one before it
  for (Lanes<T>& each : largest) each = broadcast(row[0]);
  int64_t whole = classes / kLanes<T> * kLanes<T>, c = 0;
  for (; c + 4 * kLanes<T> <= whole; c += 4 * kLanes<T>)
#pragma GCC unroll 4
    for (int64_t i = 0; i < 4; i++) largest[i] = larger<T>(load(row + c + i * kLanes<T>), largest[i]);
  for (; c < whole; c += kLanes<T>) largest[0] = larger<T>(load(row + c), largest[0]);
  T top = largest_of<T>(larger<T>(larger<T>(largest[0], largest[1]), larger<T>(largest[2], largest[3])));
  for (c = whole; c < classes; c++) top = row[c] > top ? row[c] : top;
  T at_target = row[target];
  Lanes<T> sums = {};
  for (c = 0; c < whole; c += kLanes<T>) {
    __builtin_prefetch(row + classes + c, 1, 2);  // the next row, if there is one
    Lanes<T> e = exponential<T>(load(row + c) - top);
    sums += e;
    store(row + c, e);
  }
  T sum = sum_of<T>(sums);
  if (whole < classes) {
    Lanes<T> e = exponential<T>(load_part(row + whole, classes - whole) - top);
    store_part(row + whole, e, classes - whole);
    for (c = whole; c < classes; c++) sum += row[c];
  }
  if (scale > 0) {
    T factor = T(scale) / sum;
    over<T>(classes, [&](int64_t c, auto at) { at.store(row + c, at.load(row + c) * factor); });
    row[target] -= T(scale);
  }
  return static_cast<double>(top) + __builtin_log(static_cast<double>(sum)) - static_cast<double>(at_target);
}
