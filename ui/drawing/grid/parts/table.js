// A panel: built once per structure, then repainted in place, cell by cell, so that focus, scroll
// position and an open editor survive every message from the server.
const STRUCTURE = ["symbol", "shape", "box", "axes", "table", "vertical", "role", "editable"];

function signature(spec) {
  return JSON.stringify(STRUCTURE.map((name) => spec[name]));
}

function buildPanel(grid, spec) {
  const view = { id: spec.id, grid, spec, signature: signature(spec), cells: [], inOrder: [], tables: [] };
  view.byIndex = new Map();
  view.node = element("section", `panel ${spec.role}${spec.editable ? " editable" : ""}`);
  view.node.dataset.panel = spec.id;
  view.title = view.node.appendChild(element("h4"));
  view.subtitle = view.node.appendChild(element("p", "subtitle"));
  const scroll = view.node.appendChild(element("div", "scroll"));
  buildSlices(grid, view, scroll);
  view.node.classList.toggle("sliced", view.tables.length > 1);
  view.note = view.node.appendChild(element("p", "note"));
  view.problems = view.node.appendChild(element("div", "problems")); // below: nothing jumps
  view.problems.setAttribute("role", "alert");
  if (view.cells.length) view.cells[0].td.tabIndex = 0;
  return view;
}

// Slices wrap; those of one outermost index stay together.
function buildSlices(grid, view, parent) {
  const { box, table } = view.spec;
  const outer = box.map((_, axis) => axis).filter((axis) => !(table ?? [0]).includes(axis));
  let row = null;
  for (const prefix of indices(outer.map((axis) => box[axis]))) {
    const index = new Array(box.length).fill(0);
    outer.forEach((axis, i) => (index[axis] = prefix[i]));
    const starts = outer.length < 2 ? row === null : prefix.slice(1).every((i) => i === 0);
    if (starts) row = parent.appendChild(element("div", "slices"));
    row.appendChild(buildTable(grid, view, index, outer.length > 0));
  }
}

function* indices(sizes) {
  const total = sizes.reduce((product, size) => product * size, 1);
  for (let flat = 0; flat < total; flat += 1) {
    const index = [];
    let rest = flat;
    for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
      index[axis] = rest % sizes[axis];
      rest = Math.floor(rest / sizes[axis]);
    }
    yield index;
  }
}

function flatIndex(index, box) {
  return index.reduce((flat, i, axis) => flat * box[axis] + i, 0);
}

function tableAxes(spec) {
  if (spec.table) return spec.table;
  if (spec.box.length === 0) return [null, null];
  return spec.vertical ? [0, null] : [null, 0];
}

function buildTable(grid, view, start, captioned) {
  const { spec } = view;
  const [rowAxis, columnAxis] = tableAxes(spec);
  const size = (axis) => (axis === null ? 1 : spec.box[axis]);
  const name = cellName(spec.symbol, start.map((i, axis) => (spec.table?.includes(axis) ? ":" : i)));
  const table = element("table");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-readonly", String(!spec.editable));
  if (captioned) table.appendChild(element("caption", "", name));
  if (columnAxis !== null) table.appendChild(headRow(spec, rowAxis, columnAxis));
  const body = table.appendChild(element("tbody"));
  const rows = [];
  for (let r = 0; r < size(rowAxis); r += 1) {
    const tr = body.appendChild(element("tr"));
    if (rowAxis !== null) tr.appendChild(header(r, "row"));
    rows.push([]);
    for (let c = 0; c < size(columnAxis); c += 1) {
      const index = start.slice();
      if (rowAxis !== null) index[rowAxis] = r;
      if (columnAxis !== null) index[columnAxis] = c;
      const cell = buildCell(grid, view, index);
      Object.assign(cell, { row: r, column: c, table: view.tables.length });
      rows[r].push(cell);
      tr.appendChild(cell.td);
    }
  }
  view.tables.push({ view, node: table, rows, name: captioned ? name : "" });
  return table;
}

