// A number that can be changed can be dragged up and down, and a row or column by its header. All
// that follows is worked out here by the panels' formulas while the pointer moves; the engine is
// asked once, when it is let go.
const PIXELS = 4; // for a step; less is a click

function onDragStart(grid, event) {
  const cells = event.button || grid.editing ? null : graspable(grid, event);
  grid.drag = cells && { cells, y: event.clientY, pointer: event.pointerId, steps: 0, before: null };
}

// A finger scrolls over cells; it drags by headers.
function graspable(grid, { target, pointerType }) {
  const cell = target.closest?.("td.cell")?.cell;
  if (cell) return pointerType !== "touch" && steady([cell]) ? [cell] : null;
  const head = target.closest?.("th");
  const table = head && tablesOf(grid).find(({ node }) => node === head.closest("table"));
  if (!table) return null;
  const cells = head.scope === "row" ? table.rows[head.place] : table.rows.map((row) => row[head.place]);
  return steady(cells) ? cells : null;
}

function tablesOf(grid) {
  return [...grid.views.values()].flatMap((view) => view.tables);
}

function steady(cells) {
  return cells.every(({ view, value }) => view.spec.editable && typeof value === "number");
}

function onDragMove(grid, event) {
  const { drag } = grid;
  if (!drag || event.pointerId !== drag.pointer) return;
  const steps = Math.round((drag.y - event.clientY) / PIXELS) * (event.shiftKey ? 10 : 1);
  if (steps === drag.steps) return;
  if (!drag.before) grid.root.setPointerCapture(drag.pointer);
  moveBy(grid, steps);
}

function onDragEnd(grid, event) {
  if (event.pointerId !== grid.drag?.pointer) return;
  if (event.type === "pointercancel") giveUp(grid);
  else letDrop(grid);
}

// Everything is as it was.
function giveUp(grid) {
  if (grid.drag?.before) moveBy(grid, 0);
  grid.drag = null;
}
addEventListener("keydown", ({ key }) => key === "Escape" && GRIDS.forEach(giveUp), { capture: true });

// The keyboard's way: one step up or down.
function nudge(cell, steps, column) {
  const { grid } = cell;
  const { rows } = cell.view.tables[cell.table];
  const cells = column ? rows.map((row) => row[cell.column]) : [cell];
  if (!steady(cells)) return;
  grid.drag = { cells, steps: 0, before: null };
  moveBy(grid, steps);
  letDrop(grid);
}

// The same for a number that was typed.
function moveTo(cell, number, text) {
  const { grid } = cell;
  grid.drag = { cells: [cell], steps: 1, before: standingOf(grid), by: rounded(number - cell.value) };
  put(cell, number);
  paintMoved(grid, workOut(grid));
  letDrop(grid, [text]);
}

const standingOf = (grid) =>
  new Map(Array.from(grid.views.values(), (view) => [view, snapshot(view.spec)]));

function moveBy(grid, steps) {
  const { drag } = grid;
  drag.before ??= standingOf(grid);
  drag.steps = steps;
  const [{ view }] = drag.cells;
  const standing = (cell) => cell.wanted ?? drag.before.get(view).values[cell.flat];
  drag.by = rounded(steps * stepOf(drag.cells.map(standing), view.spec));
  for (const cell of drag.cells) put(cell, rounded(standing(cell) + drag.by));
  const changed = workOut(grid);
  if (!steps) for (const cell of changed) put(cell, drag.before.get(cell.view).values[cell.flat]);
  paintMoved(grid, changed);
  showCell(drag.cells[0]);
}

const snapshot = ({ values, digits }) => ({ values: values.slice(), digits });
const rounded = (value) => Math.round(value * 1e9) / 1e9;

// A tenth of the largest number's power of ten, but no less than the last decimal that is shown.
function stepOf(values, { style, digits }) {
  const largest = Math.max(...values.map(Math.abs));
  const tenth = largest > 0 ? 10 ** (Math.floor(Math.log10(largest)) - 1) : 1;
  return style === "fixed" ? Math.max(tenth, 10 ** -digits) : tenth;
}

function put(cell, value) {
  cell.value = cell.view.spec.values[cell.flat] = value;
}

// Panel after panel, as they stand: a formula speaks of those before it. What was worked out.
function workOut(grid) {
  const changed = new Set(grid.drag.cells);
  for (const view of grid.views.values()) {
    const cells = new Set(touched(view.spec.formula, view, changed));
    for (const cell of cells) {
      const book = bookFor(cell);
      const { value } = tell(view.spec.formula, cell, book);
      if (!book.whole || book.missing.size) continue;
      put(cell, named(value));
      changed.add(cell);
    }
  }
  return changed;
}

// A difference that no digit shows is none: it may be rounding.
function paintMoved(grid, changed) {
  for (const view of new Set([...changed].map((cell) => cell.view))) {
    const { spec } = view;
    const { values, digits } = grid.drag.before.get(view);
    const refined = spec.formula !== null && spec.style === "fixed" && grid.drag.steps;
    const now = refined ? decimals(spec, digits) : digits;
    const shown = (value) => shownNumber(value, spec.style, now);
    const all = now !== spec.digits;
    spec.digits = now;
    for (const cell of view.cells) {
      if (!all && !changed.has(cell)) continue;
      if (changed.has(cell)) delete cell.pending;
      paintCell(cell, spec, grid.data.groups[spec.link] ?? {});
      mark(cell, "moved", shown(cell.value) !== shown(values[cell.flat]));
    }
  }
}

// One sentence of what just happened.
function movedSentence({ cells, by, before }) {
  const [{ index, view }] = cells;
  const last = cells.at(-1).index;
  const what = cellName(view.spec.symbol, index.map((i, axis) => (i === last[axis] ? i : ":")));
  const told = [...before.keys()].filter((each) => each.spec.formula !== null && !each.node.hidden);
  const follow = told.filter((each) => each.cells.some((cell) => cell.moved));
  const still = told.filter((each) => !follow.includes(each));
  const clauses = [clause(follow, "follows", "follow"), clause(still, "stands still", "stand still")];
  const became = clauses.filter(Boolean).join("; ");
  return `${what} moved by ${signed(String(by))}.${became && ` ${became}.`}`;
}

function clause(views, one, many) {
  if (!views.length) return "";
  return `${views.map(({ spec }) => spec.symbol).join(", ")} ${views.length === 1 ? one : many}`;
}

function isAcross([first, second]) {
  return first.view.tables[first.table].rows[first.row].includes(second);
}

// As many as the server would show: all that are needed, up to four, or two from 1000 on.
function decimals({ values }, digits) {
  const numbers = values.filter((value) => typeof value === "number");
  const largest = Math.max(...numbers.map(Math.abs));
  const exact = numbers.every((value) => Math.abs(value - value.toFixed(digits)) <= 1e-12 * largest);
  return exact ? digits : Math.max(digits, largest >= 1000 ? 2 : 4);
}

function letDrop(grid, texts = null) {
  const { drag } = grid;
  grid.drag = null;
  if (!drag.before || !drag.steps) return;
  const [first] = drag.cells;
  texts ??= drag.cells.map((cell) => exactNumber(cell.value));
  if (texts.length === 1) send(grid, "edit", first, texts[0]);
  else send(grid, "paste", first, texts.join(isAcross(drag.cells) ? "\t" : "\n"));
  drag.cells.forEach((cell, i) => {
    Object.assign(cell, { pending: texts[i], pendingNumber: grid.number, wanted: cell.value });
  });
  setText(grid.said, movedSentence(drag));
}
