// One picture: the curves of one quantity over the steps, the levels they are held against.
import { exact } from "./record.js";
import { linear, logarithmic } from "./scale.js";
import { escaped } from "./shapes.js";

const TOP = 12;
const BOTTOM = 38;
const LEFT = 58;
const EDGE = 3; // by which a line on the edge of the axes stands out
const ROW = 15; // between two labels at the right
const NARROW = 480; // below it, labels stand under the picture
export const DASHES = {
  solid: [], dash: [7, 4], dot: [2, 3], dashdot: [8, 3, 2, 3], long: [14, 4],
  pinned0: [1, 4], pinned1: [1, 3, 1, 3, 6, 3], pinned2: [4, 6], pinned3: [10, 3, 1, 3, 1, 3],
};

export function layout(width, height, spec) {
  const labelled = width >= NARROW;
  const right = width - (labelled ? 14 + widest(spec) : 12);
  const route = spec.route;
  const x = (index) => LEFT + route.place(index) * (right - LEFT);
  const { low, high } = spec.span ? roomy(spec, ...spec.span) : range(spec);
  const scale = spec.log && low > 0 ? logarithmic : linear;
  const y = scale(low, high, height - BOTTOM, TOP);
  return { width, height, left: LEFT, right, top: TOP, bottom: height - BOTTOM, x, y, labelled, route };
}

// The step that stands under a place on the picture.
export function indexAt(box, pixel) {
  const share = (pixel - box.left) / (box.right - box.left);
  const below = box.route.index(Math.max(0, share));
  const above = Math.min(below + 1, box.route.last);
  return Math.abs(box.route.place(above) - share) < Math.abs(box.route.place(below) - share) ? above : below;
}

// The curve whose number at this step is nearest, if it is near enough to be meant.
export function curveAt(box, spec, index, pixel) {
  let best = null;
  let least = 14;
  for (const curve of spec.curves) {
    const away = Math.abs(box.y.pixel(curve.values[index]) - pixel);
    if (away < least) [best, least] = [curve, away];
  }
  return best;
}

// A curve in pixels, first, smallest, largest and last of every column: no spike is lost.
export function thinned(box, values) {
  const points = [];
  let here = null;
  const put = () => {
    if (!here) return;
    const { first, low, high, last } = here;
    const middle = low[2] < high[2] ? [low, high] : [high, low];
    for (const point of [first, ...middle, last]) {
      const before = points.at(-1);
      if (!before || before[0] !== point[0] || before[1] !== point[1]) points.push([point[0], point[1]]);
    }
  };
  for (let t = 0; t <= box.route.last; t++) {
    if (!Number.isFinite(values[t])) continue;
    const point = [box.x(t), box.y.pixel(values[t]), t];
    if (!here || Math.floor(point[0]) !== here.column) {
      put();
      here = { column: Math.floor(point[0]), first: point, low: point, high: point, last: point };
    } else {
      if (point[1] < here.low[1]) here.low = point;
      if (point[1] > here.high[1]) here.high = point;
      here.last = point;
    }
  }
  put();
  return points;
}

// What does not move is drawn once: everything, with faint curves, and the curves by themselves.
// Before a prediction what is still to come is a secret.
export function still(box, spec, theme, density) {
  const lines = new Map(spec.curves.map((curve) => [curve.id, thinned(box, curve.values)]));
  const sheet = () => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(box.width * density);
    canvas.height = Math.round(box.height * density);
    const pen = canvas.getContext("2d");
    pen.scale(density, density);
    return [canvas, pen];
  };
  const [under, pen] = sheet();
  drawAxes(pen, box, spec, theme);
  const [over, bright] = sheet();
  for (const sheet of [pen, bright]) within(sheet, box);
  for (const curve of paleFirst(spec.curves)) {
    drawBand(bright, box, curve, theme, 0.08);
    if (!spec.secret) {
      drawBand(pen, box, curve, theme, 0.05);
      pen.globalAlpha = curve.pale ? 0.12 : 0.25;
      drawLine(pen, lines.get(curve.id), curve, theme, 1.5);
      pen.globalAlpha = 1;
    }
    bright.globalAlpha = strength(curve);
    drawLine(bright, lines.get(curve.id), curve, theme, 2);
    bright.globalAlpha = 1;
  }
  pen.restore();
  drawLabels(pen, box, spec, theme);
  return { under, over, lines };
}

