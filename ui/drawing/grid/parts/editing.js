// Moving, typing, pasting. Every act becomes a numbered event; the list of those that the server
// has not acknowledged is sent as a whole (see component.py for why).
function send(grid, kind, cell, text) {
  grid.number += 1;
  setText(grid.said, "");
  const { spec, id } = cell.view;
  grid.events.push([grid.number, kind, id, cell.index, text, spec.table]);
  if (kind === "edit") {
    cell.pending = text;
    cell.pendingNumber = grid.number;
    paintCell(cell, spec, grid.data.groups[spec.link] ?? {});
  }
  grid.setStateValue("events", { from: grid.sender, list: grid.events });
}

function acknowledge(grid, [sender, number]) {
  if (sender !== grid.sender) return;
  grid.events = grid.events.filter((event) => event[0] > number);
  for (const view of grid.views.values()) {
    for (const cell of view.cells) if (cell.pendingNumber <= number) delete cell.pending, delete cell.wanted;
  }
}

function openEditor(cell, text) {
  const { grid } = cell;
  closeEditor(grid);
  const input = element("input", "editor");
  Object.assign(input, { type: "text", value: text, autocomplete: "off", spellcheck: false });
  input.setAttribute("autocapitalize", "off");
  input.setAttribute("enterkeyhint", "next");
  input.setAttribute("aria-label", cell.name);
  grid.editing = { cell, input, before: editText(cell) };
  if (held === cell) letGo();
  cell.td.appendChild(input);
  input.focus({ preventScroll: true });
  hideTip(grid);
  if (text === grid.editing.before) input.select();
}

function editText(cell) {
  return cell.pending ?? cell.problem?.text ?? exactNumber(cell.value).replace("\u2212", "-");
}

// The cell takes the focus before its input goes, so that the group stays lit in between.
function closeEditor(grid, keepFocus = true) {
  const { editing } = grid;
  grid.editing = null;
  if (editing && keepFocus) editing.cell.td.focus({ preventScroll: true });
  editing?.input.remove();
  return editing;
}

function commit(grid, keepFocus = true) {
  const editing = closeEditor(grid, keepFocus);
  if (editing && editing.input.value !== editing.before) {
    enter(editing.cell, editing.input.value);
  }
}

// A plain number is worked out at once, as if it had been dragged there; what else a cell may hold
// (1/3, 1e400, nan), the server reads.
function enter(cell, text) {
  const plain = /^[-+\u2212]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim());
  const number = plain ? Number(text.trim().replace("\u2212", "-")) : NaN;
  if (Number.isFinite(number) && steady([cell])) moveTo(cell, number, text);
  else send(cell.grid, "edit", cell, text);
}

