// What stands there: buttons, choices, pictures, tables, and what can be taken away.
import { BALLS } from "./balls.js";
import { SPEEDS } from "./clock.js";
import { arrange, legend, pictured, refresh, refreshRows, specOf } from "./frame.js";
import { HILLS } from "./hills.js";
import { choose, drag, go, label, light, look, move, named, toggle, tune } from "./moves.js";
import { asSvg, curveAt, drawFrame, indexAt, layout, still } from "./picture.js";
import { PLANE } from "./plane.js";
import { asCsv, buildTable, element, tableCsv } from "./readings.js";
import { ROWS } from "./rows.js";

// What a picture is of: lines over the steps, hills over the values at one step, or a scene. Who
// points at a place of it means a curve and a feature; `step` is the step that stands there.
const CURVES = {
  spec: specOf,
  layout,
  still,
  draw: drawFrame,
  svg: asSvg,
  legend,
  step: indexAt,
  pointed(box, spec, x, y) {
    const curve = curveAt(box, spec, indexAt(box, x), y);
    return curve && { curve: curve.key, feature: curve.feature };
  },
};
const KINDS = { curves: CURVES, hills: HILLS, rows: ROWS, plane: PLANE, balls: BALLS };

export function build(player) {
  const { data, arrays } = player;
  const bar = element("div", "bar");
  const button = (label, sign, act) => {
    const node = element("button", sign, "", { type: "button" });
    named(node, label, sign);
    node.addEventListener("click", act);
    bar.append(node);
    return node;
  };
  player.playing = button("Play", "play", () => toggle(player));
  button("To the start", "first", () => go(player, 0, true));
  button("One step back", "back", () => move(player, -1));
  button("One step forward", "forward", () => move(player, 1));
  button("To the end", "last", () => go(player, Infinity, true));
  player.slider = element("div", "slider", "", { role: "slider", tabindex: "0", "aria-label": `Recorded ${data.unit}`, "aria-orientation": "horizontal" });
  player.slider.append(element("div", "track"), (player.thumb = element("div", "thumb")));
  drag(player.slider, (event) => {
    const box = player.slider.getBoundingClientRect();
    go(player, player.route.index((event.clientX - box.left) / box.width), true);
  });
  player.where = element("output", "where");
  bar.append(player.slider, player.where);

  player.figures = element("div", "figures");
  player.pictures = pictured(data).map((quantity) => picture(player, quantity));
  player.figures.append(...player.pictures.map((each) => each.figure));
  const { table, cells } = buildTable(tabled(data), arrays);
  player.cells = cells;
  const scroll = scrolling(`Numbers at this ${data.unit}`);
  scroll.append(table);
  table.addEventListener("pointerover", (event) => light(player, meant(event.target)));
  table.addEventListener("pointerleave", () => light(player, {}));
  table.addEventListener("click", (event) => choose(player, event.target.dataset));
  player.formula = element("div", "formula", "", { "aria-live": "off" });
  player.formula.hidden = !data.formulas.length;
  const ask = element("button", "ask", data.ask, { type: "button" });
  ask.addEventListener("click", () => player.tell("asked", { of: data.src, step: arrays[data.steps].values[player.index] }));
  player.more = element("details", "more");
  player.more.append(element("summary", "", "The numbers as a table"), (player.rows = scrolling("The numbers as a table")));
  player.more.addEventListener("toggle", () => refreshRows(player));
  player.root.replaceChildren(bar, choices(player), player.figures, player.formula, ...(data.ask ? [ask] : []), scroll, player.more, take(player));
  label(player);
  arrange(player);
}

// The curve and the feature that a cell of the table belongs to.
function meant({ dataset: { curve, feature } }) {
  return curve === undefined ? {} : { curve, feature: Number(feature) };
}

// What has one number for each feature at a step.
export function tabled(data) {
  return { ...data, quantities: data.quantities.filter((quantity) => !quantity.bins) };
}

// Wide tables scroll, also by the keyboard.
function scrolling(label) {
  return element("div", "scroll", "", { tabindex: 0, role: "group", "aria-label": label });
}