// One frame: curves up to this step, and where each of them is.
export function drawFrame(pen, box, spec, theme, drawn, index, lit) {
  const x = box.x(index);
  pen.clearRect(0, 0, box.width, box.height);
  pen.drawImage(drawn.under, 0, 0, box.width, box.height);
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, x + 0.5, box.height);
  pen.clip();
  pen.drawImage(drawn.over, 0, 0, box.width, box.height);
  pen.restore();
  pen.strokeStyle = theme.ink;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, box.top);
  pen.lineTo(x, box.bottom);
  pen.stroke();
  for (const curve of paleFirst(spec.curves)) {
    const value = curve.values[index];
    if (lit(curve) && !spec.secret) {
      within(pen, box);
      drawLine(pen, drawn.lines.get(curve.id), curve, theme, 4);
      pen.restore();
    }
    const y = box.y.pixel(value);
    if (!(y >= box.top - EDGE && y <= box.bottom + EDGE)) continue;
    pen.globalAlpha = lit(curve) ? 1 : strength(curve);
    pen.beginPath();
    pen.arc(x, y, lit(curve) ? 6 : 4, 0, 7);
    pen.fillStyle = theme.series[curve.color];
    pen.fill();
    pen.strokeStyle = theme.background;
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.globalAlpha = 1;
  }
}

// Where one curve was chosen, the others are pale, and under it.
function paleFirst(curves) {
  return [...curves].sort((one, other) => Number(Boolean(other.pale)) - Number(Boolean(one.pale)));
}

function strength(curve) {
  return curve.pale ? 0.25 : 1;
}

// Until `pen.restore()` nothing is drawn outside the axes.
function within(pen, box) {
  pen.save();
  pen.beginPath();
  pen.rect(box.left, box.top - EDGE, box.right - box.left, box.bottom - box.top + 2 * EDGE);
  pen.clip();
}