function onEditorKey(grid, event) {
  event.stopPropagation(); // Streamlit has page-wide keys: r runs, c clears the cache
  const { cell } = grid.editing;
  const back = event.shiftKey ? -1 : 1;
  if (event.isComposing) return;
  if (event.key === "Escape") {
    closeEditor(grid);
    focusCell(cell);
  } else if (event.key === "Enter") {
    event.preventDefault();
    commit(grid);
    focusCell(neighbour(cell, back, 0) ?? cell);
  } else if (event.key === "Tab") {
    commit(grid);
    const next = following(cell, back);
    focusCell(next ?? cell);
    if (next) event.preventDefault();
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    commit(grid);
    focusCell(neighbour(cell, event.key === "ArrowUp" ? -1 : 1, 0) ?? cell);
  }
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function onKey(grid, event) {
  if (grid.editing) return onEditorKey(grid, event);
  const cell = event.target.closest?.("td.cell")?.cell;
  if (!cell || event.isComposing) return;
  if (handleKey(grid, cell, event)) {
    event.preventDefault();
    event.stopPropagation();
  }
}

// Whether the key meant something here; if so, neither the browser nor Streamlit gets it.
function handleKey(grid, cell, event) {
  const { key } = event;
  const up = { ArrowUp: 1, ArrowDown: -1 }[key];
  if (event.altKey && up && cell.view.spec.editable) {
    nudge(cell, up, event.shiftKey);
    return true;
  }
  const next = destination(cell, event);
  if (next !== undefined) {
    if (next) focusCell(next);
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (key === "Escape") {
    if (cell.problem) send(grid, "dismiss", cell, "");
    letGo();
    hideTip(grid);
    return true;
  }
  const start = cell.view.spec.editable ? editorStart(cell, key) : null;
  const presses = key === "Enter" || key === " ";
  if (start !== null) openEditor(cell, start);
  else if (presses) press(cell);
  return start !== null || presses;
}

// A click or Enter where nothing is edited: hold the cell, and tell a page that asked for it.
function press(cell) {
  hold(cell);
  if (cell.grid.data.clickable) send(cell.grid, "click", cell, "");
}

// The text that an editor opened by this key begins with; null where the key opens none.
function editorStart(cell, key) {
  if (key === "Enter" || key === "F2") return editText(cell);
  if (key === "Delete" || key === "Backspace") return "";
  return key.length === 1 && key !== " " ? key : null;
}

function destination(cell, event) {
  const { tables } = cell.view;
  const { rows } = tables[cell.table];
  if (event.altKey) return undefined;
  const ends = event.ctrlKey || event.metaKey;
  if (STEPS[event.key]) return neighbour(cell, ...STEPS[event.key]);
  if (event.key === "Home") return rows[ends ? 0 : cell.row][0];
  if (event.key === "End") return rows.at(ends ? -1 : cell.row).at(-1);
  if (event.key === "PageDown" || event.key === "PageUp") {
    const other = tables[cell.table + (event.key === "PageDown" ? 1 : -1)];
    return other ? other.rows[cell.row][cell.column] : null;
  }
  return undefined;
}

function neighbour(cell, down, right) {
  const { rows } = cell.view.tables[cell.table];
  return rows[cell.row + down]?.[cell.column + right] ?? null;
}

function following(cell, step) {
  const { cells } = cell.view;
  return cells[cells.indexOf(cell) + step] ?? null;
}

function focusCell(cell) {
  for (const each of cell.view.cells) if (each.td.tabIndex === 0) each.td.tabIndex = -1;
  cell.td.tabIndex = 0;
  cell.td.focus();
}

function onFocusIn(grid, event) {
  const cell = event.target.closest?.("td.cell")?.cell;
  if (!cell) return;
  if (event.target === cell.td) {
    for (const each of cell.view.cells) if (each.td.tabIndex === 0) each.td.tabIndex = -1;
    cell.td.tabIndex = 0;
  }
  grid.focused = cell;
  if (event.target === cell.td) showCell(cell);
}

function onFocusOut(grid, event) {
  event.target.removeAttribute?.("aria-description");
  if (grid.editing && event.target === grid.editing.input) commit(grid, false);
  const next = event.relatedTarget?.closest?.("td.cell")?.cell;
  if (next?.grid === grid) return;
  grid.focused = null;
  if (grid.hovered) showCell(grid.hovered);
  else clearCell();
}

function onPointerDown(grid, event) {
  const cell = event.target.closest?.("td.cell")?.cell ?? null;
  grid.again = cell !== null && cell === grid.focused;
}

// The first click or tap selects a cell that can be edited (and lights its group), the second
// edits it; any other cell is held.
function onClick(grid, event) {
  const cell = event.target.closest?.("td.cell")?.cell;
  if (!cell || event.target !== cell.td) return;
  cell.td.focus({ preventScroll: true }); // some touch browsers leave that to the page
  if (!cell.view.spec.editable) press(cell);
  else if (grid.again) openEditor(cell, editText(cell));
  else if (grid.data.clickable) send(grid, "click", cell, "");
}

function onPaste(grid, event) {
  const cell = event.target.closest?.("td.cell")?.cell;
  if (!cell?.view.spec.editable) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (grid.editing && !/[\t\n\r;]/.test(text.trim())) return; // one value: into the open editor
  event.preventDefault();
  event.stopPropagation();
  if (grid.editing) {
    closeEditor(grid);
    focusCell(cell);
  }
  if (text.trim()) send(grid, "paste", cell, text);
}

function onCopy(grid, event) {
  const cell = grid.editing ? null : event.target.closest?.("td.cell")?.cell;
  if (!cell || !event.clipboardData || getSelection().type === "Range") return;
  event.clipboardData.setData("text/plain", editText(cell));
  event.preventDefault();
}
