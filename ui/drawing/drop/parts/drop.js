// A bad number is dropped on an update of a feature, and what the layer holds is lost from there
// on, or finds back. The server hears where it was dropped, and feeds a real layer.
const INSTANCES = new WeakMap();
const STATISTICS = ["mean", "variance"];
const DRAGS = 4; // pixels from which a press is a drag
const PAUSE = 400; // milliseconds without a key, after which the number lies where it is

export default function ({ data, parentElement, setStateValue }) {
  let picture = INSTANCES.get(parentElement);
  if (!picture || !parentElement.contains(picture.root)) {
    picture = { root: parentElement.querySelector(".drop"), choice: new Choice() };
    dress(picture.root);
    INSTANCES.set(parentElement, picture);
  }
  picture.tell = setStateValue;
  const text = JSON.stringify(data);
  if (picture.text === text) return;
  const { at, held, ...rest } = data;
  const kept = JSON.stringify(rest);
  const another = picture.kept !== kept;
  Object.assign(picture, { data: readable(data), text, kept });
  if (picture.choice.hears(at)) picture.at = at;
  const focused = picture.marker && picture.root.getRootNode().activeElement === picture.marker;
  if (another) build(picture);
  if (!picture.drag) paint(picture);
  if (focused) picture.marker.focus({ preventScroll: true });
}

function readable(data) {
  const read = (statistics) => statistics && { mean: parsed(statistics.mean), variance: parsed(statistics.variance) };
  const spoilt = Object.fromEntries(Object.entries(data.spoilt).map(([bad, statistics]) => [bad, read(statistics)]));
  return { ...data, clean: read(data.clean), spoilt, held: read(data.held) };
}

function build(picture) {
  const { data, root } = picture;
  picture.said = element("p", "said", "", { role: "status" });
  picture.rack = element("div", "rack", "", { role: "group", "aria-label": "The bad number" });
  picture.chips = Object.entries(data.names).map(([bad, name]) => chip(picture, bad, name));
  picture.rack.append(element("span", "", "Drag a bad number to another update or feature:"), ...picture.chips);
  picture.body = element("div", "body");
  picture.rows = data.features.map((feature, index) => row(picture, feature, index));
  picture.marker = element("button", "marker", "", { type: "button" });
  picture.marker.addEventListener("pointerdown", (event) => grasp(picture, picture.at.bad, event));
  picture.marker.addEventListener("keydown", (event) => step(picture, event));
  const more = data.of > data.features.length ? `${data.features.length} of ${data.of} features are drawn.` : "";
  picture.checked = element("span", "checked");
  const below = element("p", "legend");
  below.append(...legend(data), element("span", "more", more), picture.checked);
  root.replaceChildren(picture.rack, picture.body, axis(data), picture.said, below);
}

function chip(picture, bad, name) {
  const made = element("button", "chip", name, { type: "button" });
  made.addEventListener("pointerdown", (event) => grasp(picture, bad, event));
  made.addEventListener("click", () => !picture.dragged && put(picture, { ...picture.at, bad }));
  return made;
}

function row(picture, feature, index) {
  const node = element("section", "row", "", { "aria-label": `feature ${feature}` });
  const lanes = element("div", "lanes");
  const made = { feature, index, node, lanes, parts: {} };
  node.append(element("span", "name", `feature ${feature}`));
  const [words, ends] = [element("div", "words"), element("div", "ends")];
  for (const name of STATISTICS) {
    const [track, end] = [element("div", "lane"), element("span", "end")];
    words.append(element("span", "", name));
    lanes.append(track);
    ends.append(end);
    made.parts[name] = { track, end };
  }
  node.append(words, lanes, ends);
  picture.body.append(node);
  return made;
}

function axis({ total, told }) {
  const made = element("div", "axis", "", { "aria-hidden": "true" });
  made.append(element("span", "", "update 1"), element("span", "", total.toLocaleString("en")), element("span", "", told ? "at the end" : ""));
  return made;
}

function legend({ told }) {
  const shown = Object.entries(KINDS).filter(([kind]) => told || kind === "way" || kind === "there");
  return shown.map(([kind, words]) => {
    const each = element("span", "", words);
    each.prepend(element("i", `piece ${kind}`));
    return each;
  });
}

// ---- what is drawn ---------------------------------------------------------------------------

