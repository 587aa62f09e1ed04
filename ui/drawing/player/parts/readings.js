// What stands in words and numbers beside the pictures: the statistics at this step, and how they came.
import { DASHES } from "./picture.js";
import { at, exact, short } from "./record.js";

export const OWN = ["solid", "dash", "dashdot", "long"]; // dashes of features that are drawn together

// A piece of a line as it is drawn, in the colour --c.
export function swatch(dash) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  for (const [name, value] of Object.entries({ class: "swatch", width: 30, height: 6, "aria-hidden": "true" })) picture.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: 0, x2: 30, y1: 3, y2: 3, "stroke-dasharray": (DASHES[dash] ?? []).join(" ") })) line.setAttribute(name, value);
  picture.append(line);
  return picture;
}

export function element(tag, name = "", text = "", attributes = {}) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

// A row for each statistic of each curve, a column for each feature; cells tell where they belong.
// Where there is one feature of several curves, the statistics stand beside each other.
export function buildTable(spec, arrays) {
  const table = element("table", "now");
  const head = element("tr");
  head.append(element("th", "corner", `at this ${spec.unit}`, { scope: "col" }));
  const cells = [];
  const fill = (row, quantity, curve, feature) => {
    const key = `${quantity.key}/${curve.key}`;
    const cell = row.insertCell();
    if (!arrays[key]) return;
    cell.tabIndex = -1;
    cell.dataset.curve = curve.key;
    cell.dataset.feature = feature;
    cells.push({ cell, array: arrays[key], low: arrays[`${key}/low`], high: arrays[`${key}/high`], curve: curve.key, feature });
  };
  if (spec.features.length === 1 && spec.curves.length > 1) {
    spec.quantities.forEach((quantity) => head.append(element("th", "", quantity.title, { scope: "col" })));
    table.createTHead().append(head);
    const body = table.createTBody();
    for (const curve of spec.curves) {
      const row = namedRow(body, spec, curve);
      spec.quantities.forEach((quantity) => fill(row, quantity, curve, 0));
    }
    return { table, cells };
  }
  spec.features.forEach((name, i) => {
    const cell = element("th", spec.together ? "curve" : "", "", { scope: "col" });
    cell.append(...(spec.together ? [swatch(OWN[i % OWN.length])] : []), name);
    cell.dataset.color = i;
    head.append(cell);
  });
  table.createTHead().append(head);
  const body = table.createTBody();
  for (const quantity of spec.quantities) {
    const title = body.insertRow();
    title.append(element("th", "of", quantity.title, { scope: "rowgroup", colspan: spec.features.length + 1 }));
    for (const level of quantity.levels) {
      const row = body.insertRow();
      row.classList.toggle("late", Boolean(level.late));
      row.append(element("th", "level", level.label, { scope: "row" }));
      for (const value of level.values) row.append(element("td", "level", value === null ? "–" : short(value, 6)));
    }
    for (const curve of spec.curves) {
      if (!arrays[`${quantity.key}/${curve.key}`]) continue;
      const row = namedRow(body, spec, curve);
      spec.features.forEach((_, feature) => fill(row, quantity, curve, feature));
    }
  }
  return { table, cells };
}

function namedRow(body, spec, curve) {
  const row = body.insertRow();
  row.classList.toggle("late", Boolean(curve.late));
  const name = element("th", spec.together ? "level" : "curve", "", { scope: "row" });
  name.append(...(spec.together ? [] : [swatch(curve.dash)]), curve.label);
  name.dataset.color = curve.color;
  row.append(name);
  return row;
}

export function fillTable(cells, index) {
  for (const { cell, array, low, high, feature } of cells) {
    const value = at(array, index, feature);
    cell.textContent = low ? ranged(value, at(low, index, feature), at(high, index, feature)) : short(value, 6);
    cell.title = exact(value, array.single);
    cell.classList.toggle("lost", !low && !Number.isFinite(value));
  }
}

