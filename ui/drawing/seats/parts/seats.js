// Rows on the seats of a batch. A row is dragged to another seat and changes places with the row
// there; what each layer returns is worked out here, and held against what it really returned.
const INSTANCES = new WeakMap();

export default function ({ data, parentElement }) {
  const shown = JSON.stringify(data);
  const known = INSTANCES.get(parentElement);
  if (known?.shown !== shown || !parentElement.contains(known.root)) {
    INSTANCES.set(parentElement, mount(parentElement.querySelector(".seats"), data, shown));
  }
}

function mount(root, data, shown) {
  dress(root);
  const picture = { root, data, shown, on: data.rows.map((_, row) => row), drag: null };
  picture.given = block(picture, "The batch", data.rows, true);
  picture.layers = data.layers.map((layer) => ({ layer, ...block(picture, `Output with ${layer.name}`, data.rows, false) }));
  const blocks = element("div", "blocks");
  blocks.append(...[picture.given, ...picture.layers].map((each) => each.node));
  picture.said = element("p", "said", START, { role: "status" });
  picture.checked = element("p", "checked");
  picture.back = element("button", "back", "All rows back to their own positions", { type: "button" });
  picture.back.addEventListener("click", () => seat(picture, data.rows.map((_, row) => row), BACK));
  root.replaceChildren(picture.said, blocks, picture.checked, picture.back);
  root.addEventListener("pointerdown", () => skip(root));
  for (const [type, act] of [["pointermove", dragged], ["pointerup", dropped], ["pointercancel", letGo]]) {
    picture.given.node.addEventListener(type, (event) => picture.drag?.pointer === event.pointerId && act(picture, event));
  }
  paint(picture);
  return picture;
}

const START = "Drag a row to another position, or choose it and press an arrow key: up or down.";
const BACK = "All rows are in their own positions again.";

// A table with a line for each seat; its cards are those of the rows, and move with them.
function block(picture, title, rows, given) {
  const node = element("section", given ? "block given" : "block");
  const body = element("div", "body", "", { role: given ? "group" : "img" });
  const cards = rows.map((numbers, row) => card(picture, row, numbers, given));
  const seats = rows.map((_, place) => element("span", "seat", `${place}`));
  body.append(...seats, ...cards.map((each) => each.node));
  seats.forEach((each, place) => (each.style.gridRow = place + 1));
  const note = element("p", "note", given ? "Drag a row by its name." : "");
  const scroll = element("div", "scroll", "", { tabindex: 0, role: "group", "aria-label": title });
  scroll.append(body);
  node.append(element("h4", "", title), scroll, note);
  return { node, body, cards, note };
}

function card(picture, row, numbers, given) {
  const node = element("div", `card g${row % 8}`);
  const name = element(given ? "button" : "span", "name", `row ${row}`, given ? { type: "button" } : {});
  const cells = numbers.map(() => element("span", "number"));
  node.append(name, ...cells);
  if (!given) return { node, cells };
  node.addEventListener("pointerdown", (event) => taken(picture, row, event));
  name.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape" && picture.drag) letGo(picture);
    if (!by || picture.drag) return;
    event.preventDefault();
    event.stopPropagation();
    move(picture, row, picture.on.indexOf(row) + by);
    name.focus();
  });
  return { node, cells, name };
}

// ---- what the layers return ----------------------------------------------------------------

// gamma * (x - mean) / sqrt(variance + epsilon) + beta, with what the layer holds for this seat.
function outputs({ data }, layer, row, place) {
  return data.rows[row].map((x, k) => {
    const [gamma, beta, mean, variance] = [layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance].map((held) => held[place][k]);
    return (gamma * (x - mean)) / Math.sqrt(variance + data.epsilon) + beta;
  });
}

// Where the layer returned something else than is worked out here, for the rows as they sit.
function wrong(picture, layer) {
  for (const [place, row] of picture.on.entries()) {
    const own = outputs(picture, layer, row, place);
    const k = own.findIndex((value, i) => differ(layer, value, layer.returned[place][row][i]));
    if (k >= 0) return `${layer.name}, row ${row} in position ${place}, feature ${k}: worked out here ${own[k]}, but the trained layer returned ${layer.returned[place][row][k]}.`;
  }
  return "";
}

// How far they are from that at most, where float32 can tell. Of numbers far from their mean it
// keeps few digits: rounding may then be as large as what is compared.
function confirmed(picture) {
  const { layers } = picture.data;
  if (layers.some(({ rounding, returned }) => rounding > 0.01 * Math.max(...returned.flat(2).map(Math.abs), 1))) return ", but for what float32 loses of such numbers";
  const far = layers.flatMap((layer) =>
    picture.on.flatMap((row, place) => outputs(picture, layer, row, place).map((value, k) => Math.abs(value - layer.returned[place][row][k]))),
  );
  return ` (largest difference ${apart(Math.max(...far))})`;
}

// ---- moving --------------------------------------------------------------------------------

function move(picture, row, to) {
  const from = picture.on.indexOf(row);
  const other = picture.on[to];
  if (other === undefined || to === from) return;
  const on = picture.on.slice();
  [on[from], on[to]] = [other, row];
  const told = picture.data.layers.map((layer) => became(layer, outputs(picture, layer, row, from), outputs(picture, layer, row, to), to));
  seat(picture, on, [`Row ${row} is now in position ${to}, row ${other} in position ${from}.`, ...told].join(" "));
}

