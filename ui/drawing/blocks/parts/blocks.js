// What is pointed at lights its group in every block. Nothing is computed and nothing is sent.
const INSTANCES = new WeakMap();
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function mount(parent) {
  dress(parent.querySelector(".blocks"));
  const picture = {
    root: parent.querySelector(".blocks"),
    said: parent.querySelector(".said"),
    hovered: null,
    focused: null,
    views: [],
  };
  const at = (event) => event.target.closest?.(".cell")?.dataset.at;
  const on = (type, handler) => picture.root.addEventListener(type, handler);
  on("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    picture.hovered = at(event) ?? null;
    light(picture);
  });
  on("pointerleave", () => {
    picture.hovered = null;
    light(picture);
  });
  on("focusin", (event) => {
    picture.focused = at(event) ?? null;
    light(picture);
  });
  on("focusout", () => {
    picture.focused = null;
    light(picture);
  });
  on("keydown", (event) => move(picture, event));
  return picture;
}

function paint(picture, data) {
  const held = picture.focused;
  const block = picture.root.getRootNode().activeElement?.closest?.(".block")?.dataset.block;
  picture.data = data;
  picture.views = data.blocks.map((spec) => build(data, spec));
  picture.root.replaceChildren(...picture.views.map((view) => view.node));
  if (held !== null) picture.views.find((view) => view.spec.id === block)?.cells[held]?.focus();
  light(picture);
}

function build(data, spec) {
  const node = element("section", "block");
  node.dataset.block = spec.id;
  node.append(element("h3", "", spec.title), element("p", "summary", spec.summary));
  const view = { spec, node, cells: [] };
  if (spec.problem) node.append(element("p", "problem", spec.problem));
  else node.append(table(data, spec, view));
  if (spec.code) node.append(element("code", "", spec.code));
  view.reading = node.appendChild(element("p", "reading"));
  return view;
}

// A table of height and width for every sample (downwards) and every channel (to the right).
function table(data, spec, view) {
  const [samples, channels, rows, columns] = data.size;
  const grid = element("div", "cells");
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-readonly", "true");
  grid.setAttribute("aria-label", `${spec.title}: samples downwards, channels to the right`);
  const one = [...new Array(columns).fill("minmax(0, 1.9rem)"), "5px"].join(" ");
  grid.style.gridTemplateColumns = `max-content ${new Array(channels).fill(one).join(" ")}`;
  grid.append(heads(channels, columns));
  for (let n = 0; n < samples; n += 1) {
    for (let r = 0; r < rows; r += 1) {
      const row = grid.appendChild(element("div", "row"));
      row.setAttribute("role", "row");
      if (r === 0) row.append(head("rowheader", `N ${n}`, `${2 + n * (rows + 1)} / span ${rows}`, "1"));
      for (let c = 0; c < channels; c += 1) {
        for (let w = 0; w < columns; w += 1) {
          const at = ((n * channels + c) * rows + r) * columns + w;
          const made = row.appendChild(cell(data, spec, at));
          made.style.gridArea = `${2 + n * (rows + 1) + r} / ${2 + c * (columns + 1) + w}`;
          view.cells[at] = made;
        }
      }
    }
    if (n < samples - 1) {
      const gap = grid.appendChild(element("div", "gap"));
      gap.style.gridArea = `${1 + (n + 1) * (rows + 1)} / 1`;
    }
  }
  view.cells[0].tabIndex = 0;
  return grid;
}

function heads(channels, columns) {
  const row = element("div", "row");
  row.setAttribute("role", "row");
  for (let c = 0; c < channels; c += 1) {
    row.append(head("columnheader", `C ${c}`, "1", `${2 + c * (columns + 1)} / span ${columns}`));
  }
  return row;
}

function head(role, text, row, column) {
  const made = element("div", "head", text);
  made.setAttribute("role", role);
  made.style.gridRow = row;
  made.style.gridColumn = column;
  return made;
}

function cell(data, spec, at) {
  const [label] = spec.of[spec.groups[at]];
  const made = element("div", `cell g${spec.groups[at] % 8}`, label);
  made.dataset.at = at;
  made.tabIndex = -1;
  made.setAttribute("role", "gridcell");
  made.setAttribute("aria-label", `${data.names[at]} = ${data.values[at]}, group ${label}`);
  return made;
}

function light(picture) {
  const at = picture.hovered ?? picture.focused;
  const counts = [];
  for (const view of picture.views) {
    if (view.spec.problem) continue;
    const { groups, title } = view.spec;
    view.node.classList.toggle("pointed", at !== null);
    view.cells.forEach((each, other) => {
      each.classList.toggle("lit", at !== null && groups[other] === groups[at]);
      each.classList.toggle("itself", String(other) === at);
    });
    view.reading.textContent = at === null ? "" : reading(picture.data, view.spec, at);
    if (at !== null) counts.push(`${cells(view.spec.of[groups[at]][3])} in ${title.toLowerCase()}`);
  }
  picture.said.textContent = at === null ? START : sentence(picture.data, at, counts);
}

const START = "Point at a cell, or go there with the arrow keys: its group lights up in every norm. Cells of one letter and colour share one mean.";

function sentence(data, at, counts) {
  return minus(`${data.names[at]} = ${data.values[at]}: its mean is taken over ${counts.join(", ")}.`);
}

function cells(count) {
  return count === 1 ? "1 cell" : `${count} cells`;
}

function reading(data, spec, at) {
  const [label, mean, variance, count] = spec.of[spec.groups[at]];
  const formula = `x\u0302 = (${data.values[at]} \u2212 ${mean}) / \u221a(${variance} + ${data.epsilon}) = ${spec.x_hat[at]}`;
  return minus(`${label}: mean of ${cells(count)} = ${mean}; ${formula}`);
}

function minus(text) {
  return text.replace(/(^|[ (])-(?=\d)/g, "$1\u2212");
}

function move(picture, event) {
  if (event.key === "Escape") {
    event.target.blur();
    return;
  }
  const step = MOVES[event.key];
  const from = event.target.dataset.at;
  if (!step || from === undefined) return;
  event.preventDefault();
  const to = neighbour(picture.data.size, Number(from), step);
  const view = picture.views.find((each) => each.node.contains(event.target));
  if (to === null) return;
  for (const each of view.cells) each.tabIndex = -1;
  view.cells[to].tabIndex = 0;
  view.cells[to].focus();
}

// The cell beside or below, across the tables.
function neighbour([samples, channels, rows, columns], at, [down, right]) {
  const table = Math.floor(at / (rows * columns));
  const row = Math.floor(table / channels) * rows + Math.floor((at % (rows * columns)) / columns) + down;
  const column = (table % channels) * columns + (at % columns) + right;
  if (row < 0 || row >= samples * rows || column < 0 || column >= channels * columns) return null;
  const there = Math.floor(row / rows) * channels + Math.floor(column / columns);
  return (there * rows + (row % rows)) * columns + (column % columns);
}

export default function ({ data, parentElement }) {
  let picture = INSTANCES.get(parentElement);
  if (!picture || !parentElement.contains(picture.root)) {
    picture = mount(parentElement);
    INSTANCES.set(parentElement, picture);
  }
  paint(picture, data);
}
