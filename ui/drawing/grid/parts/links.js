// Groups light up together, in every panel of every grid on the page, without the server.
const GRIDS = new Set();

function showCell(cell) {
  for (const grid of GRIDS) lightUp(grid, cell);
  showTip(cell);
}

function clearCell() {
  for (const grid of GRIDS) lightUp(grid, null);
  for (const grid of GRIDS) hideTip(grid);
}

function lightUp(grid, cell) {
  const linked = cell && cell.group >= 0;
  const shape = cell ? cell.view.spec.shape.join() : "";
  for (const view of grid.views.values()) {
    const same = Boolean(cell) && view.spec.link === cell.view.spec.link;
    const lights = Boolean(linked && same && view.spec.groups);
    view.node.classList.toggle("linked", lights);
    for (const each of view.cells) mark(each, "lit", lights && each.group === cell.group);
    const twin = same && view.spec.shape.join() === shape ? view.byIndex.get(cell.index.join()) : null;
    if (view.twin && view.twin !== twin) mark(view.twin, "twin", false);
    if (twin) mark(twin, "twin", true);
    view.twin = twin ?? null;
  }
}

function active(grid) {
  return grid.hovered ?? grid.focused;
}

function refreshLight(grid) {
  const cell = active(grid);
  if (cell) showCell(cell);
}

function groupSentence(cell) {
  if (!cell.groupLabel) return "";
  const cells = cell.count === 1 ? "1 cell" : `${cell.count} cells`;
  if (!cell.count) return `group ${cell.groupLabel}`;
  if (cell.view.spec.role === "statistic") return `group ${cell.groupLabel}: of ${cells}`;
  return `group ${cell.groupLabel}: ${cells} share one mean and variance`;
}

function showTip(cell) {
  const { tip } = cell.grid;
  for (const grid of GRIDS) if (grid !== cell.grid || grid.editing) hideTip(grid);
  if (cell.grid.editing) return;
  const lines = [
    `${cell.name} = ${exactNumber(cell.value)}`,
    groupSentence(cell),
    cell.problem?.message ?? "",
  ].filter(Boolean);
  while (tip.children.length > lines.length) tip.lastChild.remove();
  lines.forEach((line, i) => {
    const row = tip.children[i] ?? tip.appendChild(element("div"));
    setText(row, line);
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
}

function hideTip(grid) {
  if (grid.tip.matches(":popover-open")) grid.tip.hidePopover();
}

function onHover(grid, event) {
  if (event.pointerType === "touch") return;
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
