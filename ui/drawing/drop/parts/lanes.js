// What the layer holds of a feature after each update, and how that is to be called.
const KINDS = {
  way: "not yet the clean batches\u2019 number",
  there: "the clean batches\u2019 number, within a hundredth",
  thrown: "farther from it than a new layer\u2019s",
  lost: "not finite",
};

// moving = keep * moving + (1 - keep) * batch, in the layer's own precision.
function updated(moving, batch, { keep, rest }) {
  return Math.fround(Math.fround(moving * keep) + Math.fround(batch * rest));
}

// The pieces of one statistic of one feature, from the first update to the last: what each is,
// where it begins and ends, and what is held at its end.
function lane(data, name, index, at) {
  const clean = Math.fround(data.clean[name][index]);
  const bad = at && data.features[index] === at.feature ? at.update : null;
  const spoilt = bad && Math.fround(data.spoilt[at.bad][name][index]);
  const size = scale(data, name, index);
  const ever = Math.abs(data.initial[name] - clean) + 0.01 * size; // as far as it is without the bad number
  const factors = { keep: Math.fround(data.keep), rest: Math.fround(1 - data.keep) };
  const pieces = [];
  let moving = data.initial[name];
  for (let update = 1; update <= data.total; update++) {
    const before = moving;
    moving = updated(moving, update === bad ? spoilt : clean, factors);
    const far = Math.abs(moving - clean);
    const kind = !Number.isFinite(moving) ? "lost" : far <= 0.01 * size ? "there" : far > ever ? "thrown" : "way";
    const last = pieces.at(-1);
    if (last?.kind === kind && (kind !== "lost" || Object.is(last.value, moving))) [last.end, last.value] = [update, moving];
    else pieces.push({ kind, start: update, end: update, value: moving });
    if (update !== bad && Object.is(moving, before) && (bad === null || update > bad)) {
      pieces.at(-1).end = data.total; // nothing changes any more
      break;
    }
  }
  return pieces;
}

// What a distance is held against: the variance itself, and for the mean its size or the deviation.
function scale({ clean }, name, index) {
  const [mean, variance] = [Math.abs(clean.mean[index]), clean.variance[index]];
  return name === "variance" ? variance : Math.max(mean, Math.sqrt(variance));
}

const SAME = 1e-4;
const KNOWN = 2e-4; // of a mean: a float32 variance of less than its square is mostly rounding
const LEAST = 2 ** -112; // within SAME of it, a layer in float32 may take a number for 0

// How far two numbers are from each other, relative to the largest of both and a size.
function relative(own, held, size) {
  return own === held || (isNaN(own) && isNaN(held)) ? 0 : Math.abs(own - held) / Math.max(Math.abs(own), Math.abs(held), size);
}

// The least of which a layer in float32 may be held to account.
function known(data, name, index) {
  const lost = name === "variance" ? (KNOWN * data.clean.mean[index]) ** 2 : 0;
  return Math.max(scale(data, name, index), lost, LEAST);
}

// How far they may be: each of the updates that are remembered is rounded once more.
function rounding({ keep, total }) {
  return SAME + Math.min(total, 1 / (1 - keep)) * 2 ** -23;
}

function written(value) {
  if (Math.abs(value) >= 1e6 && Number.isFinite(value)) return value.toExponential(1).replace("e+", "e").replace("-", "\u2212");
  if (Number.isFinite(value)) return String(Number(value.toPrecision(4))).replace("-", "\u2212");
  return Number.isNaN(value) ? "NaN" : value > 0 ? "\u221e" : "\u2212\u221e";
}
