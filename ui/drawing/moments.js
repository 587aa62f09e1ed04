// Mean and biased variance as the engine takes them (bncore/moments.py): deviations sum to 0 but for
// the rounding of the mean, which is thereby corrected; exactly, where all numbers are equal.
function moments(values) {
  const rounded = average(values);
  const slip = Number.isFinite(rounded) ? average(values.map((value) => value - rounded)) : 0;
  const variance = average(values.map((value) => (value - rounded) ** 2)) - slip ** 2;
  return { mean: rounded + slip, variance: variance < 0 ? 0 : variance };
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// How far x_hat may be from the engine's, which adds up in another order: in float64, by what is
// lost of a mean. `spread` is the variance plus epsilon.
function roundingOf(values, mean, spread) {
  const largest = Math.max(...values.map(Math.abs), Math.abs(mean));
  return 16 * values.length * Number.EPSILON * (1 + largest / Math.sqrt(spread));
}