function paint(picture, before = null) {
  for (const each of picture.rows) {
    if (!before || [before.feature, picture.at.feature].includes(each.feature)) paintRow(picture, each);
  }
  const { data, at, marker, rows } = picture;
  const there = rows.find(({ feature }) => feature === at.feature);
  if (marker.parentElement !== there.lanes) there.lanes.append(marker);
  marker.textContent = data.names[at.bad];
  marker.style.left = `${share(data, at.update - 0.5)}%`;
  marker.setAttribute("aria-label", `${where(picture)}. Left and right arrow keys move it by an update (with Shift ten, Page keys a tenth of all), up and down to another feature.`);
  for (const each of picture.chips) each.setAttribute("aria-pressed", each.textContent === data.names[at.bad]);
  if (picture.drag) return; // a screen reader hears where it was dropped, not the way there
  picture.said.textContent = data.told ? became(picture) : `${where(picture)}. Predict what it does there; the picture shows it with the answer.`;
  check(picture);
}

function paintRow({ data, at }, made) {
  made.ends = {};
  for (const name of STATISTICS) {
    const { track, end } = made.parts[name];
    const pieces = lane(data, name, made.index, data.told ? at : null);
    track.replaceChildren(...pieces.map((piece) => drawn(data, piece)));
    const last = pieces.at(-1);
    made.ends[name] = last.value;
    end.textContent = data.told ? written(last.value) : "";
    end.classList.toggle("lost", last.kind === "lost");
    track.setAttribute("role", "img");
    track.setAttribute("aria-label", `Moving ${name}: ${pieces.map((piece) => `${KINDS[piece.kind]} from update ${piece.start} to ${piece.end}`).join("; ")}`);
  }
}

function drawn(data, { kind, start, end, value }) {
  const made = element("span", `piece ${kind}`, kind === "lost" ? written(value) : "");
  made.style.left = `${share(data, start - 1)}%`;
  made.style.width = `${share(data, end - start + 1)}%`;
  return made;
}

function share({ total }, updates) {
  return (100 * updates) / total;
}

function where({ data, at }) {
  return `${data.names[at.bad]} in feature ${at.feature} at update ${at.update.toLocaleString("en")}`;
}

// What became of the layer, in a sentence.
function became(picture) {
  const { data, at } = picture;
  const index = data.features.indexOf(at.feature);
  const [mean, variance] = STATISTICS.map((name) => fate(data, name, lane(data, name, index, at), at));
  const told = mean === variance ? `moving mean and variance are ${mean}` : `moving mean is ${mean}; its moving variance is ${variance}`;
  const others = data.of - 1;
  const rest = others ? ` The other ${others === 1 ? "feature is" : `${others} features are`} not affected.` : "";
  return `${where(picture)}: its ${told}.${rest}`;
}

function fate(data, name, pieces, at) {
  const { kind, start, value } = pieces.at(-1);
  const since = `update ${start.toLocaleString("en")}`;
  if (kind === "lost" && start < at.update) return `${written(value)} since ${since}, even without it`;
  if (kind === "lost") return `${written(value)} from ${start > at.update ? since : "there"} on${inVain(data.total - start)}`;
  if (kind === "there" && start < at.update) return "still the clean batches\u2019 number";
  if (kind === "there") {
    const again = pieces.some((piece) => piece.kind === "there" && piece.end < at.update);
    return `${again ? "back at " : ""}the clean batches\u2019 number from ${since} on`;
  }
  const after = data.total - at.update;
  return `${written(value)} ${after ? `after ${cleanUpdates(after)}` : "at the end"}, and ${written(data.clean[name][data.features.indexOf(at.feature)])} in the clean batches`;
}

function inVain(after) {
  return after ? `, and ${cleanUpdates(after)} ${after === 1 ? "changes" : "change"} nothing` : "";
}

function cleanUpdates(count) {
  return `${count.toLocaleString("en")} clean update${count === 1 ? "" : "s"}`;
}

