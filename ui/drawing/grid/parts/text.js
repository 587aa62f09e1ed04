// Numbers and names as text. Numbers are only ever written here: what people type is read in
// Python, so that "1,5" has one meaning everywhere.
const ODD = { nan: "NaN", inf: "inf", "-inf": "\u2212inf" };

function shownNumber(value, style, digits) {
  if (typeof value === "string") return ODD[value] ?? value;
  const text = style === "exp" ? value.toExponential(digits) : value.toFixed(digits);
  // "-0.00" is a rounded zero; the exact value is in the readout.
  return /[1-9]/.test(text) ? text.replace(/-/g, "\u2212") : text.replace("-", "");
}

function exactNumber(value) {
  return typeof value === "string" ? ODD[value] ?? value : String(value);
}

function cellName(symbol, index) {
  return index.length ? `${symbol}[${index.join(", ")}]` : symbol;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, text) {
  if ((node.getAttribute(name) ?? "") === text) return;
  if (text) node.setAttribute(name, text);
  else node.removeAttribute(name);
}
