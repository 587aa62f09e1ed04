// The bracket of a matrix: along the top edge each column is one group (axis 1 is kept), along the
// left edge each row (axis 0). `way` is how far it is from the top (0) to the left (1). While it
// moves, the colours of the cells flow; where it is dropped, the engine is asked.
const SWINGS = 450; // milliseconds
const HINGE = 11; // pixels from the outer corner of its room
const TOOTH = 8;
const WORDS = [
  { edge: "left", each: "row" },
  { edge: "top", each: "column" },
];

function standBracket(view) {
  const { bracket: spec } = view.spec;
  view.node.classList.toggle("braced", spec !== null);
  if (spec === null) return;
  const bracket = (view.bracket ??= buildBracket(view));
  const waits = view.grid.events.some(([, kind]) => kind === "bracket");
  if (bracket.grip || waits) return regroup(bracket);
  if (bracket.axis !== spec.axis) bracket.moved = false; // by another control
  bracket.axis = spec.axis;
  swing(bracket);
  describeBracket(bracket);
}

function buildBracket(view) {
  const table = view.tables[0].node;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bracket");
  const handle = svg.appendChild(document.createElementNS(SVG, "g"));
  for (const [name, value] of Object.entries({ role: "slider", tabindex: 0, "aria-label": "Bracket: which cells share one mean", "aria-valuemin": 0, "aria-valuemax": 1 })) {
    handle.setAttribute(name, value);
  }
  const drawn = ["ghost", "rail", "teeth", "grip"].map((name) => {
    const node = document.createElementNS(SVG, name === "grip" ? "circle" : "path");
    node.setAttribute("class", name);
    return (name === "ghost" ? svg : handle).appendChild(node);
  });
  table.parentElement.prepend(svg);
  const said = element("p", "moves");
  said.setAttribute("role", "status");
  view.note.before(said);
  const bracket = { view, handle, drawn, said, axis: view.spec.bracket.axis, grip: null, frame: 0, moved: false };
  bracket.way = 1 - bracket.axis;
  const on = (type, act) => handle.addEventListener(type, (event) => act(bracket, event));
  on("touchstart", (_, event) => event.preventDefault()); // a finger scrolls beside it
  on("pointerdown", onGrip);
  on("pointermove", onCarry);
  on("pointerup", onDrop);
  on("pointercancel", onDrop);
  on("keydown", onBracketKey);
  new ResizeObserver(() => pose(bracket)).observe(table);
  return bracket;
}

// Where the cells stand, from the hinge, and the edges of their rows (0) and columns (1).
function geometry({ view, handle }) {
  const home = handle.ownerSVGElement.getBoundingClientRect();
  const { rows } = view.tables[0];
  const at = (cells, first, last, origin) =>
    cells.map(({ td }) => {
      const box = td.getBoundingClientRect();
      return [box[first] - origin - HINGE, box[last] - origin - HINGE];
    });
  return [at(rows.map(([cell]) => cell), "top", "bottom", home.top), at(rows[0], "left", "right", home.left)];
}

// Along the path both ends describe quarters of an ellipse, so that the bracket stays in its room.
function pose(bracket) {
  const { view, way, drawn, handle } = bracket;
  if (!handle.ownerSVGElement.getClientRects().length) return; // it is not shown
  const [ghost, rail, teeth, grip] = drawn;
  const sizes = geometry(bracket);
  const nearest = nearestAxis(bracket);
  const bar = line(sizes, way);
  rail.setAttribute("d", path([bar(0), bar(1)]));
  ghost.setAttribute("d", path([0, 1].map(line(sizes, nearest))));
  const [start, end] = [sizes[nearest][0][0], sizes[nearest].at(-1)[1]];
  const along = sizes[nearest].map((edges) => edges.map((edge) => (edge - start) / (end - start)));
  const [[x0, y0], [x1, y1]] = [bar(0), bar(1)];
  const tall = (TOOTH * (1 - 2 * way)) / (Math.hypot(x1 - x0, y1 - y0) || 1); // turned over half-way
  const tooth = ([x, y]) => [x - (y1 - y0) * tall, y + (x1 - x0) * tall];
  teeth.setAttribute("d", along.map(([a, b]) => path([tooth(bar(a)), bar(a), bar(b), tooth(bar(b))])).join(""));
  const [x, y] = bar(0.5);
  Object.entries({ cx: x, cy: y, r: 7 }).forEach(([name, value]) => grip.setAttribute(name, value));
  const turning = Boolean(bracket.frame || bracket.grip?.carried);
  for (const each of view.grid.views.values()) each.node.classList.toggle("waiting", turning && each !== view);
  view.node.classList.toggle("turning", turning);
  view.node.style.setProperty("--way", `${(100 * way).toFixed(1)}%`);
}

function line([rows, columns], way) {
  const [cos, sin] = [Math.cos((way * Math.PI) / 2), Math.sin((way * Math.PI) / 2)];
  const between = (edges, part) => edges[0][0] + part * (edges.at(-1)[1] - edges[0][0]);
  return (part) => [HINGE + between(columns, part) * cos, HINGE + between(rows, part) * sin];
}

function path(points) {
  return `M${points.map((point) => point.map((at) => at.toFixed(1)).join(" ")).join("L")}`;
}

const nearestAxis = ({ way }) => (way < 0.5 ? 1 : 0);

