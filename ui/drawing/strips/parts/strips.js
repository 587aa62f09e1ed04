// The same rows in both modes. The slider chooses how many rows the batch has; both outputs are
// worked out here at once, and held against the engine's when the slider rests.
const REST_MILLISECONDS = 400;
const NARROW = 480;
const MOST_NAMED = 6; // features whose lanes have a name
const INSTANCES = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".strips");
  const { training, inference, ...layer } = data;
  const told = JSON.stringify(layer);
  let picture = INSTANCES.get(parentElement);
  if (picture?.told !== told || !root.contains(picture.slider)) {
    picture?.watch.disconnect();
    picture = mount(root, layer, training.length, told);
    INSTANCES.set(parentElement, picture);
  }
  picture.tell = setStateValue;
  receive(picture, { training, inference });
  return () => picture.watch.disconnect();
}

function mount(root, data, size, told) {
  dress(root);
  const slider = element("input", "", "", { type: "range", min: 1, max: data.rows.length, step: 1, value: size });
  const picture = { root, data, told, asked: [], slider, where: element("output"), said: element("p", "said", "", { role: "status" }) };
  const label = element("label", "", "Batch size ");
  label.append(slider, picture.where);
  picture.figure = svg("svg", { role: "img" });
  picture.checked = element("p", "checked");
  root.replaceChildren(label, picture.figure, picture.said, picture.checked);
  picture.range = rangeOf(data);
  slider.addEventListener("input", () => {
    move(picture);
    check(picture);
    clearTimeout(picture.resting);
    picture.resting = setTimeout(() => ask(picture), REST_MILLISECONDS);
  });
  picture.watch = new ResizeObserver(() => draw(picture));
  picture.watch.observe(root);
  draw(picture);
  return picture;
}

// The engine's outputs. A size that was not asked for here is the page's, as after Reset: it leads.
function receive(picture, engine) {
  const { asked, slider, engine: before } = picture;
  const size = engine.training.length;
  const answers = asked.indexOf(size);
  picture.engine = engine;
  if (answers >= 0) asked.splice(0, answers + 1);
  else if (before && size !== before.training.length) {
    asked.length = 0;
    slider.value = size;
    move(picture);
  }
  check(picture);
}

function ask(picture) {
  const size = sizeOf(picture);
  if (size === (picture.asked.at(-1) ?? picture.engine.training.length)) return;
  picture.asked.push(size);
  picture.tell("looking", { size });
}

const sizeOf = ({ slider }) => Number(slider.value);

// ---- the two outputs -----------------------------------------------------------------------

function outputs(data, size) {
  const batch = data.rows.slice(0, size);
  const mean = data.moving_mean.map((_, k) => average(batch.map((row) => row[k])));
  const variance = mean.map((middle, k) => average(batch.map((row) => (row[k] - middle) ** 2)));
  const normalised = (mean, variance) => batch.map((row) => row.map((x, k) => (x - mean[k]) / Math.sqrt(variance[k] + data.epsilon)));
  return { training: normalised(mean, variance), inference: normalised(data.moving_mean, data.moving_variance), variance };
}

function average(values) {
  return values.reduce((all, value) => all + value, 0) / values.length;
}

// From the smallest output of any batch size to the largest, and beta.
function rangeOf(data) {
  const all = data.rows.flatMap((_, i) => outputs(data, i + 1).training.flat()).concat(outputs(data, data.rows.length).inference.flat());
  return all.filter(Number.isFinite).reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0]);
}

// Which number the engine has other than here, by more than two sums in float64 may differ.
function check(picture) {
  const { data, engine, checked } = picture;
  const size = sizeOf(picture);
  if (engine.training.length !== size) {
    checked.className = "checked";
    checked.textContent = "Worked out here; the engine is asked when the slider rests.";
    return;
  }
  const here = outputs(data, size);
  let [worst, problem] = [0, ""];
  for (const mode of ["training", "inference"]) {
    here[mode].forEach((row, i) =>
      row.forEach((value, k) => {
        const other = engine[mode][i][k];
        if (other === null && !Number.isFinite(value)) return;
        const far = Math.abs(value - other);
        worst = Math.max(worst, far);
        if (!(far <= rounding(data, here.variance[k], size, k)) || other === null) problem ||= `${mode} mode, row ${i}, feature ${k}: worked out here ${value}, but the engine says ${other}.`;
      }),
    );
  }
  checked.className = problem ? "checked problem" : "checked";
  checked.setAttribute("role", problem ? "alert" : "note");
  checked.textContent = problem || `Worked out here, and by the engine (largest difference ${worst ? worst.toExponential(0).replace("-", "−") : 0}).`;
}

