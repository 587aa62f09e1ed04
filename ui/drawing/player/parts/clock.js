// Time: which recorded step stands at which place of the way, and playing along it.

// Places from 0 to 1, by the steps' numbers up to `end` (the last one, or what is yet to come), or
// "each" as far from the next. On a logarithmic way the first hundred of ten thousand steps take half.
export function way(steps, kind, end = 0) {
  const last = steps.length - 1;
  const far = kind === "log" ? (step) => Math.log1p(step - steps[0]) : (step) => step - steps[0];
  const span = far(Math.max(end, steps[last])) || 1;
  const place = kind === "each" ? (index) => (last ? index / last : 0) : (index) => far(steps[index]) / span;
  return {
    last,
    place,
    of: (step) => far(step) / span,
    // The last step that stands at this place or before it.
    index(share) {
      if (share >= place(last)) return last;
      let [low, high] = [0, last];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (place(middle) <= share) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
}

// Speeds in seconds for the whole way; null: step by step, four a second.
export const SPEEDS = [
  { label: "step by step", seconds: null },
  { label: "in 20 s", seconds: 20 },
  { label: "in 8 s", seconds: 8 },
  { label: "in 4 s", seconds: 4 },
  { label: "in 1 s", seconds: 1 },
];
export const STEP_SECONDS = 0.25;

// Calls `show(index)` in each frame in which another step is due, until the end or `stop()`.
export function play({ from, route, seconds, loop, show, ended }) {
  let frame;
  let began;
  let start = route.place(from);
  const tick = (now) => {
    began ??= now;
    const elapsed = (now - began) / 1000;
    const index =
      seconds === null
        ? Math.min(from + Math.floor(elapsed / STEP_SECONDS), route.last)
        : route.index(start + elapsed / seconds);
    show(index);
    if (index < route.last) frame = requestAnimationFrame(tick);
    else if (loop()) {
      [began, start, from] = [undefined, 0, 0];
      frame = requestAnimationFrame(tick);
    } else ended();
  };
  frame = requestAnimationFrame(tick);
  return () => cancelAnimationFrame(frame);
}
