// The player: a record that is fetched once, and everything that shows a step of it, moving together.
import { beside } from "./beside.js";
import { SPEEDS, play, way } from "./clock.js";
import { icon } from "./icons.js";
import { drawHills, hillAt, hillsOf, hillsSvg, layoutHills } from "./hills.js";
import { asSvg, curveAt, drawFrame, indexAt, layout, still } from "./picture.js";
import { OWN, arithmetic, asCsv, buildTable, element, fillTable, stepsTable } from "./readings.js";
import { at, column, exact, fetchRecord, short } from "./record.js";
import { linearTicks, logTicks } from "./scale.js";

// The kinds of pictures: lines over the steps, or hills over the values at one step.
const CURVES = { spec: specOf, layout, still, draw: drawFrame, svg: asSvg };
const HILLS = { spec: hillsOf, layout: layoutHills, still: () => null, draw: drawHills, svg: hillsSvg };

const PLAYERS = new WeakMap();
const PLAYED = new Set(); // records that have played once by themselves
const AWAY = new Map(); // records that grow, and the step to which the visitor went
const FIRST_SECONDS = 4;
const WIDE = 900;
const REST_MILLISECONDS = 400;

// Streamlit calls this for every new message; the player of a place lives on.
export default function show({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  const player = PLAYERS.get(parentElement) ?? mount(root);
  PLAYERS.set(parentElement, player);
  player.tell = setStateValue;
  receive(player, data);
  return () => {
    halt(player);
    player.watch.disconnect();
    PLAYERS.delete(parentElement);
  };
}

function mount(root) {
  const player = { root, index: 0, lit: null, loop: false, seconds: FIRST_SECONDS, pictures: [] };
  root.addEventListener("keydown", (event) => onKey(player, event));
  player.watch = new ResizeObserver(() => arrange(player));
  player.watch.observe(root);
  return player;
}

async function receive(player, data) {
  // What the visitor looks at is known here already: its way to the link and back changes nothing.
  const text = JSON.stringify({ ...data, looking: null });
  if (text === player.message && holds(player.looking, data.looking)) return;
  player.message = text;
  player.newest = data.src;
  const turn = (player.turns = (player.turns ?? 0) + 1);
  let arrays;
  try {
    const records = [[data.src, ...data.more], ...data.kept.map((run) => [run.src])];
    const [own, ...theirs] = await Promise.all(records.map((urls) => fetchRecord(urls.map((url) => new URL(url, location.origin).href))));
    ({ data, arrays } = beside(data, own, theirs));
  } catch (error) {
    if (player.newest === data.src) player.root.replaceChildren(element("p", "problem", `The recorded run could not be fetched (${error.message}). Press Train to run it again.`));
    return;
  }
  // A record that grows may have more to come before this has come.
  if (player.newest !== data.src || turn < player.turn) return;
  player.turn = turn;
  const ran = data.plays && player.data?.plays === false; // stood there before, and now run anew
  if (!ran && player.data?.src === data.src && holds(player.looking, data.looking) && structure(player.data, player.arrays) === structure(data, arrays)) grow(player, data, arrays);
  else begin(player, data, arrays, ran);
}

function begin(player, data, arrays, ran) {
  const fresh = player.data?.src !== data.src;
  Object.assign(player, { data, arrays, looking: { feature: 0, ...data.looking } });
  if (fresh) {
    halt(player);
    player.index = 0;
    player.curve = data.curves[0].key;
  }
  const follows = !fresh && atEnd(player);
  build(player);
  if (fresh || ran) arrive(player, ran);
  else if (follows) go(player, Infinity);
  else if (player.stop) start(player, player.seconds);
}

// More of the same record: nothing is built anew, so what has the focus keeps it.
function grow(player, data, arrays) {
  const { live } = player.data;
  const follows = live && atEnd(player);
  player.data = data;
  for (const [name, array] of Object.entries(arrays)) Object.assign(player.arrays[name], array);
  player.pictures.forEach((each, i) => (each.quantity = data.quantities[i]));
  arrange(player);
  if (live && !data.live) arrive(player);
  else if (follows) go(player, Infinity);
  else if (player.stop) start(player, player.seconds);
}

// What moves by itself: a record that grows stays at its end, a whole one plays once. Who went to an
// earlier step of it while it grew is left there.
function arrive(player, again = false) {
  const { src, plays, live } = player.data;
  if (live) return go(player, Infinity);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (AWAY.has(src)) go(player, AWAY.get(src));
  else if (plays && (again || !PLAYED.has(src)) && !still) {
    player.index = 0;
    start(player, FIRST_SECONDS);
  } else if (plays) go(player, Infinity);
  AWAY.delete(src);
  if (plays) PLAYED.add(src);
}

function atEnd(player) {
  return !player.stop && player.index >= player.route.last;
}

function holds(looking, told) {
  return Object.entries(told).every(([name, value]) => looking?.[name] === value);
}

// All that is built of elements, in one text.
function structure({ features, curves, quantities, unit, ask, together }, arrays) {
  return JSON.stringify([features, curves, quantities.map(({ key, title, levels }) => [key, title, levels]), unit, ask, together, Object.keys(arrays)]);
}

// ---- what stands there ----------------------------------------------------------------------

function build(player) {
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
  player.pictures = data.quantities.map((quantity) => picture(player, quantity));
  player.figures.append(...player.pictures.map((each) => each.figure));
  const { table, cells } = buildTable(tabled(data), arrays);
  player.cells = cells;
  const scroll = element("div", "scroll");
  scroll.append(table);
  table.addEventListener("pointerover", (event) => light(player, event.target.dataset));
  table.addEventListener("pointerleave", () => light(player, {}));
  table.addEventListener("click", (event) => choose(player, event.target.dataset));
  player.formula = element("div", "formula", "", { "aria-live": "off" });
  player.formula.hidden = !data.formulas.length;
  const ask = element("button", "ask", data.ask, { type: "button" });
  ask.addEventListener("click", () => player.tell("asked", { of: data.src, step: arrays[data.steps].values[player.index] }));
  player.more = element("details", "more");
  player.more.append(element("summary", "", "The numbers as a table"), (player.rows = element("div", "scroll")));
  player.more.addEventListener("toggle", () => refreshRows(player));
  player.root.replaceChildren(bar, choices(player), player.figures, player.formula, ...(data.ask ? [ask] : []), scroll, player.more, take(player));
  arrange(player);
}

// What has one number for each feature at a step.
function tabled(data) {
  return { ...data, quantities: data.quantities.filter((quantity) => !quantity.bins) };
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
  };
  if (data.features.length > 1) {
    player.feature = select(data.together ? "Numbers of" : "Shown", data.features.map((name, i) => [i, name]), looking.feature, (value) => look(player, { feature: Number(value) }));
  }
  if (data.curves.length > 1 && data.formulas.length) {
    player.chosen = select("Arithmetic of", data.curves.map((curve) => [curve.key, curve.label]), player.curve, (key) => {
      player.curve = key;
      refresh(player);
    });
  }
  player.speed = select("Play", SPEEDS.map((speed, i) => [i, speed.label]), SPEEDS.findIndex((speed) => speed.seconds === player.seconds), (value) => {
    player.seconds = SPEEDS[value].seconds;
    if (player.stop) start(player, player.seconds);
  });
  check("again and again", player.loop, (on) => (player.loop = on));
  if ("log" in looking) check("logarithmic axes", looking.log, (on) => look(player, { log: on }));
  return line;
}

