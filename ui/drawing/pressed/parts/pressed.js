// The blocks, their means beside them, and the way from the one to the other. Nothing is sent.
const INSTANCES = new WeakMap();
const LASTS = 500; // milliseconds, for a turn and for a press
const CELL = 17; // pixels, where there is room
const [GAP, WAY, RIM] = [0.7, 2.4, 1.1]; // in cells: between blocks, to the means, around all
const MOST_BLOCKS = 4;
const MOST_NAMED = 5;
const ROOM = [34, 16]; // cells across and down the picture that leave room for a letter

function shape(parent, tag, attributes, text) {
  const made = parent.appendChild(svg(tag, attributes));
  if (text !== undefined) made.textContent = text;
  return made;
}

function mount(parent) {
  const root = parent.querySelector(".pressed");
  dress(root);
  const picture = { root, data: null, frame: 0 };
  picture.svg = shape(root, "svg", { role: "img", preserveAspectRatio: "xMinYMid" });
  picture.chips = root.appendChild(element("p", "chips"));
  picture.said = root.appendChild(element("p", "said", "", { role: "status" }));
  const again = root.appendChild(element("button", "", "Press it again", { type: "button" }));
  again.addEventListener("click", () => play(picture, 0));
  root.addEventListener("pointerdown", () => finish(picture));
  return picture;
}

let playing = null;
addEventListener("keydown", ({ key }) => key === "Escape" && playing && finish(playing), { capture: true });

function paint(picture, data) {
  const before = picture.data;
  finish(picture);
  picture.data = data;
  draw(picture);
  tell(picture);
  if (before === null) return;
  const turned = turns(before, data);
  const same = ["shape", "kept", "axes"].every((name) => before[name].join() === data[name].join());
  if (turned || !same) play(picture, turned);
}

// Where every block and every block of means stands, in cells.
function layout({ shape: [count, ...sizes], kept }) {
  const flat = sizes.map((size, side) => (kept.includes(side + 1) ? size : 1));
  const [whole, means] = [extent(sizes), extent(flat)];
  const blocks = Math.min(count, MOST_BLOCKS);
  const rows = kept.includes(0) ? blocks : 1;
  const start = RIM + blocks * (whole.width + GAP) - GAP + WAY;
  const high = Math.max(whole.height, means.height);
  const at = (box, left) => [left + box.corner[0], RIM / 2 + (high - box.height) / 2 + box.corner[1]];
  return {
    sizes,
    flat,
    blocks: Array.from({ length: blocks }, (_, n) => at(whole, RIM + n * (whole.width + GAP))),
    means: Array.from({ length: rows }, (_, n) => at(means, start + n * (means.width + GAP))),
    arrow: [start - WAY + 0.5, RIM / 2 + high / 2, WAY - 1],
    width: start + rows * (means.width + GAP) - GAP + 0.5,
    height: high + 2 * RIM,
  };
}

