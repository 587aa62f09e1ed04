// Rows as points of a plane, and a mean that moves towards them: a cross with its way so far, in a box
// of one standard deviation to each side. Rows that are classified wrong are red crosses.
import { at, short } from "./record.js";
import { linear } from "./scale.js";
import { drawShapes, shapesSvg } from "./shapes.js";

const [TOP, RIGHT, BOTTOM, LEFT] = [30, 12, 38, 58];
const ROOM = 0.05; // beyond what has to fit
const [ARM, MARK] = [11, 3.5]; // of the mean's cross, of a wrong row's

function spec(player, { key, title, note, axes, rows, span }) {
  const own = (name) => player.arrays[`${key}/${name}`];
  const steps = player.arrays[player.data.steps].values;
  return { title: `${title}, ${note}`, axes, rows, span, steps, known: own("at").values, points: own("points"), wrong: own("wrong"), mean: own("mean"), variance: own("variance"), secret: player.root.classList.contains("secret") };
}

function layout(width, height, { span: [low, high] }) {
  const tall = height + 40;
  const room = low.map((each, n) => ROOM * (high[n] - each || 1));
  const x = linear(low[0] - room[0], high[0] + room[0], LEFT, width - RIGHT);
  const y = linear(low[1] - room[1], high[1] + room[1], tall - BOTTOM, TOP);
  return { width, height: tall, left: LEFT, right: width - RIGHT, top: TOP, bottom: tall - BOTTOM, x, y };
}

// The rows at the last known step that is not after this one.
function cloud({ known, points: { values, shape }, wrong, steps }, index) {
  let n = known.findLastIndex((step) => step <= steps[index]);
  if (n < 0) n = 0;
  const rows = Array.from({ length: shape[1] }, (_, row) => [values[2 * (n * shape[1] + row)], values[2 * (n * shape[1] + row) + 1], wrong.values[n * shape[1] + row]]);
  return { rows, step: known[n] };
}

function centre({ mean, variance }, index) {
  const held = [0, 1].map((axis) => at(mean, index, axis));
  return { held, spread: [0, 1].map((axis) => Math.sqrt(at(variance, index, axis))) };
}

// At the first step of a picture that has not moved, nothing shows where the mean is.
function hidden({ secret }, index) {
  return secret && !index;
}

function* shapes(box, spec, theme, index) {
  const [x, y] = [box.x.pixel, box.y.pixel];
  for (const { value, text } of box.x.ticks) {
    yield { points: [[x(value), box.top], [x(value), box.bottom]], line: theme.line, width: 1 };
    yield { text, x: x(value), y: box.bottom + 15, fill: theme.muted, align: "center" };
  }
  for (const { value, text } of box.y.ticks) {
    yield { points: [[box.left, y(value)], [box.right, y(value)]], line: theme.line, width: 1 };
    yield { text, x: box.left - 6, y: y(value) + 4, fill: theme.muted, align: "right" };
  }
  yield { text: spec.axes[0], x: (box.left + box.right) / 2, y: box.bottom + 32, fill: theme.muted, align: "center" };
  yield { text: `↑ ${spec.axes[1]}`, x: 0, y: 12, fill: theme.muted, align: "left" };
  const { rows } = cloud(spec, index);
  for (const [a, b, wrong] of rows) if (!wrong) yield { x: x(a), y: y(b), radius: MARK, line: theme.series[0], width: 1.3 };
  for (const [a, b, wrong] of rows) if (wrong) yield* cross(x(a), y(b), MARK, theme.alarm, 1.8, true);
  yield* key(box, theme, rows);
  if (hidden(spec, index)) return;
  yield { points: way(box, spec, index), line: theme.muted, width: 1.5, dash: [2, 3] };
  const { held: [a, b], spread: [wide, tall] } = centre(spec, index);
  if (![a, b, wide, tall].every(Number.isFinite)) return;
  const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([to, up]) => [x(a + to * wide), y(b + up * tall)]);
  yield { points: corners, line: theme.ink, width: 1.5 };
  yield* cross(x(a), y(b), ARM, theme.ink, 3, false);
  const left = x(a) > (box.left + box.right) / 2;
  yield { text: "moving mean", x: x(a) + (left ? -8 : 8), y: y(b) - 8, fill: theme.ink, align: left ? "right" : "left", bold: true, halo: theme.background };
}

function* cross(x, y, arm, line, width, leaning) {
  const [a, b] = leaning ? [[arm, arm], [arm, -arm]] : [[arm, 0], [0, arm]];
  for (const [to, up] of [a, b]) yield { points: [[x - to, y - up], [x + to, y + up]], line, width };
}

// What the marks mean, with how many there are.
function* key(box, theme, rows) {
  const wrong = rows.filter((row) => row[2]).length;
  const words = `${wrong} wrong`;
  yield* cross(box.right - 128, 8, MARK, theme.alarm, 1.8, true);
  yield { text: words, x: box.right - 120, y: 12, fill: theme.alarm, align: "left" };
  yield { x: box.right - 56, y: 8, radius: MARK, line: theme.series[0], width: 1.3 };
  yield { text: `${rows.length - wrong} right`, x: box.right - 48, y: 12, fill: theme.series[0], align: "left" };
}

function way(box, { mean }, index) {
  const points = [];
  for (let step = 0; step <= index; step++) {
    const [a, b] = [at(mean, step, 0), at(mean, step, 1)];
    if (Number.isFinite(a) && Number.isFinite(b)) points.push([box.x.pixel(a), box.y.pixel(b)]);
  }
  return points;
}

function say(spec, index) {
  const { rows, step } = cloud(spec, index);
  const wrong = rows.filter((row) => row[2]).length;
  const middle = [0, 1].map((axis) => rows.reduce((sum, row) => sum + row[axis], 0) / rows.length);
  const place = (numbers) => `(${numbers.map((number) => short(number, 3)).join(", ")})`;
  const when = step === spec.steps[index] ? "" : ` (as they were after update ${step.toLocaleString("en")})`;
  const mean = hidden(spec, index) ? "" : `; the moving mean is at ${place(centre(spec, index).held)}`;
  return `${wrong} of ${rows.length} ${spec.rows} ${wrong === 1 ? "is" : "are"} classified wrong in inference mode${when}. The mean of all of them is at ${place(middle)}${mean}.`;
}

// Where each row was at each step of which that is known.
function csv(spec, { data }) {
  const rows = [[data.unit, "row", ...spec.axes, "wrong"]];
  for (const step of spec.known) {
    cloud(spec, spec.steps.indexOf(step)).rows.forEach(([a, b, wrong], row) => rows.push([step, row, a, b, wrong]));
  }
  return rows;
}

export const PLANE = {
  spec,
  csv,
  layout,
  still: () => null,
  draw: (pen, box, spec, theme, _, index) => drawShapes(pen, box, theme, shapes(box, spec, theme, index)),
  svg: (box, spec, theme, title, index) => shapesSvg(box, theme, title, shapes(box, spec, theme, index)),
  legend: () => [],
  say,
  pointed: () => null,
};