function rounding(data, variance, size, k) {
  const largest = Math.max(...data.rows.slice(0, size).map((row) => Math.abs(row[k])), Math.abs(data.moving_mean[k]));
  return 16 * size * Number.EPSILON * (1 + largest / Math.sqrt(Math.min(variance, data.moving_variance[k]) + data.epsilon)) ** 2;
}

// ---- the picture ---------------------------------------------------------------------------

function draw(picture) {
  const { root, data, figure } = picture;
  const [low, high] = picture.range;
  const width = root.clientWidth;
  if (!width) return;
  const features = data.moving_mean.length;
  const named = features <= MOST_NAMED && width >= NARROW;
  const [left, right] = [named ? 76 : 10, width - 14];
  const lane = Math.min(18, 72 / features);
  const x = (value) => left + ((value - low) / (high - low || 1)) * (right - left);
  const tops = { training: 26, inference: 26 + features * lane + 40 };
  const bottom = tops.inference + features * lane + 8;
  figure.setAttribute("height", bottom + 42);
  figure.replaceChildren(axis(x, low, high, bottom, "output"));
  figure.append(svg("line", { class: "beta", x1: x(0), x2: x(0), y1: 6, y2: bottom }), words(x(0) + 5, 12, "beta = 0", "start"));
  for (const [mode, top] of Object.entries(tops)) {
    const title = words(0, top - 10, mode === "training" ? "Training mode" : "Inference mode", "start");
    title.setAttribute("class", "strip");
    figure.append(title);
    for (let k = 0; named && k < features; k++) figure.append(words(0, top + (k + 0.5) * lane + 4, `feature ${k}`, "start"));
  }
  const height = (mode, k) => tops[mode] + (k + 0.5) * lane;
  picture.x = x;
  picture.dots = data.rows.map((row) =>
    row.map((_, k) => {
      const gap = svg("line", { class: "gap", y1: height("training", k), y2: height("inference", k) });
      const [training, inference] = ["training", "inference"].map((mode) => svg("circle", { cy: height(mode, k), r: lane < 10 ? 3.5 : 5, fill: `var(--g${k % 8})` }));
      return { gap, training, inference };
    }),
  );
  const all = picture.dots.flat();
  figure.append(...all.map(({ gap }) => gap), ...all.flatMap(({ training, inference }) => [training, inference]));
  move(picture);
}

function move(picture) {
  const { data, dots, x, slider } = picture;
  const size = sizeOf(picture);
  const found = outputs(data, size);
  const said = sentence(data, size, found);
  picture.where.textContent = size;
  picture.said.textContent = said;
  picture.figure.setAttribute("aria-label", said);
  slider.setAttribute("aria-valuetext", `${size}: ${said}`);
  dots?.forEach((row, i) =>
    row.forEach(({ gap, training, inference }, k) => {
      const [here, there] = i < size ? [found.training[i][k], found.inference[i][k]] : [NaN, NaN];
      const shown = Number.isFinite(here) && Number.isFinite(there);
      for (const each of [gap, training, inference]) each.style.display = shown ? "" : "none";
      if (!shown) return;
      training.setAttribute("cx", x(here));
      inference.setAttribute("cx", x(there));
      gap.setAttribute("x1", x(here));
      gap.setAttribute("x2", x(there));
    }),
  );
}

// What the two strips show, in one sentence.
function sentence(data, size, { training, inference, variance }) {
  if (data.epsilon === 0 && variance.includes(0)) return `Batch of ${size}: a variance of 0 is divided by √(0 + ε) with ε = 0. Choose an ε above 0.`;
  if (size === 1) {
    const [row] = inference;
    const more = row.length > 3 ? ", …" : "";
    return `Batch of 1: the row is its own mean, so x − mean = 0 and every training output is beta = 0, whatever the row holds. Inference mode subtracts the moving mean and returns ${row.slice(0, 3).map(short).join(", ")}${more}.`;
  }
  const far = average(inference.flatMap((row, i) => row.map((value, k) => Math.abs(value - training[i][k]))));
  const rest = size === data.rows.length ? "The batch is all the data." : "Drag the batch size to 1.";
  return `Batch of ${size}: training mode uses the statistics of these ${size} rows, inference mode the moving ones. The outputs are ${short(far)} apart on average. ${rest}`;
}

function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