// The groups of the nearer edge, as the engine has them: a cell's place along the axis kept.
function regroup(bracket) {
  const { view } = bracket;
  const axis = bracket.grip ? nearestAxis(bracket) : bracket.axis;
  const { spec } = view;
  const count = spec.shape[1 - axis];
  const known = Object.fromEntries(spec.bracket.labels.map((label, group) => [group, [label, count]]));
  const groups = view.inOrder.map(({ index }) => index[axis]);
  for (const cell of view.cells) paintCell(cell, { ...spec, groups }, known);
}

function swing(bracket) {
  const from = bracket.way;
  const by = 1 - bracket.axis - from;
  cancelAnimationFrame(bracket.frame);
  bracket.frame = 0;
  const still = by === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still) return stand(bracket);
  tint(bracket);
  const start = performance.now();
  const step = (now) => {
    const done = Math.min(Math.max(now - start, 0) / SWINGS, 1);
    if (done === 1) return stand(bracket);
    bracket.way = from + by * done * done * (3 - 2 * done);
    pose(bracket);
    bracket.frame = requestAnimationFrame(step);
  };
  bracket.frame = requestAnimationFrame(step);
  pose(bracket);
}

// At the end of its way at once.
function stand(bracket) {
  cancelAnimationFrame(bracket.frame);
  bracket.frame = 0;
  bracket.way = 1 - bracket.axis;
  pose(bracket);
}

function skipSwings(grid) {
  for (const { bracket } of grid.views.values()) if (bracket?.frame) stand(bracket);
}

// Both colours of each cell, of its column and of its row.
function tint({ view }) {
  for (const { td, index } of view.cells) {
    ["--side", "--top"].forEach((name, axis) => td.style.setProperty(name, `var(--g${index[axis] % 8})`));
  }
}

function onGrip(bracket, event) {
  if (event.button || bracket.grip) return;
  event.preventDefault();
  letGo();
  stand(bracket);
  tint(bracket);
  bracket.handle.focus({ preventScroll: true });
  bracket.handle.setPointerCapture(event.pointerId);
  bracket.grip = { pointer: event.pointerId, x: event.clientX, y: event.clientY, carried: false };
}

function onCarry(bracket, event) {
  const { grip, axis, handle, way } = bracket;
  if (event.pointerId !== grip?.pointer) return;
  grip.carried ||= Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > PIXELS;
  if (!grip.carried) return;
  const home = handle.ownerSVGElement.getBoundingClientRect();
  const [rows, columns] = geometry(bracket);
  // Along its edge the bracket may be gripped off its line.
  const right = axis ? event.clientX - home.left - HINGE : event.clientX - grip.x;
  const down = axis ? event.clientY - grip.y : event.clientY - home.top - HINGE;
  const [x, y] = [Math.max(right, 0) / columns.at(-1)[1], Math.max(down, 0) / rows.at(-1)[1]];
  if (x || y) bracket.way = Math.atan2(y, x) / (Math.PI / 2);
  pose(bracket);
  if (nearestAxis(bracket) !== nearestAxis({ way })) regroup(bracket);
}

function onDrop(bracket, event) {
  const { grip, axis } = bracket;
  if (event.pointerId !== grip?.pointer) return;
  const to = event.type === "pointercancel" ? axis : grip.carried ? nearestAxis(bracket) : 1 - axis;
  bracket.grip = null;
  swingTo(bracket, to);
}

// The keyboard's way: left and down to the left edge, right and up to the top, Enter to the other.
const EDGES = { ArrowLeft: 0, ArrowDown: 0, Home: 0, ArrowRight: 1, ArrowUp: 1, End: 1 };

function onBracketKey(bracket, event) {
  const { key } = event;
  const to = key === "Enter" || key === " " ? 1 - bracket.axis : EDGES[key];
  if (event.ctrlKey || event.metaKey || event.altKey || (to === undefined && key !== "Escape")) return;
  event.preventDefault();
  event.stopPropagation(); // Streamlit has page-wide keys
  if (to !== undefined && !bracket.grip) return swingTo(bracket, to);
  bracket.grip = null;
  regroup(bracket);
  stand(bracket);
}

function swingTo(bracket, axis) {
  const { view } = bracket;
  const goes = bracket.axis !== axis;
  bracket.axis = axis;
  regroup(bracket);
  swing(bracket);
  if (!goes) return;
  bracket.moved = true;
  send(view.grid, "bracket", { view, index: [axis] }, "");
  describeBracket(bracket);
}

// What it says of itself, and whether the engine groups the cells in the same way.
function describeBracket({ view, handle, said, axis, moved }) {
  const { spec } = view;
  const { edge, each } = WORDS[axis];
  handle.setAttribute("aria-valuenow", axis);
  handle.setAttribute("aria-valuetext", `${edge} edge: each ${each} has one mean, axis ${axis} is kept`);
  const odd = view.inOrder.find(({ flat, index }) => spec.groups[flat] !== index[spec.bracket.axis]);
  said.classList.toggle("problem", Boolean(odd));
  if (odd) setText(said, `This picture is wrong: the engine has ${odd.name} in another group. Reload the page.`);
  else if (moved) setText(said, movedTo(axis, each, spec.shape[axis]));
  else setText(said, `Drag the bracket to the ${WORDS[1 - axis].edge} edge, or click it: one mean per ${WORDS[1 - axis].each}.`);
}

function movedTo(axis, each, count) {
  const means = count === 1 ? "1 mean" : `${count} means`;
  return `Now each ${each} has one mean: axis=${axis} is kept, ${means}.`;
}
