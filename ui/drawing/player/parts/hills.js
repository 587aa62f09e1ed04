// Another kind of picture: how often every value occurs at a step, a hill for each curve. What lies in
// a flat zone is red; where a hill stood at the first step stays as an outline.
import { at } from "./record.js";
import { linear } from "./scale.js";
import { drawShapes, shapesSvg } from "./shapes.js";

const [TOP, BOTTOM, SIDE] = [16, 38, 12];
const [USUAL, MOST] = [0.7, 0.95]; // of a row: how high nine of ten hills are at most, and the others

// The hills of one feature: shares of equal bins, by step and bin.
function hillsOf({ data, arrays, looking, theme, told }, quantity) {
  const feature = Math.min(looking.feature, data.features.length - 1);
  const curves = data.curves
    .filter((curve) => arrays[`${quantity.key}/${curve.key}`])
    .map((curve) => ({ ...curve, feature, shares: shares(arrays[`${quantity.key}/${curve.key}`], feature), beside: arrays[`${quantity.bins.beside}/${curve.key}`] }));
  const of = data.features.length > 1 ? ` of ${data.features[feature]}` : "";
  return { ...quantity.bins, curves, feature, top: usualTop(curves), title: quantity.title + of, font: theme.font, secret: !data.plays && told !== data.src };
}

function shares({ values, shape: [steps, features, bins] }, feature) {
  return Array.from({ length: steps }, (_, step) => {
    const counts = values.subarray((step * features + feature) * bins, (step * features + feature + 1) * bins);
    const all = counts.reduce((sum, count) => sum + count, 0) || 1;
    return Float64Array.from(counts, (count) => count / all);
  });
}

// One height for all steps, so that nothing jumps: nine of ten hills fit. The outer bins, which count
// what lies beyond them, would flatten all others.
function usualTop(curves) {
  const peaks = curves.flatMap((curve) => curve.shares.map((all) => Math.max(...all.subarray(1, -1)))).sort((a, b) => a - b);
  return peaks[Math.floor(0.9 * (peaks.length - 1))] || 1;
}

function layoutHills(width, height, spec) {
  const x = linear(spec.low, spec.high, SIDE, width - SIDE);
  const row = (height - TOP - BOTTOM) / Math.max(1, spec.curves.length);
  return { width, height, left: SIDE, right: width - SIDE, bottom: height - BOTTOM, row, x, labelled: true };
}

// The hill whose row is pointed at.
function hillAt(box, spec, _, y) {
  const curve = spec.curves[Math.floor((y - TOP) / box.row)];
  return curve && { curve: curve.key, feature: spec.feature };
}

// Everything of one frame in shapes, for a canvas and for a file alike.
function* shapes(box, spec, theme, index, lit = () => false) {
  for (const [low, high] of spec.flat) {
    const [from, to] = [low, high].map(box.x.pixel);
    yield { points: [[from, TOP], [to, TOP], [to, box.bottom], [from, box.bottom]], fill: theme.alarm, alpha: 0.08 };
    yield { text: "flat", x: Math.min(Math.max((from + to) / 2, box.left + 12), box.right - 12), y: 11, fill: theme.alarm, align: "center" };
  }
  for (const { value, text } of box.x.ticks) {
    const x = box.x.pixel(value);
    yield { points: [[x, box.bottom], [x, box.bottom + 4]], line: theme.line, width: 1 };
    yield { text, x, y: box.bottom + 16, fill: theme.muted, align: "center" };
  }
  for (const [n, curve] of spec.curves.entries()) {
    const base = TOP + (n + 1) * box.row;
    const now = curve.shares[Math.min(index, curve.shares.length - 1)];
    const color = theme.series[curve.color];
    yield { points: [[box.left, base], [box.right, base]], line: theme.line, width: 1 };
    if (!now) continue;
    yield { points: hill(box, spec, now, base), fill: color, alpha: lit(curve) ? 0.45 : 0.25 };
    for (const zone of spec.flat) yield { points: hill(box, spec, now, base, zone), fill: theme.alarm, alpha: 0.8 };
    if (index) yield { points: hill(box, spec, curve.shares[0], base), line: theme.muted, width: 1, dash: [2, 3] };
    yield { points: hill(box, spec, now, base), line: color, width: lit(curve) ? 3 : 2 };
    const beside = curve.beside ? `: ${percent(at(curve.beside, index, spec.feature))} ${spec.word}` : "";
    yield { text: curve.label + beside, x: box.left + bin(box, now) + 6, y: base - box.row + 18, fill: color, align: "left", bold: true };
    for (const [share, side, align] of [[now[0], box.left + bin(box, now) + 5, "left"], [now.at(-1), box.right - bin(box, now) - 5, "right"]]) {
      if (share * USUAL > spec.top * MOST) yield { text: percent(share), x: side, y: base - 6, fill: theme.ink, align, halo: theme.background };
    }
  }
}

// In pixels, how wide a bin is.
function bin(box, shares) {
  return (box.right - box.left) / shares.length;
}

function percent(share) {
  return Number.isFinite(share) ? `${Math.round(100 * share)} %` : "–";
}

// The outline of a hill, or of the part of it that lies in a zone.
function hill(box, spec, shares, base, [low, high] = [-Infinity, Infinity]) {
  const wide = (spec.high - spec.low) / shares.length;
  const points = [];
  shares.forEach((share, bin) => {
    const from = spec.low + bin * wide;
    const [left, right] = [Math.max(from, low), Math.min(from + wide, high)];
    if (left >= right) return;
    const y = base - Math.min((share / spec.top) * USUAL, MOST) * box.row;
    points.push([box.x.pixel(left), y], [box.x.pixel(right), y]);
  });
  if (!points.length) return [];
  return [[points[0][0], base], ...points, [points.at(-1)[0], base]];
}

// A kind of picture.
export const HILLS = {
  spec: hillsOf,
  layout: layoutHills,
  still: () => null,
  draw: (pen, box, spec, theme, _, index, lit) => drawShapes(pen, box, theme, shapes(box, spec, theme, index, lit)),
  svg: (box, spec, theme, title, index) => shapesSvg(box, theme, title, shapes(box, spec, theme, index)),
  legend: () => [], // hills have their names on them
  pointed: hillAt,
};