function choices(player) {
  const { data, looking } = player;
  const line = element("div", "choices");
  const select = (label, options, chosen, act) => {
    const node = element("select");
    options.forEach(([value, words]) => node.append(new Option(words, value, false, String(value) === String(chosen))));
    node.addEventListener("change", () => act(node.value));
    const box = element("label", "", `${label} `);
    box.append(node);
    line.append(box);
    return node;
  };
  const check = (label, on, act) => {
    const node = element("input", "", "", { type: "checkbox" });
    node.checked = on;
    node.addEventListener("change", () => act(node.checked));
    const box = element("label");
    box.append(node, ` ${label}`);
    line.append(box);
    return node;
  };
  if (data.features.length > 1) {
    const told = () => light(player, { feature: player.looking.feature });
    player.feature = select(data.together ? "Numbers of" : "Shown", data.features.map((name, i) => [i, name]), looking.feature, (value) => {
      look(player, { feature: Number(value) });
      told();
    });
    player.feature.addEventListener("focus", told);
    player.feature.addEventListener("blur", () => light(player, {}));
  }
  if (data.curves.length > 1 && data.formulas.length) {
    player.chosen = select("Arithmetic of", data.curves.map((curve) => [curve.key, curve.label]), player.curve, (key) => {
      player.curve = key;
      refresh(player);
    });
  }
  player.speed = select("Play", SPEEDS.map((speed, i) => [i, speed.label]), SPEEDS.findIndex((speed) => speed.seconds === player.seconds), (value) => tune(player, { seconds: SPEEDS[value].seconds }));
  player.again = check("again and again", player.loop, (on) => tune(player, { loop: on }));
  if ("log" in looking) check("logarithmic axes", looking.log, (on) => look(player, { log: on }));
  return line;
}

function picture(player, quantity) {
  const kind = KINDS[quantity.kind];
  const figure = element("figure", kind.wide ? "wide" : "");
  const canvas = element("canvas", "", "", { role: "img" });
  const keys = element("div", "keys", "", { "aria-hidden": "true" });
  figure.append(element("figcaption"), canvas, keys);
  const each = { quantity, figure, canvas, keys, pen: canvas.getContext("2d"), kind };
  if (kind.say) figure.append((each.said = element("p", "said")));
  const pointed = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    const place = [event.clientX - left, event.clientY - top];
    return { place, ...kind.pointed(each.box, each.spec, ...place) };
  };
  const chosen = (event) => choose(player, pointed(event));
  if (kind.step) {
    drag(canvas, (event) => {
      go(player, kind.step(each.box, pointed(event).place[0]), true);
      chosen(event);
    });
  } else canvas.addEventListener("click", chosen);
  canvas.addEventListener("pointermove", (event) => {
    const { curve, feature } = pointed(event);
    if (!kind.step || !event.buttons) light(player, { curve, feature });
  });
  canvas.addEventListener("pointerleave", () => light(player, {}));
  return each;
}

function take(player) {
  const line = element("div", "take");
  const offer = (label, file, make) => {
    const node = element("button", "link", label, { type: "button" });
    node.addEventListener("click", async () => {
      const link = element("a", "", "", { download: file() });
      link.href = URL.createObjectURL(await make());
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    line.append(node);
  };
  const name = player.data.file;
  const { theme } = player;
  offer("All numbers (CSV)", () => `${name}.csv`, () => new Blob([asCsv(player.data, player.arrays)], { type: "text/csv" }));
  for (const each of player.pictures) {
    const file = `${name}-${each.quantity.key}`;
    const title = each.quantity.title;
    if (each.kind.csv) offer(`${title} (CSV)`, () => `${file}.csv`, () => new Blob([tableCsv(each.kind.csv(each.spec, player))], { type: "text/csv" }));
    offer(`${title} (SVG)`, () => `${file}.svg`, () => new Blob([each.kind.svg(each.box, each.spec, player.theme ?? theme, title, player.index)], { type: "image/svg+xml" }));
    offer(`${title} (PNG)`, () => `${file}.png`, () => new Promise((done) => each.canvas.toBlob(done)));
  }
  return line;
}
