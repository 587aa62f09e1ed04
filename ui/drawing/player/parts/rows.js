// The data, a column of dots for each feature: rows in their order from the top, each at its number.
// The rows of a step light up; two needles stand on each scale: their mean, and the moving mean.
import { element } from "./readings.js";
import { at, column, short } from "./record.js";
import { linear } from "./scale.js";
import { drawShapes, shapesSvg } from "./shapes.js";

const [TOP, BOTTOM, GAP, NAMES, EDGE] = [34, 36, 18, 84, 2];
const FOUR = 640; // from this width on four features stand beside each other, below it two
const ENDS = 10; // between the ends of a scale and its frame
const NO_ROW = -1;

function spec(player, { key, title, note, groups, curve, batch, moving }) {
  const { data, arrays } = player;
  const values = arrays[`${key}/data`];
  const held = arrays[`${key}/groups`].values;
  const columns = data.features.map((name, feature) => {
    const numbers = column(values, feature);
    const own = (quantity) => arrays[`${quantity}/${curve}`];
    return {
      name, feature, numbers, key: curve,
      batch: (step) => at(own(batch), step, feature),
      moving: (step) => at(own(moving), step, feature),
      low: Math.min(0, ...numbers, at(own(moving), 0, feature)),
      high: Math.max(0, ...numbers),
    };
  });
  return { title: `${title}, ${note}`, curve, columns, held, groups, count: held.length, taken: arrays[`${key}/taken`], looked: Math.min(player.looking.feature, columns.length - 1) };
}

// The rows of a step, in order.
function taken({ taken: { values, row } }, step) {
  return Array.from(values.subarray(step * row, (step + 1) * row)).filter((n) => n !== NO_ROW).sort((a, b) => a - b);
}

function layout(width, _, { columns, count, groups, held }) {
  const beside = width >= FOUR ? 4 : 2;
  const names = width >= FOUR ? NAMES : 0;
  const wide = (width - names - (beside - 1) * GAP - EDGE) / beside;
  const tall = width >= FOUR ? 270 : 220;
  const panels = columns.map(({ low, high }, n) => {
    const [left, top] = [names + (n % beside) * (wide + GAP), Math.floor(n / beside) * tall];
    const [first, last] = [top + TOP, top + tall - BOTTOM];
    return { left, right: left + wide, top, first, last, x: linear(low, high, left + ENDS, left + wide - ENDS), y: (row) => first + ((row + 0.5) / count) * (last - first) };
  });
  const middles = groups.map((name, group) => ({ name, group, row: middle(held, group) })).filter(({ row }) => row >= 0);
  return { width, height: Math.ceil(columns.length / beside) * tall, panels, names, middles };
}

function middle(held, group) {
  const rows = [...held.keys()].filter((row) => held[row] === group);
  return rows.length ? (rows[0] + rows.at(-1)) / 2 : -1;
}

function* shapes(box, spec, theme, index, lit = () => false) {
  const now = new Set(taken(spec, index));
  if (box.names) for (const { name, group, row } of box.middles) yield { text: name, x: 0, y: box.panels[0].y(row) + 4, fill: theme.series[group], align: "left" };
  for (const [n, each] of spec.columns.entries()) {
    const panel = box.panels[n];
    const looked = lit(each) || each.feature === spec.looked;
    yield { text: each.name, x: panel.left, y: panel.top + 14, fill: theme.ink, align: "left", bold: looked };
    const frame = [[panel.left, panel.first], [panel.right, panel.first], [panel.right, panel.last], [panel.left, panel.last], [panel.left, panel.first]];
    yield { points: frame, line: lit(each) ? theme.ink : theme.line, width: lit(each) ? 2 : 1 };
    for (const { value, text } of panel.x.ticks) yield { text, x: panel.x.pixel(value), y: panel.last + 15, fill: theme.muted, align: "center" };
    for (let row = 0; row < spec.count; row++) if (!now.has(row)) yield { ...dot(panel, each, row), radius: 1.6, fill: theme.series[spec.held[row]], alpha: 0.35 };
    for (const row of now) yield { ...dot(panel, each, row), radius: 4, fill: theme.series[spec.held[row]], line: theme.background, width: 1 };
    if (now.size) yield* needle(panel, each.batch(index), "batch", theme, false);
    yield* needle(panel, each.moving(index), "moving", theme, true);
  }
}