function picture(player, quantity) {
  const figure = element("figure");
  const canvas = element("canvas", "", "", { role: "img" });
  const keys = element("div", "keys", "", { "aria-hidden": "true" });
  figure.append(element("figcaption"), canvas, keys);
  const each = { quantity, figure, canvas, keys, pen: canvas.getContext("2d"), kind: quantity.bins ? HILLS : CURVES };
  if (quantity.bins) {
    const pointed = (event) => hillAt(each.box, each.spec, event.clientY - canvas.getBoundingClientRect().top);
    canvas.addEventListener("pointermove", (event) => light(player, { curve: pointed(event)?.key, feature: String(pointed(event)?.feature) }));
    canvas.addEventListener("pointerleave", () => light(player, {}));
    return each;
  }
  drag(canvas, (event) => {
    const box = canvas.getBoundingClientRect();
    go(player, indexAt(each.box, event.clientX - box.left), true);
    const curve = curveAt(each.box, each.spec, player.index, event.clientY - box.top);
    if (curve) choose(player, { curve: curve.key, feature: curve.feature });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons) return;
    const box = canvas.getBoundingClientRect();
    const curve = curveAt(each.box, each.spec, indexAt(each.box, event.clientX - box.left), event.clientY - box.top);
    light(player, curve ? { curve: curve.key, feature: String(curve.feature) } : {});
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
    offer(`${title} (SVG)`, () => `${file}.svg`, () => new Blob([each.kind.svg(each.box, each.spec, player.theme ?? theme, title, player.index)], { type: "image/svg+xml" }));
    offer(`${title} (PNG)`, () => `${file}.png`, () => new Promise((done) => each.canvas.toBlob(done)));
  }
  return line;
}

