// The handle pushes the numbers of a feature; their batch normalisation is worked out here meanwhile,
// and by the engine when the handle is let go.
const INSTANCES = new WeakMap();
const THUMB = 24;
const EDGE = 14; // pixels beside the outermost numbers
const ROWS = 4; // in which the dots stand, so that fewer cover each other
const LINE = 14; // pixels of a name above a strip
const DOTS = 54; // pixels for the dots
const BELOW = 22; // for the numbers of the axis

function build(picture, data) {
  Object.assign(picture, { data, by: data.by, mode: data.mode });
  const modes = element("fieldset");
  modes.append(element("legend", "", "Mode"));
  picture.radios = ["training", "inference"].map((mode) => radio(picture, mode, modes));
  const { far } = data;
  picture.slider = element("input", "", "", { type: "range", min: -far, max: far, step: far / 20 });
  picture.slider.addEventListener("input", () => push(picture));
  picture.slider.addEventListener("change", () => tell(picture));
  const handle = element("label", "handle");
  picture.where = element("span");
  handle.append(picture.where, picture.slider);
  picture.strips = [strip("z", ["mean", "moving"]), strip("out", ["mean"])];
  picture.said = element("p", "said", "", { role: "status" });
  picture.check = element("p", "check", "", { role: "status" });
  const [z, out] = picture.strips;
  picture.root.replaceChildren(
    modes, handle,
    element("h4", "", "z, which arrives at the layer: one dot for each row of the batch"), z.node,
    element("h4", "", "\u03b3 \u00b7 (z \u2212 mean) / \u221a(variance + \u03b5) + \u03b2, which leaves it"), out.node,
    picture.said, picture.check,
  );
  lay(picture);
}

function radio(picture, mode, around) {
  const label = element("label", "choice");
  const input = element("input", "", "", { type: "radio", name: "mode", value: mode });
  input.addEventListener("change", () => {
    picture.mode = mode;
    picture.root.classList.add("flips");
    show(picture);
    tell(picture);
  });
  label.append(input, mode);
  around.append(label);
  return input;
}

// A strip for dots, under the names of the lines through it.
function strip(name, lines) {
  const top = lines.length * LINE;
  return { top, lines, node: svg("svg", { class: name, role: "img", height: top + DOTS + BELOW }) };
}

// Mean and variance that the layer takes in this mode, and what it makes of the pushed numbers.
function normalised({ z, gamma, beta, mean, variance, epsilon }, by, mode) {
  const pushed = z.map((value) => value + by);
  const batch = moments(pushed);
  const taken = mode === "training" ? batch : { mean, variance };
  const spread = taken.variance + epsilon;
  const scale = gamma / Math.sqrt(spread);
  const rounding = Math.abs(gamma) * roundingOf(pushed, taken.mean, spread) + 4 * Number.EPSILON * Math.abs(beta);
  return { pushed, middle: batch.mean, outputs: pushed.map((value) => scale * (value - taken.mean) + beta), rounding };
}

// The axes have room for all that can be reached; the handle goes as many pixels as the mean of z.
function lay(picture) {
  const { data, root, strips, slider } = picture;
  const width = root.clientWidth;
  if (!width) return;
  picture.width = width;
  const ends = [-data.far, data.far].map((by) => normalised(data, by, "inference"));
  const all = [ends.flatMap((end) => [...end.pushed, data.mean]), ends.flatMap((end) => end.outputs).concat(normalised(data, 0, "training").outputs)];
  strips.forEach((strip, i) => {
    const [low, high] = [Math.min(...all[i]), Math.max(...all[i])];
    strip.x = (value) => EDGE + ((value - low) / (high - low || 1)) * (width - 2 * EDGE);
    strip.low = low;
    strip.high = high;
    fill(strip, data);
  });
  const [{ x }] = strips;
  const middle = average(data.z);
  slider.style.width = `${x(middle + data.far) - x(middle - data.far) + THUMB}px`;
  slider.style.marginLeft = `${x(middle - data.far) - THUMB / 2}px`;
  show(picture);
}

function fill(strip, { z }) {
  const { top, x } = strip;
  const axis = ticks(strip.low, strip.high).map((value) => {
    const tick = svg("g", { class: "tick" });
    tick.append(svg("line", { x1: x(value), x2: x(value), y1: top + 4, y2: top + DOTS }), words(x(value), top + DOTS + 15, short(value), "middle"));
    return tick;
  });
  const dots = (name, r) => z.map((_, i) => svg("circle", { class: name, r, cy: top + 10 + ((i % ROWS) * (DOTS - 16)) / (ROWS - 1) }));
  strip.before = dots("before", 4);
  strip.now = dots("now", 5);
  strip.marks = strip.lines.map((name, i) => {
    const made = svg("g", { class: name });
    made.append(svg("line", { y1: (i + 1) * LINE, y2: top + DOTS }), svg("text", { y: (i + 1) * LINE - 3 }));
    return made;
  });
  strip.node.replaceChildren(...axis, ...strip.before, ...strip.now, ...strip.marks);
}