function range(spec) {
  let [low, high] = [Infinity, -Infinity];
  const take = (value) => {
    if (!Number.isFinite(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  const drawn = spec.log ? (value) => value > 0 && take(value) : take;
  for (const curve of spec.curves) for (const values of [curve.values, curve.low, curve.high]) values?.forEach(drawn);
  for (const level of spec.levels) take(level.value);
  if (low > high) return { low: 0, high: 1 };
  return roomy(spec, low, high);
}

function roomy(spec, low, high) {
  if (spec.log && low > 0) return { low: low / 1.05, high: high * 1.05 };
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 0.5;
  return { low: low - room, high: high + room };
}

function widest(spec) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `12px ${spec.font}`;
  const lines = [...spec.curves.map(ended), ...spec.levels];
  return Math.max(...lines.map((line) => pen.measureText(line.label).width), 20);
}

function drawAxes(pen, box, spec, theme) {
  pen.font = `12px ${theme.font}`;
  pen.lineWidth = 1;
  for (const { value, text } of box.y.ticks) {
    const y = Math.round(box.y.pixel(value)) + 0.5;
    if (y < box.top - 2 || y > box.bottom + 2) continue;
    pen.strokeStyle = theme.line;
    stroke(pen, [[box.left, y], [box.right, y]]);
    pen.fillStyle = theme.muted;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillText(text, box.left - 7, y);
  }
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const { place, text } of spec.ticks) {
    const x = box.left + place * (box.right - box.left);
    pen.strokeStyle = theme.line;
    stroke(pen, [[x, box.bottom], [x, box.bottom + 4]]);
    pen.fillStyle = theme.muted;
    pen.fillText(text, Math.min(x, box.width - pen.measureText(text).width / 2), box.bottom + 7);
  }
  pen.fillText(spec.unit, (box.left + box.right) / 2, box.bottom + 22);
  for (const level of spec.levels) {
    const y = box.y.pixel(level.value);
    pen.strokeStyle = levelColor(level, theme);
    pen.lineWidth = 1.2;
    pen.setLineDash(DASHES[level.dash] ?? DASHES.dash);
    stroke(pen, [[box.left, y], [box.right, y]]);
    pen.setLineDash([]);
  }
  for (const { x, label, at, anchor } of marks(box, spec)) {
    pen.strokeStyle = theme.muted;
    pen.lineWidth = 1.5;
    pen.setLineDash(DASHES.dash);
    stroke(pen, [[x, box.top], [x, box.bottom]]);
    pen.setLineDash([]);
    pen.textAlign = anchor;
    pen.strokeStyle = theme.background;
    pen.lineWidth = 4;
    pen.strokeText(label, at, box.top);
    pen.fillStyle = theme.muted;
    pen.fillText(label, at, box.top);
  }
}

// What happened at a step: a line there, and words beside it, on the side that has more room.
function marks(box, spec) {
  return spec.events.map(({ index, label }) => {
    const x = Math.round(box.x(index)) + 0.5;
    const before = x > (box.left + box.right) / 2;
    return { x, label, at: before ? x - 6 : x + 6, anchor: before ? "end" : "start" };
  });
}

function levelColor(level, theme) {
  return "color" in level ? theme.series[level.color] : theme.muted;
}

function drawLine(pen, points, curve, theme, width) {
  pen.strokeStyle = theme.series[curve.color];
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.setLineDash(DASHES[curve.dash] ?? []);
  stroke(pen, points);
  pen.setLineDash([]);
}

// From the least to the largest of several runs.
function drawBand(pen, box, curve, theme, alpha) {
  const points = band(box, curve);
  if (!points.length || curve.pale) return;
  pen.globalAlpha = alpha;
  pen.fillStyle = theme.series[curve.color];
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.fill();
  pen.globalAlpha = 1;
}

function band(box, curve) {
  return curve.low ? [...thinned(box, curve.low), ...thinned(box, curve.high).reverse()] : [];
}

function stroke(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

// Where a curve was last, and what its numbers have become since.
function ended(curve) {
  const last = Math.max(0, curve.values.findLastIndex(Number.isFinite));
  const lost = last < curve.values.length - 1 ? `: ${curve.lost || exact(curve.values.at(-1))}` : "";
  return { ...curve, last, end: curve.values[last], label: curve.label && curve.label + lost };
}

// Names where the lines end, pushed apart where they would cover each other.
export function endLabels(box, spec) {
  const ends = [
    ...(spec.secret ? [] : spec.curves).map(ended).map((curve) => ({ ...curve, x: box.x(curve.last) })),
    ...spec.levels.map((level) => ({ ...level, end: level.value, x: box.right, level: true })),
  ].filter((line) => Number.isFinite(line.end) && line.label);
  const placed = ends.map((line) => ({ ...line, wanted: box.y.pixel(line.end) })).sort((a, b) => a.wanted - b.wanted);
  let free = box.top;
  for (const line of placed) {
    line.y = Math.max(line.wanted, free);
    free = line.y + ROW;
  }
  let limit = box.bottom + 4;
  for (const line of [...placed].reverse()) {
    line.y = Math.min(line.y, limit);
    limit = line.y - ROW;
  }
  return placed;
}

function drawLabels(pen, box, spec, theme) {
  if (!box.labelled) return;
  pen.font = `12px ${theme.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const line of endLabels(box, spec)) {
    pen.strokeStyle = theme.line;
    pen.lineWidth = 1;
    stroke(pen, [[line.x + 1, line.wanted], [line.x + 7, line.y]]);
    pen.fillStyle = line.level || line.pale ? theme.muted : theme.series[line.color];
    pen.fillText(line.label, line.x + 10, line.y);
  }
}

// The same picture as text, for a file.
export function asSvg(box, spec, theme, title) {
  const parts = [];
  const line = (points, color, width, dash, opacity = 1) =>
    parts.push(
      `<polyline fill="none" stroke="${color}" stroke-opacity="${opacity}" stroke-width="${width}" stroke-dasharray="${(DASHES[dash] ?? []).join(" ")}" ` +
        `points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}"/>`,
    );
  const text = (x, y, words, color, anchor) =>
    parts.push(`<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}">${escaped(words)}</text>`);
  for (const { value, text: words } of box.y.ticks) {
    const y = box.y.pixel(value);
    line([[box.left, y], [box.right, y]], theme.line, 1);
    text(box.left - 7, y + 4, words, theme.muted, "end");
  }
  for (const { place, text: words } of spec.ticks) {
    text(box.left + place * (box.right - box.left), box.bottom + 18, words, theme.muted, "middle");
  }
  text((box.left + box.right) / 2, box.bottom + 34, spec.unit, theme.muted, "middle");
  for (const level of spec.levels) {
    const y = box.y.pixel(level.value);
    line([[box.left, y], [box.right, y]], levelColor(level, theme), 1.2, level.dash ?? "dash");
  }
  for (const { x, label, at, anchor } of marks(box, spec)) {
    line([[x, box.top], [x, box.bottom]], theme.muted, 1.5, "dash");
    text(at, box.top + 10, label, theme.muted, anchor);
  }
  parts.push(`<clipPath id="axes"><rect x="${box.left}" y="${box.top - EDGE}" width="${box.right - box.left}" height="${box.bottom - box.top + 2 * EDGE}"/></clipPath><g clip-path="url(#axes)">`);
  for (const curve of spec.curves) {
    const points = band(box, curve).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
    if (points.length && !curve.pale) parts.push(`<polygon fill="${theme.series[curve.color]}" fill-opacity="0.12" points="${points.join(" ")}"/>`);
  }
  for (const curve of paleFirst(spec.curves)) line(thinned(box, curve.values), theme.series[curve.color], 2, curve.dash, strength(curve));
  parts.push("</g>");
  for (const end of endLabels(box, spec)) {
    text(end.x + 10, end.y + 4, end.label, end.level ? theme.muted : theme.series[end.color], "start");
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${box.width}" height="${box.height}" ` +
    `font-family="sans-serif" font-size="12"><title>${escaped(title)}</title>` +
    `<rect width="100%" height="100%" fill="${theme.background}"/>${parts.join("")}</svg>`
  );
}
