// Dots on a line: the slider chooses a step, and every dot goes to its number there.
const ROW = 24;
const NARROW = 480; // below it the names stand above their dots

export default function show({ data, parentElement }) {
  const root = parentElement.querySelector(".line");
  dress(root);
  const told = JSON.stringify(data);
  if (root.told === told) return root.end;
  root.told = told;
  const line = build(root, data);
  const watch = new ResizeObserver(() => line.draw());
  watch.observe(root);
  root.end = () => watch.disconnect();
  return root.end;
}

function build(root, data) {
  const slider = element("input", "", "", { type: "range", min: 0, max: data.steps.length - 1, step: 1, value: data.start });
  const where = element("output");
  const label = element("label");
  label.append(`${data.slider} `, slider, where);
  const said = element("p", "said", "", { role: "status" });
  const picture = svg("svg", { role: "img" });
  root.replaceChildren(label, picture, said);
  const all = data.rows.flatMap((row) => row.values).filter((value) => value !== null);
  const [low, high] = [Math.min(1, ...all), Math.max(1, ...all)];
  let dots = [];

  const draw = () => {
    const width = root.clientWidth;
    if (!width) return;
    const narrow = width < NARROW;
    const row = narrow ? 2 * ROW : ROW;
    const left = narrow ? 8 : 16 + Math.max(...data.rows.map((each) => each.name.length)) * 6.6;
    const right = width - 76;
    const bottom = data.rows.length * row + 8;
    const x = (value) => left + ((value - low) / (high - low || 1)) * (right - left);
    picture.setAttribute("height", bottom + 42);
    picture.replaceChildren();
    picture.append(axis(x, low, high, bottom, data.measure));
    dots = data.rows.map(({ name, values }, i) => {
      const y = i * row + row - ROW / 2;
      const way = svg("line", { class: "way", x1: x(1), y1: y, y2: y });
      const dot = svg("circle", { cy: y, r: 6, fill: `var(--g${i % 8})` });
      const number = words(0, y + 4, "", "start");
      number.setAttribute("class", "number");
      picture.append(narrow ? words(left, y - 14, name, "start") : words(left - 12, y + 4, name, "end"), way, dot, number);
      return { values, way, dot, number, x };
    });
    move();
  };

  const move = () => {
    const at = Number(slider.value);
    const step = data.steps[at].toLocaleString("en");
    where.textContent = step;
    slider.setAttribute("aria-valuetext", `${step}: ${data.said[at]}`);
    said.textContent = data.said[at];
    picture.setAttribute("aria-label", `${data.measure}: ${data.rows.map(({ name, values }) => `${name} ${values[at] === null ? "has no number" : short(values[at])}`).join(", ")}`);
    for (const { values, way, dot, number, x } of dots) {
      const value = values[at];
      for (const each of [way, dot, number]) each.style.display = value === null ? "none" : "";
      if (value === null) continue;
      way.setAttribute("x2", x(value));
      dot.setAttribute("cx", x(value));
      number.setAttribute("x", x(value) + 12);
      number.textContent = short(value);
    }
  };

  slider.addEventListener("input", move);
  return { draw };
}

// Five digits, and no zeros at their end.
function short(value) {
  return String(Number(value.toPrecision(5))).replace("-", "\u2212");
}