// Everything at this push and in this mode.
function show(picture) {
  const { data, by, mode, strips, slider, radios } = picture;
  const [z, out] = strips;
  if (!z.now) return;
  const start = normalised(data, 0, mode);
  const now = normalised(data, by, mode);
  place(z, data.z, now.pushed);
  place(out, start.outputs, now.outputs);
  const used = mode === "training";
  mark(z, 0, now.middle, "batch mean", used);
  mark(z, 1, data.mean, "moving mean", !used);
  mark(out, 0, average(now.outputs), "mean", true);
  slider.value = by;
  radios.forEach((radio) => (radio.checked = radio.value === mode));
  picture.where.textContent = `Push the bias: b ${signed(by)}`;
  const said = sentence(data, by, mode, start, now);
  picture.said.textContent = said;
  slider.setAttribute("aria-valuetext", said);
  z.node.setAttribute("aria-label", `z of ${data.z.length} ${data.z.length === 1 ? "row" : "rows"}: batch mean ${short(now.middle)}, moving mean ${short(data.mean)}`);
  out.node.setAttribute("aria-label", `Outputs in ${mode} mode: mean ${short(average(now.outputs))}`);
  compare(picture, now);
}

function place(strip, before, now) {
  before.forEach((value, i) => strip.before[i].setAttribute("cx", strip.x(value)));
  now.forEach((value, i) => (strip.now[i].style.transform = `translateX(${strip.x(value)}px)`));
}

// A line with its name, on the side of it that has more room; `used` is what the layer subtracts.
function mark({ marks, x, low, high }, which, value, name, used) {
  const [node, at] = [marks[which], x(value)];
  node.style.transform = `translateX(${at}px)`;
  node.classList.toggle("used", used);
  node.classList.toggle("unused", !used);
  node.lastChild.setAttribute("text-anchor", at > (x(low) + x(high)) / 2 ? "end" : "start");
  node.lastChild.textContent = `${name} ${short(value)}`;
}

function sentence(data, by, mode, start, now) {
  if (!by) return "Drag the handle, or use the arrow keys: what is added to the bias b of this unit is added to z in every row.";
  const moved = now.outputs.map((value, i) => value - start.outputs[i]).reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most));
  const begun = `b ${signed(by)}: every z moved by ${short(by)}, every output by ${Math.abs(moved) <= start.rounding + now.rounding ? 0 : short(moved)}`;
  if (mode === "training") return `${begun} (training mode): the batch mean moves by as much, and the layer subtracts it.`;
  return `${begun} (inference mode): \u03b3 \u00b7 ${short(by)} / \u221a(moving variance + \u03b5) = ${short(data.gamma)} \u00b7 ${short(by)} / \u221a(${short(data.variance)} + ${short(data.epsilon)}).`;
}

// What the engine made of it, once it has been asked.
function compare({ data, by, mode, check }, { outputs, rounding }) {
  const asked = data.by === by && data.mode === mode;
  const off = Math.max(...outputs.map((value, i) => Math.abs(value - data.outputs[i])));
  const wrong = asked && !(off <= rounding);
  check.classList.toggle("wrong", wrong);
  check.textContent = !asked ? "" : wrong
    ? `The engine computes other outputs: they differ by up to ${short(off)}. Please report this.`
    : `The engine computes the same outputs (largest difference ${apart(off)}).`;
}

function push(picture) {
  picture.root.classList.remove("flips");
  picture.by = Number(picture.slider.value);
  show(picture);
}

function tell(picture) {
  const { by, mode } = picture;
  picture.choice.tells({ by, mode });
  picture.tell("looking", { by, mode });
}

// Four digits, and no zeros at their end.
function short(value) {
  return String(Number(value.toPrecision(4))).replace("-", "\u2212");
}

function signed(value) {
  return value < 0 ? `\u2212 ${short(-value)}` : `+ ${short(value)}`;
}

export default function ({ data, parentElement, setStateValue }) {
  let picture = INSTANCES.get(parentElement);
  if (!picture || !parentElement.contains(picture.root)) {
    picture = { root: parentElement.querySelector(".push"), choice: new Choice() };
    dress(picture.root);
    INSTANCES.set(parentElement, picture);
    picture.watch = new ResizeObserver(() => picture.width !== picture.root.clientWidth && lay(picture));
    picture.watch.observe(picture.root);
  }
  picture.tell = setStateValue;
  const { by, mode, outputs, ...numbers } = data;
  const text = JSON.stringify(numbers);
  const news = picture.choice.hears({ by, mode });
  if (picture.text !== text) build(picture, data);
  else {
    picture.data = data;
    if (news) Object.assign(picture, { by, mode });
    show(picture);
  }
  picture.text = text;
  return () => {
    picture.watch.disconnect();
    INSTANCES.delete(parentElement);
  };
}