// ---- drawing --------------------------------------------------------------------------------

function arrange(player) {
  const { data, arrays, root } = player;
  if (!arrays || !root.clientWidth) return;
  const steps = arrays[data.steps].values;
  player.route = way(steps, scaleOf(player), planned(player));
  player.theme = themeOf(player);
  const columns = root.clientWidth >= WIDE && player.pictures.length > 1 ? 2 : 1;
  player.figures.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  const width = Math.floor((root.clientWidth - (columns - 1) * 24) / columns);
  for (const each of player.pictures) {
    const height = width < 480 ? 240 : 290;
    each.spec = each.kind.spec(player, each.quantity, steps);
    each.box = each.kind.layout(width, height, each.spec);
    const density = Math.min(devicePixelRatio || 1, 2);
    Object.assign(each.canvas, { width: Math.round(width * density), height: Math.round(height * density) });
    Object.assign(each.canvas.style, { width: `${width}px`, height: `${height}px` });
    each.pen = each.canvas.getContext("2d");
    each.pen.scale(density, density);
    each.drawn = each.kind.still(each.box, each.spec, player.theme, density);
    each.figure.firstChild.textContent = each.spec.title;
    each.keys.replaceChildren(...legend(each, player.theme));
  }
  paintNames(player);
  refresh(player);
  refreshRows(player);
}

// The lines of a picture: each curve of the feature that is looked at, or of all features.
function specOf(player, quantity, steps) {
  const { data, arrays, looking } = player;
  const chosen = Math.min(looking.feature, data.features.length - 1);
  const [curves, levels] = [[], []];
  for (const feature of data.together ? data.features.keys() : [chosen]) {
    const over = quantity.over?.values[feature] > 0 ? quantity.over.values[feature] : 1;
    const own = data.together ? { label: data.features[feature], color: feature % player.theme.series.length, dash: OWN[feature % OWN.length] } : {};
    for (const curve of data.curves) {
      const theirs = curve.overs?.[quantity.key]?.values[feature] > 0 ? curve.overs[quantity.key].values[feature] : over;
      const drawn = (name) => {
        const values = arrays[name] && column(arrays[name], feature);
        return theirs === 1 || !values ? values : Float64Array.from(values, (value) => value / theirs);
      };
      const key = `${quantity.key}/${curve.key}`;
      if (arrays[key]) curves.push({ ...curve, ...own, ...(data.together && curve.run && { label: `${own.label}, ${curve.run}`, dash: "dot" }), feature, id: lineId(data, curve.key, feature), values: drawn(key), low: drawn(`${key}/low`), high: drawn(`${key}/high`) });
    }
    for (const level of quantity.levels) if (level.values[feature] !== null) levels.push({ ...level, ...(data.together && { label: "", color: own.color }), value: level.values[feature] / over });
  }
  const of = data.features.length > 1 && !data.together ? ` of ${data.features[chosen]}` : "";
  const over = quantity.over?.values[chosen] > 0 ? `, ${quantity.over.label}` : "";
  const held = data.together && quantity.levels.length ? ` (${quantity.levels.map((level) => `${level.dash === "dot" ? "dotted" : "dashed"}: ${level.label}`).join(", ")})` : "";
  const events = data.events.map((event) => ({ ...event, index: steps.indexOf(event.step) })).filter((event) => event.index >= 0);
  const span = quantity.span && quantity.span.map((ends, n) => (data.together ? (n ? Math.max(...ends) : Math.min(...ends)) : ends[chosen]));
  return { curves, levels, events, span, title: quantity.title + of + over + held, ticks: ticksOf(player, steps), unit: data.unit, secret: !data.plays && player.told !== data.src, log: (looking.log ?? true) && quantity.log, route: player.route, font: player.theme.font };
}

// How the steps stand on their way: as the visitor chose where that is asked, or as the recording says.
function scaleOf({ looking, data }) {
  return "log" in looking ? (looking.log ? "log" : "linear") : data.scale;
}

// The last step that a run will make, while it goes on.
function planned({ data }) {
  return data.live ? data.total : 0;
}

