// A tile that is put into the slots of a diagram: dragged, by a click on a slot, or with the arrow
// keys. Each slot is a radio button; players on the page show the curve of the chosen one.
const INSTANCES = new WeakMap();
const LASTS = 300; // milliseconds
const DRAGS = 4; // pixels from which a press is a drag

function build(picture, data) {
  const open = picture.details?.open ?? false;
  picture.data = data;
  picture.slots = new Map();
  const around = element("fieldset");
  around.append(element("legend", "", data.title));
  const model = element("div", "model");
  for (const group of data.groups) {
    if (!group.outside && model.childElementCount) model.append(arrow());
    (group.outside ? around : model).append(grouped(picture, group));
    if (!group.outside) around.append(model);
  }
  picture.tile = element("span", "tile", data.tile);
  picture.tile.addEventListener("pointerdown", (event) => grasp(picture, event));
  picture.tile.addEventListener("click", (event) => picture.dragged && event.preventDefault());
  picture.said = element("p", "said", "", { role: "status" });
  picture.below = element("div", "below");
  picture.details = element("details");
  picture.details.open = open;
  const all = element("button", "", "Show all curves alike", { type: "button" });
  all.addEventListener("click", () => choose(picture, data.nowhere));
  picture.below.append(picture.details, all);
  picture.root.replaceChildren(around, picture.said, picture.below);
}

function arrow() {
  return element("span", "arrow", "\u2192", { "aria-hidden": "true" });
}

function grouped(picture, { parts, label, outside }) {
  const made = element("div", `group ${label ? "times" : ""} ${outside ? "outside" : ""}`);
  parts.forEach((part, i) => {
    if (i) made.append(arrow());
    made.append(picture.data.places[part] ? slot(picture, part) : element("span", "box", part));
  });
  if (label) made.append(element("span", "count", label));
  return made;
}

function slot(picture, key) {
  const made = element("label", "slot", "", { "data-place": key });
  const input = element("input", "", "", { type: "radio", name: "place", value: key });
  input.addEventListener("change", () => choose(picture, key));
  made.append(input, element("span", "space"), element("span", "name", picture.data.places[key].label));
  picture.slots.set(key, { node: made, input });
  return made;
}

// What the visitor chose: shown here and in the players at once; the server writes it into the link.
function choose(picture, key, before = picture.tile.getBoundingClientRect()) {
  if (picture.chosen === key) return;
  picture.chosen = key;
  picture.choice.tells(key);
  show(picture);
  glide(picture, before);
  document.dispatchEvent(new CustomEvent("bnlab:look", { detail: { curve: key } }));
  picture.tell("looking", { curve: key });
}

function show(picture) {
  const { data, chosen, slots, tile } = picture;
  const place = data.places[chosen];
  for (const [key, { node, input }] of slots) {
    input.checked = key === chosen;
    node.querySelector(".copy")?.remove();
    if (place?.also.includes(key)) node.append(colored(element("span", "copy", data.tile), place));
  }
  tile.className = "tile";
  slots.get(place ? chosen : data.home).node.append(colored(tile, place));
  picture.said.textContent = place ? place.said : data.start;
  picture.below.hidden = !place;
  if (!place) return;
  const summary = element("summary", "", "Code: ");
  summary.append(element("code", "", place.line));
  picture.details.replaceChildren(summary, element("pre", "", place.code));
}

function colored(node, place) {
  if (place && place.color !== null) node.classList.add(`g${place.color % 8}`);
  return node;
}

// From where it was to where it is.
function glide({ tile }, before) {
  const now = tile.getBoundingClientRect();
  const from = `translate(${before.left - now.left}px, ${before.top - now.top}px)`;
  animate(tile, [{ transform: from }, { transform: "none" }], { duration: LASTS, easing: "ease-out" });
}

function grasp(picture, event) {
  if (event.button) return;
  const { tile } = picture;
  const drag = { x: event.clientX, y: event.clientY, over: null, moved: false };
  const end = new AbortController();
  const on = (target, type, act) => target.addEventListener(type, act, { signal: end.signal, capture: true });
  const letGo = () => {
    end.abort();
    tile.classList.remove("held");
    tile.style.transform = "";
    mark(picture, null);
  };
  picture.dragged = false;
  tile.setPointerCapture(event.pointerId);
  on(tile, "pointermove", (moved) => {
    const by = [moved.clientX - drag.x, moved.clientY - drag.y];
    drag.moved ||= Math.hypot(...by) > DRAGS;
    picture.dragged = drag.moved; // so that the click at its end presses no slot
    if (!drag.moved) return;
    tile.classList.add("held");
    tile.style.transform = `translate(${by[0]}px, ${by[1]}px)`;
    const under = picture.root.getRootNode().elementFromPoint(moved.clientX, moved.clientY);
    drag.over = under?.closest?.(".slot")?.dataset.place ?? null;
    mark(picture, drag.over);
  });
  on(tile, "pointerup", () => {
    const { moved, over } = drag;
    const before = tile.getBoundingClientRect();
    letGo();
    if (!moved) return;
    if (over === null || over === picture.chosen) glide(picture, before);
    else {
      choose(picture, over, before);
      picture.slots.get(over).input.focus({ focusVisible: false });
    }
  });
  on(tile, "pointercancel", letGo);
  on(document, "keydown", (pressed) => pressed.key === "Escape" && letGo());
}

function mark({ slots }, over) {
  for (const [key, { node }] of slots) node.classList.toggle("over", key === over);
}

export default function ({ data, parentElement, setStateValue }) {
  let picture = INSTANCES.get(parentElement);
  if (!picture || !parentElement.contains(picture.root)) {
    picture = { root: parentElement.querySelector(".slots"), choice: new Choice() };
    dress(picture.root);
    INSTANCES.set(parentElement, picture);
  }
  picture.tell = setStateValue;
  const { chosen, ...words } = data;
  const text = JSON.stringify(words);
  const changed = picture.text !== text;
  picture.text = text;
  const news = picture.choice.hears(chosen);
  if (news) picture.chosen = chosen;
  if (!changed && !news) return;
  const held = picture.slots && [...picture.slots].find(([, { input }]) => input === picture.root.getRootNode().activeElement);
  if (changed) build(picture, data);
  show(picture);
  if (changed && held) picture.slots.get(held[0])?.input.focus();
}
