// Drawing: the pictures as they fit the page, and everything that a step changes.
import { tabled } from "./build.js";
import { way } from "./clock.js";
import { themeOf } from "./moves.js";
import { OWN, arithmetic, element, fillTable, stepsTable, swatch } from "./readings.js";
import { at, column, short } from "./record.js";
import { linearTicks, logTicks } from "./scale.js";

const WIDE = 900;

export function arrange(player) {
  const { data, arrays, root } = player;
  if (!arrays || !root.clientWidth) return;
  root.classList.toggle("secret", secret(player));
  const steps = arrays[data.steps].values;
  player.route = way(steps, scaleOf(player), planned(player));
  player.theme = themeOf(player);
  const columns = root.clientWidth >= WIDE && player.pictures.length > 1 ? 2 : 1;
  player.figures.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  const width = Math.floor((root.clientWidth - (columns - 1) * 24) / columns);
  for (const each of player.pictures) {
    const wide = each.kind.wide ? root.clientWidth : width;
    each.spec = each.kind.spec(player, each.quantity, steps);
    each.box = each.kind.layout(wide, wide < 480 ? 240 : 290, each.spec);
    const { height } = each.box;
    const density = Math.min(devicePixelRatio || 1, 2);
    Object.assign(each.canvas, { width: Math.round(wide * density), height: Math.round(height * density) });
    Object.assign(each.canvas.style, { width: `${wide}px`, height: `${height}px` });
    each.pen = each.canvas.getContext("2d");
    each.pen.scale(density, density);
    each.drawn = each.kind.still(each.box, each.spec, player.theme, density);
    each.figure.firstChild.textContent = each.spec.title;
    each.keys.replaceChildren(...each.kind.legend(each, player.theme));
  }
  paintNames(player);
  refresh(player);
  refreshRows(player);
}

// What has a picture of its own: first the scenes.
export function pictured({ scenes, quantities }) {
  return [...scenes, ...quantities];
}

// The lines of a picture: each curve of the feature that is looked at, or of all features.
export function specOf(player, quantity, steps) {
  const { data, arrays, looking } = player;
  const chosen = Math.min(looking.feature, data.features.length - 1);
  const [curves, levels] = [[], []];
  const pale = (curve) => data.curves.some(({ key }) => key === looking.curve) && (curve.of ?? curve.key) !== looking.curve;
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
      if (arrays[key] && !hidden(player, curve)) curves.push({ ...curve, ...own, lost: quantity.lost, pale: pale(curve), ...(data.together && curve.run && { label: `${own.label}, ${curve.run}`, dash: curve.dash }), feature, id: lineId(data, curve.key, feature), values: drawn(key), low: drawn(`${key}/low`), high: drawn(`${key}/high`) });
    }
    for (const level of quantity.levels) if (level.values[feature] !== null && !hidden(player, level)) levels.push({ ...level, ...(data.together && { label: "", color: own.color }), value: level.values[feature] / over });
  }
  const of = data.features.length > 1 && !data.together ? ` of ${data.features[chosen]}` : "";
  const over = quantity.over?.values[chosen] > 0 ? `, ${quantity.over.label}` : "";
  const held = data.together && quantity.levels.length ? ` (${quantity.levels.map((level) => `${level.dash === "dot" ? "dotted" : "dashed"}: ${level.label}`).join(", ")})` : "";
  const events = data.events.map((event) => ({ ...event, index: steps.indexOf(event.step) })).filter((event) => event.index >= 0);
  const whole = !data.curves.some((curve) => hidden(player, curve)); // else the axis would tell of it
  const span = whole && quantity.span && quantity.span.map((ends, n) => (data.together ? (n ? Math.max(...ends) : Math.min(...ends)) : ends[chosen]));
  return { curves, levels, events, span, title: quantity.title + of + over + held, ticks: ticksOf(player, steps), unit: data.unit, secret: secret(player), log: (looking.log ?? true) && quantity.log, route: player.route, font: player.theme.font };
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
export function legend({ spec, box }, theme) {
  const curves = box.labelled && !spec.secret ? [] : spec.curves;
  return [...curves, ...(box.labelled ? [] : spec.levels)].filter((line) => line.label).map((line) => {
    const key = element("span", "key");
    key.append(swatch(line.dash ?? "dash"), line.label);
    key.classList.toggle("pale", Boolean(line.pale));
    key.style.setProperty("--c", "color" in line ? theme.series[line.color] : theme.muted);
    return key;
  });
}

export function refresh(player) {
  const { data, arrays, index, route } = player;
  if (!route) return;
  const step = arrays[data.steps].values[index];
  const last = arrays[data.steps].values[route.last];
  const lit = (line) => lights(player, line.key, line.feature);
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
  for (const each of player.pictures) {
    const own = each.kind.say?.(each.spec, index);
    if (own !== undefined) each.said.textContent = own;
    each.canvas.setAttribute("aria-label", `${each.spec.title}. ${player.where.textContent}. ${own ?? said}`);
  }
  markCells(player, feature);
}

// Whether what is pointed at, here or in a grid, is this curve or this feature of it. A picture with
// one line for each curve lights it for all of its features.
function lights({ lit, data }, curve, feature, each = data.together) {
  if (!lit || (lit.curve !== undefined && lit.curve !== curve)) return false;
  return lit.feature === undefined || lit.feature === feature || (!each && lit.curve !== undefined);
}

// Before the picture has moved, what is still to come is a secret.
export function secret({ data, told }) {
  return data.secret && told !== data.src;
}

// It would answer the prediction.
function hidden(player, { late }) {
  return Boolean(late) && secret(player);
}

// A pinned run has its own keep, and so its own formulas.
function formulasOf({ data, curve }) {
  return data.curves.find((each) => each.key === curve)?.formulas ?? data.formulas;
}

function paintNames(player) {
  for (const name of player.root.querySelectorAll("th.curve")) name.style.setProperty("--c", player.theme.series[name.dataset.color % player.theme.series.length]);
}

// "Keras 3: moving variance 0.0402, moving mean 0.71"; every curve, where no arithmetic is of one.
function reading(player, feature) {
  const { data, arrays, index } = player;
  const told = data.curves.filter((curve) => !hidden(player, curve));
  const read = told.filter((curve) => !data.formulas.length || curve.key === player.curve).map((curve) => {
    const parts = tabled(data).quantities
      .filter((quantity) => arrays[`${quantity.key}/${curve.key}`])
      .map((quantity) => `${quantity.title.toLowerCase()} ${short(at(arrays[`${quantity.key}/${curve.key}`], index, feature), 4)}`);
    return `${data.together ? data.features[feature] : curve.label}: ${parts.join(", ")}`;
  });
  return read.join("; ");
}

function markCells(player, feature) {
  const chosen = player.data.features.length > 1 || player.data.formulas.length > 0; // else there is no other
  const lit = player.lit ?? (player.looking.curve ? { curve: player.looking.curve } : null);
  for (const { cell, curve, feature: column } of player.cells) {
    cell.classList.toggle("drawn", chosen && column === feature && curve === player.curve);
    cell.classList.toggle("lit", lights({ ...player, lit }, curve, column, true));
  }
}

export function refreshRows(player) {
  if (!player.more?.open || !player.route) return;
  const feature = Math.min(player.looking.feature, player.data.features.length - 1);
  player.rows.replaceChildren(stepsTable(tabled(player.data), player.arrays, player.route, player.index, feature));
}