function ticksOf(player, steps) {
  const { route } = player;
  const [first, last] = [steps[0], Math.max(steps[route.last], planned(player))];
  const scale = scaleOf(player);
  if (scale === "each") return Array.from(steps, (step, index) => ({ text: step.toLocaleString("en"), place: route.place(index) }));
  const ticks = scale === "log" ? [{ value: first, text: String(first) }, ...logTicks(Math.max(1, first), Math.max(2, last))] : linearTicks(first, last);
  const placed = ticks.map(({ value, text }) => ({ text, place: route.of(value) }));
  return placed.filter((tick, i) => tick.place <= 1.001 && (!i || tick.place - placed[i - 1].place > 0.04 || scale !== "log"));
}

function lineId({ together }, curve, feature) {
  return together ? `${curve}/${feature}` : curve;
}

// The lines that have no name beside their end.
function legend({ spec, box }, theme) {
  if (spec.flat) return []; // hills have their names on them
  const curves = box.labelled && !spec.secret ? [] : spec.curves;
  return [...curves, ...(box.labelled ? [] : spec.levels)].filter((line) => line.label).map((line) => {
    const key = element("span", `key ${line.dash ?? ""}`, line.label);
    key.style.setProperty("--c", "color" in line ? theme.series[line.color] : theme.muted);
    return key;
  });
}

function refresh(player) {
  const { data, arrays, index, route } = player;
  if (!route) return;
  const step = arrays[data.steps].values[index];
  const last = arrays[data.steps].values[route.last];
  const lit = player.lit && lineId(data, player.lit.curve, player.lit.feature);
  for (const each of player.pictures) each.kind.draw(each.pen, each.box, each.spec, player.theme, each.drawn, index, lit);
  player.thumb.style.left = `${100 * route.place(index)}%`;
  const of = scaleOf(player) === "each" ? "" : ` of ${Math.max(last, planned(player)).toLocaleString("en")}`;
  player.where.textContent = `${data.unit} ${step.toLocaleString("en")}${of}`;
  fillTable(player.cells, index);
  const feature = Math.min(player.looking.feature, data.features.length - 1);
  player.formula.replaceChildren(
    ...formulasOf(player).map((formula) => element("div", "", arithmetic(formula, arrays, player.curve, feature, index))).filter((line) => line.textContent),
  );
  const said = reading(player, feature);
  const slider = { "aria-valuemin": arrays[data.steps].values[0], "aria-valuemax": last, "aria-valuenow": step, "aria-valuetext": `${player.where.textContent}. ${said}` };
  for (const [name, value] of Object.entries(slider)) player.slider.setAttribute(name, value);
  for (const each of player.pictures) each.canvas.setAttribute("aria-label", `${each.spec.title}. ${player.where.textContent}. ${said}`);
  markCells(player, feature);
}

// A kept run has its own keep, and so its own formulas.
function formulasOf({ data, curve }) {
  return data.curves.find((each) => each.key === curve)?.formulas ?? data.formulas;
}

function paintNames(player) {
  for (const name of player.root.querySelectorAll("th.curve")) name.style.setProperty("--c", player.theme.series[name.dataset.color % player.theme.series.length]);
}

// "Keras 3: moving variance 0.0402, moving mean 0.71"; every curve, where no arithmetic is of one.
function reading(player, feature) {
  const { data, arrays, index } = player;
  const read = data.curves.filter((curve) => !data.formulas.length || curve.key === player.curve).map((curve) => {
    const parts = tabled(data).quantities
      .filter((quantity) => arrays[`${quantity.key}/${curve.key}`])
      .map((quantity) => `${quantity.title.toLowerCase()} ${short(at(arrays[`${quantity.key}/${curve.key}`], index, feature), 4)}`);
    return `${data.together ? data.features[feature] : curve.label}: ${parts.join(", ")}`;
  });
  return read.join("; ");
}

function markCells(player, feature) {
  const chosen = player.data.features.length > 1 || player.data.formulas.length > 0; // else there is no other
  for (const { cell, curve, feature: column } of player.cells) {
    cell.classList.toggle("drawn", chosen && column === feature && curve === player.curve);
    cell.classList.toggle("lit", Boolean(player.lit) && curve === player.lit.curve && (player.lit.feature === undefined || column === Number(player.lit.feature)));
  }
}

