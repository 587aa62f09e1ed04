// A stepper of the page says at which step it stands: some panels are seen then, the newest last.
function showStage(grid) {
  const { stages, selected } = grid.data;
  if (!stages) return markSelected(grid, selected);
  const step = window.bnlabSteps?.[stages.stepper] ?? stages.at;
  const ids = stages.shown[step];
  const focused = grid.focused ?? held;
  for (const view of grid.views.values()) {
    view.node.hidden = !ids.includes(view.id);
    view.node.classList.toggle("newest", view.id === ids.at(-1));
  }
  markSelected(grid, stages.selected[step]);
  if (held?.grid === grid && held.view.node.hidden) letGo();
  if (focused?.grid === grid) refreshLight(grid);
}

addEventListener("bnlab:step", ({ detail }) => {
  for (const grid of GRIDS) if (grid.data?.stages?.stepper === detail) showStage(grid);
});