function headRow(spec, rowAxis, columnAxis) {
  const head = element("thead");
  const tr = head.appendChild(element("tr"));
  if (rowAxis !== null) {
    const corner = tr.appendChild(element("td", "corner"));
    corner.appendChild(element("span", "", `${spec.axes[rowAxis]} \u2193`));
    corner.appendChild(element("span", "", `${spec.axes[columnAxis]} \u2192`));
  }
  for (let c = 0; c < spec.box[columnAxis]; c += 1) tr.appendChild(header(c, "col"));
  return head;
}

function header(index, scope) {
  const th = element("th", "", String(index));
  th.scope = scope;
  th.place = index;
  return th;
}

function buildCell(grid, view, index) {
  const td = element("td", "cell");
  const label = document.createTextNode("");
  td.appendChild(label);
  td.tabIndex = -1;
  td.setAttribute("role", "gridcell");
  const cell = { td, label, view, grid, index, name: cellName(view.spec.symbol, index) };
  cell.flat = flatIndex(index, view.spec.box);
  td.cell = cell;
  view.cells.push(cell); // as they stand, slice by slice; and as their values come
  view.inOrder[cell.flat] = cell;
  view.byIndex.set(index.join(), cell);
  return cell;
}

function paintPanel(view, spec, groups) {
  view.spec = spec;
  setText(view.title, spec.title);
  setText(view.subtitle, spec.subtitle);
  setText(view.note, spec.note);
  for (const table of view.tables) {
    const label = [spec.title, table.name].filter(Boolean).join(" ");
    if (table.node.getAttribute("aria-label") !== label) table.node.setAttribute("aria-label", label);
  }
  const known = groups[spec.link] ?? {};
  const longest = Math.max(1, ...Object.values(known).map(([label]) => label.length));
  view.node.style.setProperty("--label", longest);
  for (const cell of view.cells) {
    paintCell(cell, spec, known);
    mark(cell, "moved", false);
  }
  // Slices stand in columns: their cells are equally wide.
  const width = view.tables.length < 2 ? 0 : Math.max(...view.cells.map((cell) => cell.label.length));
  view.node.style.setProperty("--width", width);
}

function paintCell(cell, spec, known) {
  const group = spec.groups ? spec.groups[cell.flat] : -1;
  cell.value = spec.values[cell.flat];
  cell.group = group;
  cell.groupLabel = known[group]?.[0] ?? "";
  cell.count = known[group]?.[1] ?? 0;
  const { problem, pending } = cell;
  const typed = pending ?? problem?.text;
  const text = typed === undefined ? shownNumber(cell.value, spec.style, spec.digits) : typed || "empty";
  const kind = problem && pending === undefined ? " refused" : pending === undefined ? "" : " pending";
  const odd = typeof cell.value === "string" && typed === undefined ? " odd" : "";
  const color = group >= 0 ? ` g${group % 8}` : "";
  const base = `cell${color}${kind}${odd}`;
  if (cell.label.data !== text) cell.label.data = text;
  if (cell.base !== base) {
    cell.base = base;
    cell.td.className = base + cellMarks(cell);
  }
  if (cell.td.dataset.g !== cell.groupLabel) cell.td.dataset.g = cell.groupLabel;
  paintLabel(cell, problem, text);
}

function paintLabel(cell, problem, text) {
  const said = problem ? `refused: ${text}. ${problem.message}` : exactNumber(cell.value);
  const group = cell.groupLabel ? `, group ${cell.groupLabel}` : "";
  const label = `${cell.name} = ${said}${group}`;
  if (cell.said === label) return;
  cell.said = label;
  cell.td.setAttribute("aria-label", label);
  if (problem) cell.td.setAttribute("aria-invalid", "true");
  else cell.td.removeAttribute("aria-invalid");
}

const MARKS = ["lit", "twin", "from", "onto", "held", "moved", "selected"];

function cellMarks(cell) {
  return MARKS.filter((name) => cell[name]).map((name) => ` ${name}`).join("");
}

function mark(cell, name, on) {
  if (Boolean(cell[name]) === on) return;
  cell[name] = on;
  cell.td.classList.toggle(name, on);
}