function refreshRows(player) {
  if (!player.more?.open || !player.route) return;
  const feature = Math.min(player.looking.feature, player.data.features.length - 1);
  player.rows.replaceChildren(stepsTable(tabled(player.data), player.arrays, player.route, player.index, feature));
}

// ---- moving ---------------------------------------------------------------------------------

function go(player, index, byHand = false) {
  if (!player.route) return;
  if (byHand) halt(player);
  player.index = Math.max(0, Math.min(index, player.route.last));
  if (byHand) rested(player);
  if (byHand && player.data.live) {
    if (player.index < player.route.last) AWAY.set(player.data.src, player.index);
    else AWAY.delete(player.data.src);
  }
  refresh(player);
  if (!player.stop) refreshRows(player);
}

function move(player, by) {
  go(player, player.index + by, true);
}

function toggle(player) {
  if (player.stop) halt(player);
  else start(player, player.seconds);
}

function start(player, seconds) {
  halt(player);
  if (!player.route) return;
  if (player.index >= player.route.last) player.index = 0;
  player.stop = play({
    from: player.index,
    route: player.route,
    seconds,
    loop: () => player.loop,
    show: (index) => index !== player.index && go(player, index),
    ended: () => halt(player),
  });
  named(player.playing, "Pause", "pause");
}

function halt(player) {
  if (!player.stop) return;
  player.stop();
  player.stop = null;
  named(player.playing, "Play", "play");
  refreshRows(player);
  rested(player);
}

// A picture that stood at its first step has been moved, and is at rest: told once, not meanwhile.
function rested(player) {
  const { src, plays } = player.data;
  if (plays || player.told === src) return;
  clearTimeout(player.resting);
  player.resting = setTimeout(() => {
    if (player.stop || !player.index || player.data.src !== src || player.told === src) return;
    player.told = src;
    arrange(player);
    player.tell("moved", src);
  }, REST_MILLISECONDS);
}

function named(button, label, sign) {
  button.replaceChildren(icon(sign));
  button.setAttribute("aria-label", label);
  button.title = label;
}

function onKey(player, event) {
  if (event.altKey || event.ctrlKey || event.metaKey || /^(SELECT|INPUT)$/.test(event.target.tagName)) return;
  const far = event.shiftKey ? 10 : 1;
  const acts = {
    " ": () => (event.target.tagName === "BUTTON" ? false : toggle(player)),
    ArrowLeft: () => move(player, -far),
    ArrowDown: () => move(player, -far),
    ArrowRight: () => move(player, far),
    ArrowUp: () => move(player, far),
    Home: () => go(player, 0, true),
    End: () => go(player, Infinity, true),
    "+": () => faster(player, 1),
    "-": () => faster(player, -1),
  };
  if (acts[event.key] && acts[event.key]() !== false) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function faster(player, by) {
  const now = SPEEDS.findIndex((speed) => speed.seconds === player.seconds);
  const next = Math.max(0, Math.min(SPEEDS.length - 1, now + by));
  player.seconds = SPEEDS[next].seconds;
  player.speed.value = next;
  if (player.stop) start(player, player.seconds);
}

function drag(node, act) {
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    act(event);
  });
  node.addEventListener("pointermove", (event) => event.buttons && act(event));
}

// ---- looking --------------------------------------------------------------------------------

function light(player, { curve, feature }) {
  if (player.lit?.curve === curve && player.lit?.feature === feature) return;
  player.lit = curve ? { curve, feature } : null;
  refresh(player);
}

function choose(player, { curve, feature }) {
  if (!curve) return;
  player.curve = curve;
  if (player.chosen) player.chosen.value = curve;
  if (feature !== undefined && Number(feature) !== player.looking.feature) look(player, { feature: Number(feature) });
  else refresh(player);
}

// Drawn at once; the server is told for the page's link.
function look(player, change) {
  Object.assign(player.looking, change);
  if (player.feature) player.feature.value = player.looking.feature;
  arrange(player);
  player.tell("looking", { ...player.looking });
}

function themeOf(player) {
  const style = getComputedStyle(player.root);
  const ink = style.color;
  const [r, g, b] = ink.match(/[\d.]+/g).map(Number);
  const dark = (r + g + b) / 3 > 128;
  const { series, muted, line, alarm, background } = player.data.palettes[dark ? "dark" : "light"];
  player.root.style.setProperty("--muted", muted);
  player.root.style.setProperty("--line", line);
  return { ink, muted, line, alarm, background, series, font: style.fontFamily };
}
