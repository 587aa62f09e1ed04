// One instance per place on the page; Streamlit calls the default export for every new picture.
const INSTANCES = new WeakMap();

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

function mount(parent) {
  const root = parent.querySelector(".grid");
  const scope = root.getRootNode();
  if (!scope.adoptedStyleSheets.includes(sheet)) scope.adoptedStyleSheets.push(sheet);
  const tip = parent.querySelector(".tip");
  const said = parent.querySelector(".said");
  const lines = parent.querySelector(".lines");
  const sender = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
  const grid = { root, tip, lines, said, sender, number: 0, events: [], views: new Map() };
  grid.hovered = grid.focused = grid.editing = grid.drag = null;
  const on = (type, handler) => root.addEventListener(type, (event) => handler(grid, event));
  on("pointerover", onHover);
  on("pointerleave", onLeave);
  on("pointerdown", skipSwings);
  on("pointerdown", onPointerDown);
  on("pointerdown", onDragStart);
  on("pointermove", onDragMove);
  on("pointerup", onDragEnd);
  on("pointercancel", onDragEnd);
  on("selectstart", (_, event) => grid.drag && event.preventDefault());
  on("focusin", onFocusIn);
  on("focusout", onFocusOut);
  on("click", onClick);
  on("keydown", onKey);
  on("paste", onPaste);
  on("copy", onCopy);
  for (const type of ["keyup", "keypress"]) on(type, (_, event) => grid.editing && event.stopPropagation());
  GRIDS.add(grid);
  return grid;
}

function unmount(grid) {
  GRIDS.delete(grid);
  if (held?.grid === grid) held = null;
  clearCell();
}

function paint(grid, data) {
  grid.data = data;
  acknowledge(grid, data.ack);
  const dark = isDark(grid.root);
  for (const node of [grid.root, grid.tip, grid.lines, grid.said]) node.classList.toggle("dark", dark);
  arrangePanels(grid, data.panels);
  placeProblems(grid, data.problems);
  for (const spec of data.panels) paintPanel(grid.views.get(spec.id), spec, data.groups);
  for (const view of grid.views.values()) standBracket(view);
  showStage(grid);
  refreshLight(grid);
}

// Panels of the same structure stay; a rebuilt one takes over the focus of the one it replaces.
function arrangePanels(grid, specs) {
  const before = grid.views;
  const { focused } = grid;
  grid.views = new Map();
  specs.forEach((spec, i) => {
    let view = before.get(spec.id);
    if (view?.signature !== signature(spec)) {
      const old = view;
      view = buildPanel(grid, spec);
      old?.node.replaceWith(view.node);
    }
    grid.views.set(spec.id, view);
    if (grid.root.children[i] !== view.node) grid.root.insertBefore(view.node, grid.root.children[i] ?? null);
  });
  while (grid.root.children.length > specs.length) grid.root.lastChild.remove();
  const heir = (cell) => grid.views.get(cell.view.id)?.byIndex.get(cell.index.join());
  if (held?.grid === grid && !held.td.isConnected) {
    held = heir(held) ?? null;
    if (held) mark(held, "held", true);
  }
  if (focused && !focused.td.isConnected) {
    grid.focused = grid.hovered = grid.editing = null;
    clearCell();
    if (heir(focused)) focusCell(heir(focused));
  }
}

function placeProblems(grid, problems) {
  for (const view of grid.views.values()) {
    for (const cell of view.cells) delete cell.problem;
    const mine = problems.filter(([id]) => id === view.id);
    for (const [, index, kind, text, message] of mine) {
      const cell = view.byIndex.get(index.join());
      if (cell && kind === "edit") cell.problem = { text, message };
    }
    listProblems(grid, view, mine);
  }
}

function listProblems(grid, view, problems) {
  const now = JSON.stringify(problems);
  if (view.listed === now) return;
  view.listed = now;
  view.problems.replaceChildren(
    ...problems.map(([, index, kind, text, message]) => {
      const cell = view.byIndex.get(index.join());
      const where = cellName(view.spec.symbol, index);
      const row = element("div", "problem", `${where}: ${message}`);
      if (kind === "paste" && cell) row.append(pasteAgain(grid, cell, text));
      return row;
    }),
  );
}

// A refused paste stays where it can be put right.
function pasteAgain(grid, cell, text) {
  const form = element("div", "again");
  const area = form.appendChild(element("textarea"));
  area.value = text;
  area.rows = 3;
  area.setAttribute("aria-label", `Pasted at ${cell.name}`);
  area.addEventListener("keydown", (event) => event.stopPropagation());
  const button = (label, act) => {
    const made = form.appendChild(element("button", "", label));
    made.type = "button";
    made.addEventListener("click", act);
  };
  button("Paste again", () => send(grid, "paste", cell, area.value));
  button("Discard", () => send(grid, "dismiss", cell, ""));
  return form;
}

function markSelected(grid, selected) {
  const cell = selected ? grid.views.get(selected[0])?.byIndex.get(selected[1].join()) : null;
  for (const view of grid.views.values()) {
    for (const each of view.cells) mark(each, "selected", each === cell);
  }
}

function isDark(node) {
  const color = getComputedStyle(node).getPropertyValue("--st-background-color").trim();
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = color || "#fff";
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(probe.fillStyle.slice(at, at + 2), 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

export default function ({ data, parentElement, setStateValue }) {
  let grid = INSTANCES.get(parentElement);
  if (!grid || !parentElement.contains(grid.root)) {
    if (grid) unmount(grid);
    grid = mount(parentElement);
    INSTANCES.set(parentElement, grid);
  }
  grid.setStateValue = setStateValue;
  paint(grid, data);
  return () => unmount(grid);
}