// "0.914 (0.880 to 0.940)": what is averaged reaches from the least to the largest.
function ranged(value, low, high) {
  return Number.isFinite(value) ? `${short(value, 3)} (${short(low, 3)} to ${short(high, 3)})` : "–";
}

function plain(value) {
  return String(Number(value.toPrecision(7)));
}

// keep · before + (1 − keep) · new, with this step's numbers and what the layer really holds.
export function arithmetic(formula, arrays, curve, feature, index) {
  const held = arrays[`${formula.of}/${curve}`];
  const taken = arrays[`${formula.from}/${curve}`];
  if (!held || !taken) return "";
  if (formula.keep === null) return scaled(formula, at(taken, index, feature), at(held, index, feature), index);
  if (index === 0) return `${formula.name} starts at ${short(at(held, 0, feature), 7)}`;
  const before = at(held, index - 1, feature);
  const value = at(taken, index, feature);
  const { keep } = formula;
  const made = keep * before + (1 - keep) * value;
  return (
    `${formula.name} = ${plain(keep)} · ${short(before, 7)} + ${plain(1 - keep)} · ${short(value, 7)}` +
    ` = ${short(made, 7)}   (the layer holds ${exact(at(held, index, feature), held.single)})`
  );
}

// What is made of a number before it is taken over; nothing to say where it stays as it is.
function scaled(formula, before, made, index) {
  if (index === 0 || before === made || !before) return "";
  return `${formula.name} = ${short(before, 7)} · ${plain(made / before)} = ${short(made, 7)}`;
}

// Every recorded number of the pictures, a row a step.
export function asCsv(spec, arrays) {
  const steps = arrays[spec.steps].values;
  const columns = [];
  for (const quantity of spec.quantities) {
    for (const curve of spec.curves) {
      const array = arrays[`${quantity.key}/${curve.key}`];
      const bins = quantity.bins && array ? array.shape[2] : 1;
      for (let n = 0; array && n < array.row; n++) {
        const bin = bins > 1 ? ` bin ${(n % bins) + 1}` : "";
        columns.push([`${curve.key} ${quantity.key} ${spec.features[Math.floor(n / bins)]}${bin}`, array, n]);
      }
    }
  }
  const lines = [[spec.unit, ...columns.map(([name]) => name)].join(",")];
  for (let t = 0; t < steps.length; t++) {
    lines.push([steps[t], ...columns.map(([, array, feature]) => asProgramsRead(exact(at(array, t, feature), array.single)))].join(","));
  }
  return lines.join("\n") + "\n";
}

function asProgramsRead(text) {
  return text.replace("\u2212", "-").replace("\u221e", "inf");
}

// What else a scene shows: its head, and a row for each thing at each step.
export function tableCsv(rows) {
  const cell = (value) => (/[",]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

// For who reads a table rather than a picture: the step that is looked at, and steps from all the way.
export function stepsTable(spec, arrays, route, index, chosen) {
  const steps = arrays[spec.steps].values;
  const shown = new Set([index]);
  for (let n = 0; n <= 20; n++) shown.add(route.index(n / 20));
  const table = element("table", "steps");
  const head = table.createTHead().insertRow();
  const features = spec.together ? [...spec.features.keys()] : [chosen];
  const columns = spec.quantities.flatMap((quantity) =>
    spec.curves.flatMap((curve) => features.map((feature) => {
      const name = spec.together ? spec.features[feature] : curve.label;
      return [`${name}: ${quantity.title.toLowerCase()}`, arrays[`${quantity.key}/${curve.key}`], feature];
    })),
  ).filter(([, array]) => array);
  head.append(...[spec.unit, ...columns.map(([name]) => name)].map((name) => element("th", "", name, { scope: "col" })));
  const body = table.createTBody();
  for (const t of [...shown].sort((a, b) => a - b)) {
    const row = body.insertRow();
    row.classList.toggle("lit", t === index);
    row.append(element("th", "", steps[t].toLocaleString("en"), { scope: "row" }));
    for (const [, array, feature] of columns) row.append(element("td", "", exact(at(array, t, feature), array.single)));
  }
  return table;
}
