// Lines to a cell from those that its number comes from: one from each panel, from the nearest of
// its tables. They run behind the cells, so that they cross out no number.
const ARCH = 30; // pixels by which a line within a row rises above it
const SVG = "http://www.w3.org/2000/svg";

function routes(cell, sources) {
  const target = cell.td.getBoundingClientRect();
  const nearest = new Map();
  for (const [{ view }, box] of sourceBoxes(cell.grid, sources)) {
    const far = Math.abs(box.top - target.top) + Math.abs(box.left - target.left);
    if (!(far >= nearest.get(view)?.far)) nearest.set(view, { far, box });
  }
  const origin = cell.grid.lines.getBoundingClientRect();
  return Array.from(nearest.values(), ({ box }) => route(box, target, origin));
}

function drawLines({ lines }, paths) {
  while (lines.children.length > paths.length) lines.lastChild.remove();
  paths.forEach((d, i) => {
    const path = lines.children[i] ?? lines.appendChild(document.createElementNS(SVG, "path"));
    path.setAttribute("d", d);
  });
}

// What the sources in each table cover.
function sourceBoxes(grid, sources) {
  const boxes = new Map();
  for (const { grid: own, view, table, td } of sources) {
    if (own !== grid || view.node.hidden) continue;
    const { left, right, top, bottom } = td.getBoundingClientRect();
    const box = boxes.get(view.tables[table]) ?? { left, right, top, bottom };
    boxes.set(view.tables[table], {
      left: Math.min(box.left, left),
      right: Math.max(box.right, right),
      top: Math.min(box.top, top),
      bottom: Math.max(box.bottom, bottom),
    });
  }
  return boxes;
}

// A curve with a point where it arrives: down or up to another row, else over the tables between.
function route(from, to, origin) {
  const x = (box) => (box.left + box.right) / 2 - origin.left;
  const below = from.bottom <= to.top;
  const above = to.bottom <= from.top;
  const start = (below ? from.bottom : from.top) - origin.top;
  const end = (above ? to.bottom : to.top) - origin.top;
  const way = above ? -1 : 1; // in which it arrives
  const high = Math.min(start, end) - ARCH;
  const [first, last] = below || above ? [(start + end) / 2, (start + end) / 2] : [high, high];
  const wing = (side) => `${(x(to) + side).toFixed(1)} ${(end - 9 * way).toFixed(1)}`;
  const tip = `${x(to).toFixed(1)} ${end.toFixed(1)}`;
  return (
    `M${x(from).toFixed(1)} ${start.toFixed(1)}C${x(from).toFixed(1)} ${first.toFixed(1)} ` +
    `${x(to).toFixed(1)} ${last.toFixed(1)} ${tip}M${wing(-5)}L${tip}L${wing(5)}`
  );
}
