// The player of the page (ui/drawing/player) and the grids look at the same feature and layer: each
// tells the other what is pointed at or has the focus, and lights what belongs to it.
const POINT = "bnlab:point";

// A cell's group is its feature; a panel says which layer its numbers are of.
function tellPlayer(cell) {
  const feature = cell?.group >= 0 ? cell.group : undefined;
  const layer = cell?.view.spec.layer || undefined;
  dispatchEvent(new CustomEvent(POINT, { detail: { from: "grid", feature, layer } }));
}

addEventListener(POINT, ({ detail: { from, feature, layer } }) => {
  if (from === "grid" || held) return;
  for (const grid of GRIDS) {
    if (active(grid)) continue;
    for (const view of grid.views.values()) {
      const { groups, layer: own } = view.spec;
      const lights = feature !== undefined && Boolean(groups) && (!own || !layer || own === layer);
      view.node.classList.toggle("linked", lights);
      view.node.classList.toggle("looked", Boolean(own) && own === layer);
      for (const cell of view.cells) mark(cell, "lit", lights && cell.group === feature);
    }
  }
});