function dot(panel, { numbers }, row) {
  return { x: panel.x.pixel(numbers[row]), y: panel.y(row) };
}

// The batch's mean hangs from above, as a dashed line; the moving mean stands below, as a full one.
function* needle(panel, value, name, theme, below) {
  if (!Number.isFinite(value)) return;
  const x = panel.x.pixel(Math.max(panel.x.low, Math.min(panel.x.high, value)));
  const [edge, tip] = below ? [panel.last + 8, panel.last - 2] : [panel.first - 8, panel.first + 2];
  yield { points: [[x, panel.first], [x, panel.last]], line: theme.ink, width: below ? 2.5 : 1.5, dash: below ? [] : [5, 4] };
  yield { points: [[x, tip], [x - 5, edge], [x + 5, edge]], fill: theme.ink };
  const words = `${name} ${short(value, 4)}`;
  const half = words.length * 3.2;
  yield { text: words, x: Math.max(panel.left + half, Math.min(panel.right - half, x)), y: below ? panel.last + 30 : panel.first - 10, fill: theme.ink, align: "center", bold: below };
}

// "Rows 3, 8, 11, ... 147: ..." in one sentence with the numbers of the feature that is looked at.
function say(spec, index) {
  const rows = taken(spec, index);
  const { name, batch, moving } = spec.columns[spec.looked];
  if (!rows.length) return `No batch yet. The moving mean of ${name} is ${short(moving(index), 4)}.`;
  const listed = rows.length > 6 ? `${rows.slice(0, 3).join(", ")} … ${rows.slice(-2).join(", ")}` : rows.join(", ");
  const counts = spec.groups.map((group, n) => `${rows.filter((row) => spec.held[row] === n).length} ${group}`);
  const mean = rows.length === 1 ? `Its ${name}` : `Their mean ${name}`;
  return (
    `This batch: ${rows.length} of ${spec.count} rows (${listed}; ${counts.join(", ")}). ${mean} is ${short(batch(index), 4)}; ` +
    `the moving mean goes from ${short(moving(Math.max(0, index - 1)), 4)} to ${short(moving(index), 4)}.`
  );
}

// On a narrow screen no name stands beside the rows.
function legend({ spec, box }, theme) {
  if (box.names) return [];
  return box.middles.map(({ name, group }) => {
    const key = element("span", "key");
    const dot = element("span", "", "● ");
    dot.style.color = theme.series[group];
    key.append(dot, name);
    return key;
  });
}

function pointed(box, spec, x, y) {
  const n = box.panels.findIndex((panel) => x >= panel.left && x <= panel.right && y >= panel.top && y <= panel.last + BOTTOM);
  return n < 0 ? null : { curve: spec.curve, feature: spec.columns[n].feature };
}

// The rows of each step's batch.
function csv(spec, { data, arrays }) {
  const steps = [...arrays[data.steps].values.entries()];
  return [[data.unit, "row"], ...steps.flatMap(([index, step]) => taken(spec, index).map((row) => [step, row]))];
}

export const ROWS = {
  wide: true,
  spec,
  csv,
  layout,
  still: () => null,
  draw: (pen, box, spec, theme, _, index, lit) => drawShapes(pen, box, theme, shapes(box, spec, theme, index, lit)),
  svg: (box, spec, theme, title, index) => shapesSvg(box, theme, title, shapes(box, spec, theme, index)),
  legend,
  say,
  pointed,
};
