// What components share: their style, put once into a page, and how they make elements.
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

function dress(root) {
  const scope = root.getRootNode();
  if (!scope.adoptedStyleSheets.includes(sheet)) scope.adoptedStyleSheets.push(sheet);
}

function element(tag, className, text, attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Half a second of motion, for who does not mind.
function animate(node, frames, options = {}) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  node.animate(frames, { duration: 450, easing: "ease-in-out", ...options });
}

// Numbers as JSON brings them: what is not finite travels as a word (ui/drawing/numbers.py).
function parsed(values) {
  return Array.isArray(values) ? values.map(parsed) : Number(values);
}

// The largest difference between two ways to the same numbers, in a digit.
function apart(value) {
  return value ? value.toExponential(0).replace("-", "\u2212") : "0";
}

function skip(root) {
  for (const motion of root.getAnimations({ subtree: true })) motion.finish();
}