function draw(picture) {
  const { svg, data } = picture;
  const plan = (picture.plan = layout(data));
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${plan.width.toFixed(2)} ${plan.height.toFixed(2)}`);
  svg.style.width = `${(plan.width * CELL).toFixed(0)}px`;
  svg.classList.toggle("small", plan.width > ROOM[0] || plan.height > ROOM[1]);
  picture.blocks = plan.blocks.map((origin, n) => {
    const block = addBlock(picture, plan.sizes, n);
    nameSides(block, data, plan, origin, n);
    return place(block, [1, 1, 1], origin);
  });
  const [x, y, long] = plan.arrow;
  shape(svg, "path", { class: "arrow", d: `M${x} ${y}h${long}m-.4 -.35l.4 .35l-.4 .35` });
  picture.results = plan.means.map((origin, n) => {
    const block = addBlock(picture, plan.flat, n);
    block.node.classList.add("result");
    return place(block, [1, 1, 1], origin);
  });
}

function addBlock({ svg, data }, sizes, n) {
  const node = shape(svg, "g", { class: "block" });
  const cells = [...faceCells(sizes)].map((cell) => {
    const group = groupOf([n, ...cell.place], data);
    const face = shape(node, "polygon", { class: `f${cell.a}${cell.b} g${group % 8}` });
    return { ...cell, face, text: shape(node, "text", {}, data.labels[group]) };
  });
  return { node, cells };
}

function place(block, scale, origin) {
  for (const { face, text, ...cell } of block.cells) {
    const points = corners(cell, scale, origin);
    face.setAttribute("points", points.map((point) => point.map((at) => at.toFixed(3)).join()).join(" "));
    const [x, y] = [0, 1].map((i) => (points[0][i] + points[2][i]) / 2);
    text.setAttribute("x", x.toFixed(3));
    text.setAttribute("y", y.toFixed(3));
  }
  return block;
}

// The name of each side at the edge that is seen of it, and the block's own below it.
function nameSides({ node }, { axes }, { sizes: [down, right, left], height }, origin, n) {
  const name = (text, point, [dx, dy]) => {
    const [x, y] = project(point, origin);
    if (text) shape(node, "text", { class: "name", x: x + dx, y: y + dy }, text);
  };
  if (n === 0) name(axes[1], [down / 2, 0, left], [-0.5, 0]);
  name(axes[2], [down, right / 2, 0], [0.4, 0.5]);
  name(axes[3], [down, 0, left / 2], [-0.4, 0.5]);
  shape(node, "text", { class: "name", x: origin[0], y: height - 0.4 }, `${axes[0]} ${n}`);
}

function tell({ svg, said, chips, data }) {
  const other = otherMean(data);
  const first = data.shown.slice(0, data.shown.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED);
  const rest = data.shape[0] > MOST_BLOCKS ? ` The first ${MOST_BLOCKS} of ${data.shape[0]} along ${data.axes[0]} are drawn.` : "";
  said.textContent = other
    ? `This picture is wrong: the cells of ${data.labels[other.group]} have the mean ${other.mean}, the engine says ${data.means[other.group]}. Reload the page.`
    : data.said + rest;
  said.classList.toggle("wrong", Boolean(other));
  svg.setAttribute("aria-label", `Blocks of numbers and their means. ${said.textContent}`);
  chips.replaceChildren(...first.map((mean, group) => {
    const chip = element("span", `g${group % 8}`);
    chip.append(element("b", "", data.labels[group]), ` ${mean}`);
    return chip;
  }));
  if (data.shown.length > first.length) chips.append(element("span", "", "\u2026"));
}

// First the turn, where there was one; then a copy of each block is pressed on its way to the means.
function play(picture, turned) {
  finish(picture);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const { plan, root, data } = picture;
  const copies = plan.blocks.map((_, n) => addBlock(picture, plan.sizes, n));
  for (const { node } of copies) node.classList.add("copy");
  picture.copies = copies;
  playing = picture;
  root.classList.add("pressing");
  const start = performance.now();
  const step = (now) => {
    const stage = Math.max(now - start, 0) / LASTS - (turned ? 1 : 0);
    if (stage >= 1) return finish(picture);
    turnTo(picture, turned * Math.max(-stage, 0));
    copies.forEach((copy, n) => pressTo(copy, plan, data, n, Math.max(stage, 0)));
    picture.frame = requestAnimationFrame(step);
  };
  step(start);
}

function turnTo({ blocks, copies, plan }, thirds) {
  for (const all of [blocks, copies ?? []]) {
    all.forEach(({ node }, n) => node.setAttribute("transform", `rotate(${THIRD * thirds} ${plan.blocks[n].join(" ")})`));
  }
}

function pressTo(copy, plan, { kept }, n, way) {
  const eased = way * way * (3 - 2 * way);
  const to = plan.means[kept.includes(0) ? n : 0];
  const origin = plan.blocks[n].map((from, i) => from + (to[i] - from) * eased);
  place(copy, plan.sizes.map((size, side) => 1 + (plan.flat[side] / size - 1) * eased), origin);
}

function finish(picture) {
  cancelAnimationFrame(picture.frame);
  picture.frame = 0;
  picture.root.classList.remove("pressing");
  if (!picture.copies) return;
  for (const { node } of picture.copies) node.remove();
  picture.copies = null;
  turnTo(picture, 0);
}

export default function ({ data, parentElement }) {
  let picture = INSTANCES.get(parentElement);
  if (!picture || !parentElement.contains(picture.root)) {
    picture = mount(parentElement);
    INSTANCES.set(parentElement, picture);
  }
  if (JSON.stringify(data) !== JSON.stringify(picture.data)) paint(picture, data);
}
