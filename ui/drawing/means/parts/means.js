// A switch between two ways to take the means; the cells pour into them. Nothing is sent.
const INSTANCES = new WeakMap();
const LASTS = 450; // milliseconds

function mount(parent, data) {
  const root = parent.querySelector(".means");
  dress(root);
  const picture = { root, data, shown: JSON.stringify(data), chosen: 0 };
  const around = element("fieldset");
  around.append(element("legend", "", "One mean"));
  picture.inputs = data.ways.map((way, i) => around.appendChild(choice(picture, way, i)).firstChild);
  picture.body = element("div", "body");
  picture.body.setAttribute("role", "img");
  picture.body.style.gridTemplateColumns = `repeat(${data.columns + 1}, minmax(0, 1fr))`;
  picture.cells = data.values.map((text, i) => place(picture, text, row(data, i), i % data.columns));
  picture.tiles = data.ways.map((way, i) => tiles(picture, way, i));
  picture.said = element("p", "said");
  picture.said.setAttribute("role", "status");
  root.replaceChildren(around, picture.body, picture.said);
  root.addEventListener("pointerdown", () => skip(picture.body));
  root.addEventListener("keydown", (event) => event.key === "Escape" && skip(picture.body));
  show(picture, 0);
  return picture;
}

function row(data, i) {
  return Math.floor(i / data.columns);
}

function choice(picture, way, i) {
  const label = element("label");
  const input = label.appendChild(element("input"));
  Object.assign(input, { type: "radio", name: "way", value: way.name, checked: i === 0 });
  input.addEventListener("change", () => {
    skip(picture.body);
    show(picture, i);
    pour(picture);
  });
  label.append(` per ${way.name}`);
  return label;
}

function place(picture, text, down, right, className = "cell") {
  const made = picture.body.appendChild(element("div", className, text));
  made.style.gridArea = `${down + 1} / ${right + 1}`;
  return made;
}

// The means of columns stand below the matrix, those of rows beside it.
function tiles(picture, way, i) {
  const { columns, values } = picture.data;
  const rows = values.length / columns;
  return way.means.map((mean, k) => {
    const [down, right] = i === 0 ? [rows, k] : [k, columns];
    return place(picture, mean, down, right, `mean g${k % 8} ${i === 0 ? "below" : "beside"}`);
  });
}

function show(picture, chosen) {
  const way = picture.data.ways[chosen];
  picture.chosen = chosen;
  picture.cells.forEach((cell, i) => (cell.className = `cell g${way.groups[i] % 8}`));
  picture.tiles.forEach((each, i) => each.forEach((tile) => (tile.hidden = i !== chosen)));
  picture.said.textContent = way.said;
  picture.body.setAttribute("aria-label", `A matrix. ${way.said}`);
}

function pour(picture) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const { groups } = picture.data.ways[picture.chosen];
  picture.cells.forEach((cell, i) => {
    const to = picture.tiles[picture.chosen][groups[i]];
    const [start, end] = [cell.getBoundingClientRect(), to.getBoundingClientRect()];
    const drop = picture.body.appendChild(cell.cloneNode(true));
    drop.classList.add("drop");
    const there = `translate(${end.left - start.left}px, ${end.top - start.top}px)`;
    const motion = drop.animate(
      [{ transform: "none", opacity: 0.9 }, { transform: there, opacity: 0.7, offset: 0.9 }, { transform: there, opacity: 0 }],
      { duration: LASTS, easing: "ease-in" },
    );
    motion.onfinish = () => drop.remove();
  });
  for (const tile of picture.tiles[picture.chosen]) {
    tile.animate([{ opacity: 0 }, { opacity: 0, offset: 0.7 }, { opacity: 1 }], { duration: LASTS });
  }
}

export default function ({ data, parentElement }) {
  const picture = INSTANCES.get(parentElement);
  const same = picture && parentElement.contains(picture.root) && picture.shown === JSON.stringify(data);
  if (!same) INSTANCES.set(parentElement, mount(parentElement, data));
}
