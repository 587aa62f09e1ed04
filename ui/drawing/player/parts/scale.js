// Axes: from numbers to pixels, and where the ticks stand.

export function linear(low, high, from, to) {
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  const pixel = (value) => from + ((value - low) / (high - low)) * (to - from);
  return { low, high, pixel, ticks: linearTicks(low, high) };
}

// What is not above `low` stands there: 0 has no place of its own.
export function logarithmic(low, high, from, to) {
  const [a, b] = [Math.log10(low), Math.log10(high > low ? high : 10 * low)];
  const pixel = (value) => from + ((Math.log10(Math.max(value, low)) - a) / (b - a)) * (to - from);
  return { low, high, pixel, ticks: logTicks(low, high) };
}

// Three to seven round numbers.
export function linearTicks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const ticks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) {
    ticks.push({ value: n * step, text: label(n * step, step) });
  }
  return ticks;
}

// Powers of ten, with 2 and 5 between them where there are few.
export function logTicks(low, high) {
  const ticks = [];
  const decades = Math.log10(high / low);
  const factors = decades > 3 ? [1] : decades > 1.2 ? [1, 2, 5] : null;
  if (!factors) return linearTicks(low, high).filter((tick) => tick.value > 0);
  const every = Math.ceil(decades / 7);
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1; power++) {
    if (factors.length === 1 && power % every) continue;
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push({ value, text: label(value, value) });
    }
  }
  return ticks;
}

function label(value, step) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(1).replace(".0e", "e").replace("e+", "e").replaceAll("-", "−");
  const digits = Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9)));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
}
