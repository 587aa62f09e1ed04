// Groups light up together, in every panel of every grid on the page, without the server.
const GRIDS = new Set();

// The cell that was clicked stays, whatever the pointer meets, until it is let go.
let held = null;

function hold(cell) {
  const before = held;
  held = before === cell ? null : cell;
  for (const each of [before, held]) if (each) mark(each, "held", each === held);
  showCell(cell);
}

function letGo() {
  if (!held) return;
  const { grid } = held;
  hold(held);
  if (active(grid)) showCell(active(grid));
  else clearCell();
}

addEventListener("keydown", (event) => event.key === "Escape" && letGo());

// A readout stays beside its cell.
function follow() {
  for (const grid of GRIDS) {
    const cell = held ?? active(grid);
    if (cell?.grid === grid && grid.tip.matches(":popover-open")) placeTip(grid.tip, cell);
  }
}
addEventListener("scroll", follow, { capture: true, passive: true });

function showCell(cell) {
  const shown = held ?? cell;
  const origin = told(shown);
  const goals = dependents(shown);
  const tells = { from: origin?.sources ?? new Set(), onto: goals };
  tellPlayer(shown);
  const paths = routes(shown, tells.from); // measured before anything changes, which is cheap
  for (const grid of GRIDS) {
    lightUp(grid, shown, tells);
    drawLines(grid, grid === shown.grid ? paths : []);
  }
  showTip(shown, [origin?.sentence ?? "", goalSentence(goals)]);
  if (cell !== shown) describe(cell);
}

function clearCell() {
  if (held) return;
  tellPlayer(null);
  for (const grid of GRIDS) {
    lightUp(grid, null, { from: new Set(), onto: new Set() });
    drawLines(grid, []);
    hideTip(grid);
  }
}

function lightUp(grid, cell, { from, onto }) {
  const linked = cell && cell.group >= 0;
  const shape = cell ? cell.view.spec.shape.join() : "";
  const alone = from.size + onto.size > 0; // its relatives are marked: twins would be confused
  for (const view of grid.views.values()) {
    const same = Boolean(cell) && view.spec.link === cell.view.spec.link;
    const lights = Boolean(linked && same && view.spec.groups);
    view.node.classList.toggle("linked", lights);
    view.node.classList.toggle("told", alone);
    for (const each of view.cells) {
      mark(each, "lit", lights && each.group === cell.group);
      mark(each, "from", from.has(each));
      mark(each, "onto", onto.has(each));
    }
    const twins = same && !(alone && view !== cell.view) && view.spec.shape.join() === shape;
    const twin = twins ? view.byIndex.get(cell.index.join()) : null;
    if (view.twin && view.twin !== twin) mark(view.twin, "twin", false);
    if (twin) mark(twin, "twin", true);
    view.twin = twin ?? null;
  }
}

function active(grid) {
  return grid.hovered ?? grid.focused;
}

function refreshLight(grid) {
  const cell = held ?? active(grid);
  if (cell) showCell(cell);
  if (grid.focused) describe(grid.focused);
}

// What the focused cell says of itself beside its name and number.
function describe(cell, lines = [told(cell)?.sentence ?? "", goalSentence(dependents(cell))]) {
  if (cell.grid.focused === cell) setAttribute(cell.td, "aria-description", lines.filter(Boolean).join(". "));
}

function goalSentence(goals) {
  const views = new Map();
  for (const cell of goals) views.set(cell.view, [...(views.get(cell.view) ?? []), cell]);
  const names = Array.from(views, ([{ spec }, cells]) =>
    cells.length === 1 ? cells[0].name : `${cells.length} cells of ${spec.symbol}`,
  );
  return names.length ? `Goes into ${names.join(", ")}` : "";
}

function groupSentence(cell) {
  if (!cell.groupLabel) return "";
  const one = cell.count === 1;
  if (!cell.count) return `group ${cell.groupLabel}`;
  if (cell.view.spec.role === "statistic") return `group ${cell.groupLabel}: of ${one ? "1 cell" : `${cell.count} cells`}`;
  return `group ${cell.groupLabel}: ${one ? "1 cell with its own" : `${cell.count} cells share one`} mean and variance`;
}

function showTip(cell, arithmetic) {
  const { tip } = cell.grid;
  describe(cell, arithmetic);
  for (const grid of GRIDS) if (grid !== cell.grid || grid.editing) hideTip(grid);
  if (cell.grid.editing) return;
  const [origin, goals] = arithmetic;
  const lines = [
    ["name", `${cell.name} = ${exactNumber(cell.value)}`],
    ["origin", origin],
    ["", goals && `${goals} (dashed)`],
    ["", groupSentence(cell)],
    ["", cell.problem?.message ?? ""],
    ["", cell === held ? `Held: ${matchMedia("(pointer: coarse)").matches ? "tap again to let" : "Escape lets"} go` : ""],
  ].filter(([, text]) => text);
  while (tip.children.length > lines.length) tip.lastChild.remove();
  lines.forEach(([kind, text], i) => {
    const row = tip.children[i] ?? tip.appendChild(element("div"));
    row.className = kind;
    setText(row, text);
  });
  if (!tip.matches(":popover-open")) tip.showPopover();
  placeTip(tip, cell);
}

// Below the table, so that it hides no cell of the group; beside the cell where that is too far.
function placeTip(tip, cell) {
  const at = cell.td.getBoundingClientRect();
  const table = cell.td.closest("table").getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.min(at.left, clientWidth - tip.offsetWidth - 8);
  const near = table.bottom - at.bottom < 160 && table.bottom + tip.offsetHeight + 12 < clientHeight;
  const above = at.top - tip.offsetHeight - 6;
  const top = near ? table.bottom + 4 : above > 8 ? above : at.bottom + 6;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${top}px`;
  tip.style.visibility = at.bottom < 0 || at.top > clientHeight ? "hidden" : "";
}

function hideTip(grid) {
  if (grid.tip.matches(":popover-open")) grid.tip.hidePopover();
}

function onHover(grid, event) {
  if (event.pointerType === "touch" || grid.drag?.before) return;
  const cell = event.target.closest?.("td.cell")?.cell ?? null;
  if (cell === grid.hovered) return;
  grid.hovered = cell;
  if (active(grid)) showCell(active(grid));
  else clearCell();
}

function onLeave(grid) {
  grid.hovered = null;
  if (grid.focused) showCell(grid.focused);
  else clearCell();
}