// What became of a row's outputs, by the feature where it is seen best.
function became(layer, before, after, to) {
  const far = after.map((value, k) => Math.abs(value - before[k]));
  const k = far.indexOf(Math.max(...far));
  const many = after.length > 1;
  if (!differ(layer, before[k], after[k])) return `${layer.name}: its output${many ? "s" : ""} travelled with it.`;
  const own = `position ${to} has its own mean (${short(layer.moving_mean[to][k])}), variance (${short(layer.moving_variance[to][k])}), gamma and beta`;
  return `${layer.name}: its output${many ? ` in feature ${k}` : ""} changed by ${short(after[k] - before[k])} to ${short(after[k])}: ${own}.`;
}

// Whether two numbers are more than rounding apart, however many digits are shown.
function differ({ rounding }, one, other) {
  return !(Math.abs(one - other) <= rounding);
}

function seat(picture, on, said) {
  const blocks = [picture.given, ...picture.layers];
  const stood = blocks.map(heights);
  picture.on = on;
  paint(picture);
  picture.said.textContent = said;
  for (const { node } of picture.given.cards) node.style.transform = ""; // where a drag left it
  blocks.forEach((each, i) => {
    heights(each).forEach((height, row) => {
      const by = stood[i][row] - height;
      if (by) animate(each.cards[row].node, [{ transform: `translateY(${by}px)` }, { transform: "none" }]);
    });
  });
}

// How far down its block each row's card is.
function heights({ body, cards }) {
  return cards.map(({ node }) => node.getBoundingClientRect().top - body.getBoundingClientRect().top);
}

function paint(picture) {
  const { data, on } = picture;
  const digits = digitsOf(data.rows.flat());
  on.forEach((row, place) => {
    for (const { cards } of [picture.given, ...picture.layers]) cards[row].node.style.gridRow = place + 1;
    const { cells, name } = picture.given.cards[row];
    data.rows[row].forEach((value, k) => (cells[k].textContent = fixed(value, digits)));
    name.setAttribute("aria-label", `Row ${row}, in position ${place}. Arrow keys move it to another position.`);
  });
  const problems = [];
  for (const { layer, cards, note, body } of picture.layers) {
    const all = on.map((row, place) => outputs(picture, layer, row, place));
    const decimals = digitsOf(layer.returned.flat(2));
    let changed = 0;
    on.forEach((row, place) => {
      const home = outputs(picture, layer, row, row);
      const marks = all[place].map((value, k) => differ(layer, value, home[k]));
      changed += marks.includes(true);
      cards[row].cells.forEach((cell, k) => {
        cell.textContent = fixed(all[place][k], decimals);
        cell.classList.toggle("changed", marks[k]);
      });
    });
    const moved = on.filter((row, place) => row !== place).length;
    note.textContent = moved ? `${moved} rows moved: the outputs of ${changed} changed.` : "Every row is in its own position.";
    body.setAttribute("aria-label", on.map((row, place) => `position ${place}, row ${row}: ${all[place].map((value) => fixed(value, decimals)).join(", ")}`).join(". "));
    problems.push(wrong(picture, layer));
  }
  const problem = problems.filter(Boolean).join(" ");
  picture.checked.className = problem ? "checked problem" : "checked";
  picture.checked.setAttribute("role", problem ? "alert" : "note");
  picture.checked.textContent = problem || `Worked out here. The trained layers returned the same${confirmed(picture)}. Outlined: another number than in the row\u2019s own position.`;
  picture.back.disabled = on.every((row, place) => row === place);
}

// ---- dragging ------------------------------------------------------------------------------

// A finger scrolls over numbers; it drags by a row's name.
function taken(picture, row, event) {
  if (event.button || (event.pointerType === "touch" && !event.target.closest(".name"))) return;
  const { node, name } = picture.given.cards[row];
  picture.drag = { row, pointer: event.pointerId, y: event.clientY, node };
  picture.given.node.setPointerCapture(event.pointerId);
  node.classList.add("dragged");
  name.focus({ preventScroll: true });
  event.preventDefault();
}

function dragged({ drag, given, on }, event) {
  drag.node.style.transform = `translateY(${event.clientY - drag.y}px)`;
  drag.to = placeAt(given, on, event.clientY);
  given.cards.forEach(({ node }, row) => node.classList.toggle("target", on[drag.to] === row && row !== drag.row));
}

// The seat at this height.
function placeAt({ body }, on, y) {
  const box = body.getBoundingClientRect();
  return Math.max(0, Math.min(on.length - 1, Math.floor(((y - box.top) / box.height) * on.length)));
}

function dropped(picture) {
  const { row, to, node } = picture.drag;
  letGo(picture, false);
  if (to !== undefined) move(picture, row, to);
  node.style.transform = "";
}

function letGo(picture, home = true) {
  const { node } = picture.drag;
  picture.drag = null;
  node.classList.remove("dragged");
  for (const each of picture.given.cards) each.node.classList.remove("target");
  if (home) node.style.transform = "";
}

// ---- numbers -------------------------------------------------------------------------------

// As many decimals as show three or four digits of the largest number.
function digitsOf(values) {
  const power = Math.floor(Math.log10(Math.max(...values.map(Math.abs)) || 1));
  return power < 0 ? Math.min(9, 2 - power) : Math.max(0, 3 - power);
}

function fixed(value, digits) {
  const text = value.toFixed(digits);
  return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
}

function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
