// The same rows in both modes. The slider chooses how many rows the batch has; both outputs are
// worked out here at once, and held against the engine's when the slider rests.
const REST_MILLISECONDS = 400;
const NARROW = 480;
const MOST_NAMED = 6; // features whose lanes have a name
const INSTANCES = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".strips");
  const { training, inference, ...words } = data;
  const told = JSON.stringify(words);
  const layer = { ...words, moving_mean: parsed(words.moving_mean), moving_variance: parsed(words.moving_variance) };
  let picture = INSTANCES.get(parentElement);
  if (picture?.told !== told || !root.contains(picture.slider)) {
    picture?.watch.disconnect();
    picture = mount(root, layer, training.length, told);
    INSTANCES.set(parentElement, picture);
  }
  picture.tell = setStateValue;
  receive(picture, { training: parsed(training), inference: parsed(inference) });
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
  const found = data.moving_mean.map((_, k) => moments(batch.map((row) => row[k])));
  const [mean, variance] = ["mean", "variance"].map((name) => found.map((each) => each[name]));
  const normalised = (mean, variance) => batch.map((row) => row.map((x, k) => (x - mean[k]) / Math.sqrt(variance[k] + data.epsilon)));
  return { training: normalised(mean, variance), inference: normalised(data.moving_mean, data.moving_variance), variance };
}

// From the smallest output of any batch size to the largest, and beta.
function rangeOf(data) {
  const all = data.rows.flatMap((_, i) => outputs(data, i + 1).training.flat()).concat(outputs(data, data.rows.length).inference.flat());
  return all.filter(Number.isFinite).reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0]);
}

// Whether the engine has another number than is worked out here.
function check(picture) {
  const { data, engine, checked } = picture;
  const size = sizeOf(picture);
  if (engine.training.length !== size) {
    checked.className = "checked";
    checked.textContent = "Worked out here; the engine is asked when the slider rests.";
    return;
  }
  const here = outputs(data, size);
  const off = data.moving_mean.map((mean, k) => {
    const spread = Math.min(here.variance[k], data.moving_variance[k]) + data.epsilon;
    return roundingOf(data.rows.slice(0, size).map((row) => row[k]), mean, spread);
  });
  let [worst, problem] = [0, ""];
  for (const mode of ["training", "inference"]) {
    here[mode].forEach((row, i) =>
      row.forEach((value, k) => {
        const other = engine[mode][i][k];
        const same = value === other || (isNaN(value) && isNaN(other));
        const far = same ? 0 : Math.abs(value - other);
        worst = Math.max(worst, far);
        if (!(far <= off[k])) problem ||= `${mode} mode, row ${i}, feature ${k}: worked out here ${value}, but the engine says ${other}.`;
      }),
    );
  }
  checked.className = problem ? "checked problem" : "checked";
  checked.setAttribute("role", problem ? "alert" : "note");
  checked.textContent = problem || `Worked out here. The engine computes the same (largest difference ${apart(worst)}).`;
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
  if (data.epsilon === 0 && [...variance, ...data.moving_variance].includes(0)) {
    return `Batch of ${size}: ε = 0 and ${variance.includes(0) ? "a variance" : "a moving variance"} is 0, so some outputs are a division by 0. Choose an ε above 0.`;
  }
  if (size === 1) {
    const [row] = inference;
    const more = row.length > 3 ? ", …" : "";
    return `Batch of 1: the row is its own mean, so x − mean = 0 and every training output is beta = 0, whatever the row holds. Inference mode subtracts the moving mean and returns ${row.slice(0, 3).map(short).join(", ")}${more}.`;
  }
  const far = average(inference.flatMap((row, i) => row.map((value, k) => Math.abs(value - training[i][k]))));
  if (!Number.isFinite(far)) return `Batch of ${size}: some outputs are not finite, so there is no distance between them.`;
  const rest = size === data.rows.length ? "The batch is all the data." : "Drag the batch size to 1.";
  return `Batch of ${size}: training mode uses the statistics of these ${size} rows, inference mode the moving ones. The outputs are ${short(far)} apart on average. ${rest}`;
}

function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
