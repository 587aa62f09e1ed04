// A ball for each repetition, in a cup for each curve: it settles as deep as its error is small, and
// one whose training diverged has flown out. Balls that learned are full, others are rings.
import { at, short } from "./record.js";
import { drawShapes, shapesSvg } from "./shapes.js";

const [TOP, BOTTOM, LEFT, RIGHT] = [44, 44, 44, 8];
const [SMALL, LARGE] = [4, 8]; // of a ball's radius
const LASTS = 450; // milliseconds
const [NO, UNTRAINED] = [-1, -2];
const MOVES = new WeakMap(); // by canvas: where its balls come from

function spec({ data, arrays, looking }, { key, title, note, chance }) {
  const own = (curve, name) => arrays[`${key}/${curve.key}/${name}`];
  const cups = data.curves.filter((curve) => own(curve, "error")).map((curve) => ({ ...curve, error: own(curve, "error"), lost: own(curve, "lost"), learned: own(curve, "learned") }));
  return { title: `${title}, ${note}`, cups, chance, looking };
}

function layout(width, height, { cups }) {
  const lane = (width - LEFT - RIGHT) / Math.max(1, cups.length);
  return { width, height, top: TOP, bottom: height - BOTTOM, left: LEFT, lane, half: Math.min(0.42 * lane, 90) };
}

// How a repetition ended at a step.
function ended({ error, lost, learned }, index, n) {
  return { error: at(error, index, n), lost: at(lost, index, n), learned: at(learned, index, n) > 0 };
}

function count({ error: { shape } }) {
  return shape[1];
}

function place(box, cup, lane, index, n) {
  const { error, lost, learned } = ended(cup, index, n);
  if (lost === UNTRAINED) return null;
  const many = count(cup);
  const step = (2 * box.half) / (many + 1);
  const radius = Math.max(SMALL, Math.min(LARGE, 0.42 * step));
  const x = middle(box, lane) - box.half + (n + 1) * step;
  if (lost !== NO) return { x, y: box.top - 14, radius, learned: false, lost: true };
  return { x, y: box.bottom - radius - error * (box.bottom - radius - box.top), radius, learned, lost: false };
}

function middle(box, lane) {
  return box.left + (lane + 0.5) * box.lane;
}

function places(box, spec, index) {
  return spec.cups.map((cup, lane) => Array.from({ length: count(cup) }, (_, n) => place(box, cup, lane, index, n)));
}

function* shapes(box, spec, theme, balls) {
  const y = (error) => box.bottom - error * (box.bottom - box.top);
  for (const error of [0, 0.5, 1]) yield { text: String(error), x: box.left - 8, y: y(error) + 4, fill: theme.muted, align: "right" };
  yield { text: "↑ error; above: diverged", x: 0, y: 12, fill: theme.muted, align: "left" };
  for (const [lane, cup] of spec.cups.entries()) {
    const [left, right] = [-1, 1].map((side) => middle(box, lane) + side * box.half);
    yield { points: [[left, y(spec.chance)], [right, y(spec.chance)]], line: theme.muted, width: 1, dash: [4, 3] };
    yield { points: [[left, box.top], [left, box.bottom], [right, box.bottom], [right, box.top]], line: theme.ink, width: 2 };
    const color = theme.series[cup.color % theme.series.length];
    for (const ball of balls[lane]) if (ball) yield* drawn(ball, color, theme);
    for (const [n, text] of lines(cup.label, box.lane).entries()) yield { text, x: middle(box, lane), y: box.bottom + 16 + 14 * n, fill: theme.ink, align: "center", bold: true };
  }
}

function* drawn({ x, y, radius, learned, lost }, color, theme) {
  if (!lost) return yield { x, y, radius, line: color, width: 2, ...(learned && { fill: color }) };
  for (const side of [-1, 1]) yield { points: [[x - radius, y - side * radius], [x + radius, y + side * radius]], line: theme.alarm, width: 2.2 };
}

// A long name stands in two lines where its cup is narrow.
function lines(label, wide) {
  const cut = label.lastIndexOf(" ");
  return label.length * 7 < wide || cut < 0 ? [label] : [label.slice(0, cut), label.slice(cut + 1)];
}

function draw(pen, box, spec, theme, _, index) {
  const goal = places(box, spec, index);
  const known = MOVES.get(pen.canvas);
  const move = { index, box, from: known?.now ?? goal, now: goal, began: performance.now() };
  const still = !known || known.index === index || known.box !== box || matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (known?.index === index && known.box === box && known.frame) return; // they are on their way
  cancelAnimationFrame(known?.frame);
  MOVES.set(pen.canvas, move);
  if (still) return drawShapes(pen, box, theme, shapes(box, spec, theme, goal));
  const tick = (time) => {
    const part = Math.max(0, Math.min(1, (time - move.began) / LASTS));
    move.now = goal.map((cup, lane) => cup.map((ball, n) => between(move.from[lane]?.[n], ball, part)));
    move.frame = part < 1 ? requestAnimationFrame(tick) : 0;
    drawShapes(pen, box, theme, shapes(box, spec, theme, move.now));
  };
  move.frame = requestAnimationFrame(tick);
}

// Fast at first, then slower, as what comes to rest.
function between(from, to, part) {
  if (!from || !to) return to;
  const share = 1 - (1 - part) ** 3;
  return { ...to, x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
}

function say(spec, index) {
  return `${spec.cups.map((cup) => told(cup, index)).join("; ")}.`;
}

function told(cup, index) {
  const all = Array.from({ length: count(cup) }, (_, n) => ended(cup, index, n));
  if (all.every(({ lost }) => lost === UNTRAINED)) return `${cup.label}: not trained`;
  const out = all.filter(({ lost }) => lost !== NO);
  const first = Math.min(...out.map(({ lost }) => lost));
  const errors = all.filter(({ lost }) => lost === NO).map(({ error }) => error);
  const depth = errors.length ? `, error ${short(errors.reduce((sum, each) => sum + each, 0) / errors.length, 3)}` : "";
  const lost = out.length ? `, ${out.length} flew out (the first at update ${first.toLocaleString("en")})` : "";
  return `${cup.label}: ${all.filter(({ learned }) => learned).length} of ${all.length} learned${lost}${depth}`;
}

// A row for each repetition at each step.
function csv({ cups }, { data, arrays }) {
  const rows = [[data.unit, "curve", "repetition", "error", "learned", "diverged at update"]];
  for (const [index, step] of arrays[data.steps].values.entries()) {
    for (const cup of cups) {
      for (let n = 0; n < count(cup); n++) {
        const { error, learned, lost } = ended(cup, index, n);
        if (lost !== UNTRAINED) rows.push([step, cup.label, n, Number.isFinite(error) ? error : "", learned ? 1 : 0, lost === NO ? "" : lost]);
      }
    }
  }
  return rows;
}

export const BALLS = {
  spec,
  csv,
  layout,
  still: () => null,
  draw,
  svg: (box, spec, theme, title, index) => shapesSvg(box, theme, title, shapes(box, spec, theme, places(box, spec, index))),
  legend: () => [],
  say,
  pointed: () => null,
  wide: true,
};