// What was worked out here, held against what the trained layer came to.
function check(picture) {
  const { data, at, checked, rows } = picture;
  const trained = data.told && data.held && JSON.stringify(at) === JSON.stringify(data.at);
  const [most, told] = [rounding(data), (value) => String(Number(value.toPrecision(7))).replace("-", "\u2212")];
  let [far, problem] = [0, ""];
  for (const { feature, index, ends } of trained ? rows : []) {
    for (const name of STATISTICS) {
      const [own, held] = [ends[name], data.held[name][index]];
      if (!(relative(own, held, known(data, name, index)) <= most)) problem ||= `Moving ${name} of feature ${feature}: worked out here ${told(own)}, but the trained layer holds ${told(held)}.`;
      far = Math.max(far, relative(own, held, scale(data, name, index)));
    }
  }
  const same = `Worked out here. The trained layer holds the same at the end${far <= most ? ` (largest relative difference ${apart(far)})` : ", but for what float32 loses of such numbers"}.`;
  checked.textContent = problem || (trained ? same : data.told ? "Worked out here; no layer was trained with this yet." : "");
  checked.className = problem ? "checked problem" : "checked";
  checked.setAttribute("role", problem ? "alert" : "note");
}

// ---- dropping --------------------------------------------------------------------------------

// The number lies there now: the server hears of it.
function put(picture, at, pause = 0) {
  const before = picture.at;
  if (JSON.stringify(before) !== JSON.stringify(at)) {
    picture.at = at;
    paint(picture, before);
  }
  clearTimeout(picture.soon);
  picture.soon = setTimeout(() => tell(picture), pause);
}

function tell(picture) {
  if (JSON.stringify(picture.at) === JSON.stringify(picture.data.at)) return;
  picture.choice.tells(picture.at);
  picture.tell("looking", picture.at);
  if (picture.data.told) blacken(picture);
}

// From the update where it lies to the end.
function blacken({ rows, at }) {
  const { lanes } = rows.find(({ feature }) => feature === at.feature);
  for (const piece of lanes.querySelectorAll(".lost, .thrown")) {
    animate(piece, [{ clipPath: "inset(0 100% 0 0)" }, { clipPath: "inset(0 0 0 0)" }]);
  }
}

function grasp(picture, bad, event) {
  if (event.button) return;
  const { root, at: home } = picture;
  const start = { x: event.clientX, y: event.clientY };
  const end = new AbortController();
  const on = (target, type, act) => target.addEventListener(type, act, { signal: end.signal, capture: true });
  const letGo = () => {
    end.abort();
    picture.drag = null;
    root.classList.remove("dragging");
  };
  const back = () => {
    const moved = picture.at;
    letGo();
    picture.at = home;
    paint(picture, moved);
  };
  skip(root);
  picture.dragged = false;
  on(document, "pointermove", (moved) => {
    if (!picture.drag && Math.hypot(moved.clientX - start.x, moved.clientY - start.y) <= DRAGS) return;
    if (!picture.drag) root.setPointerCapture(event.pointerId); // the number itself moves from row to row
    picture.drag = picture.dragged = true;
    root.classList.add("dragging");
    const before = picture.at;
    picture.at = under(picture, moved) ?? home;
    if (picture.at !== home) picture.at = { bad, ...picture.at };
    paint(picture, before);
  });
  on(document, "pointerup", () => {
    const dropped = picture.at;
    const moved = picture.drag;
    letGo();
    if (!moved) return;
    paint(picture, home);
    if (dropped !== home) put(picture, dropped);
    picture.marker.focus({ preventScroll: true, focusVisible: false });
  });
  on(document, "pointercancel", back);
  on(document, "keydown", (pressed) => pressed.key === "Escape" && back());
}

// The feature and the update under the pointer, if there is one.
function under({ rows, data }, { clientX, clientY }) {
  for (const { feature, lanes } of rows) {
    const { top, bottom, left, width } = lanes.getBoundingClientRect();
    if (clientY < top - 6 || clientY > bottom + 6) continue;
    const update = Math.ceil(((clientX - left) / width) * data.total);
    return { feature, update: Math.max(data.first, Math.min(data.last, update)) };
  }
  return null;
}

function step(picture, event) {
  const { data, at } = picture;
  const tenth = Math.max(1, Math.round(data.total / 10));
  const arrow = event.shiftKey ? 10 : 1;
  const to = {
    ArrowLeft: at.update - arrow, ArrowRight: at.update + arrow,
    PageDown: at.update - tenth, PageUp: at.update + tenth, Home: data.first, End: data.last,
  }[event.key];
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (to === undefined && !by) return;
  event.preventDefault();
  event.stopPropagation();
  const index = data.features.indexOf(at.feature) + (by ?? 0);
  const feature = data.features[Math.max(0, Math.min(data.features.length - 1, index))];
  const update = Math.max(data.first, Math.min(data.last, to ?? at.update));
  put(picture, { ...at, feature, update }, PAUSE);
  picture.marker.focus({ preventScroll: true });
}
