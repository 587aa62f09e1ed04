// A number line in SVG, for components that draw one.
function axis(x, low, high, bottom, measure) {
  const made = svg("g", { class: "tick" });
  for (const value of ticks(low, high)) {
    made.append(
      svg("line", { x1: x(value), x2: x(value), y1: 0, y2: bottom }),
      words(x(value), bottom + 16, String(value).replace("-", "\u2212"), "middle"),
    );
  }
  made.append(words((x(low) + x(high)) / 2, bottom + 36, measure, "middle"));
  return made;
}

function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) found.push(Number((n * step).toPrecision(6)));
  return found;
}

function words(x, y, text, anchor) {
  const made = svg("text", { x, y, "text-anchor": anchor });
  made.textContent = text;
  return made;
}

function svg(tag, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
