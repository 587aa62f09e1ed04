// Where a number comes from: the formula of its panel (a tree, see formula.py) with the numbers of
// the cells that belong to it. The sum is done here once more, with a bound of what rounding may
// have done to it; what is further from the engine's number is said.
const MOST_TERMS = 6;
const TIMES = "\u00d7";
const ATOM = 9; // how tightly a text holds together: 1 a sum, 2 a product, 3 a power

// The sentence of a cell, the cells it comes from, and which panels that takes are not there.
function told(cell) {
  const { formula } = cell.view.spec;
  if (formula === null) return null;
  const book = bookFor(cell);
  const found = tell(formula, cell, book);
  return { sentence: book.missing.size ? missingSentence(book) : sentence(cell, found, book), sources: book.sources };
}

// What is found out about a cell while its formula is told.
function bookFor(cell) {
  return { unit: cell.view.spec.unit, sources: new Set(), missing: new Set(), whole: true };
}

function sentence(cell, found, book) {
  const { style, digits } = cell.view.spec;
  const engine = numeric(cell.value);
  const off = 8 * (found.off + book.unit * Math.abs(engine)) + Number.MIN_VALUE;
  const same = found.value === engine || (isNaN(found.value) && isNaN(engine));
  const agrees = same || Math.abs(found.value - engine) <= off;
  if (agrees || !book.whole) return `${found.text} = ${shownNumber(cell.value, style, digits)}`;
  return `${found.text} = ${exactNumber(named(found.value))}, but the engine says ${exactNumber(cell.value)}`;
}

function missingSentence(book) {
  return `comes from ${[...book.missing].join(" and ")}, not shown here`;
}

function tell(node, cell, book) {
  if (typeof node === "number") return atom(signed(String(node)), node, book);
  if (typeof node === "string") return reading(node, cell, book);
  const [name, ...parts] = node;
  if (name === "mean" || name === "sum") return total(name, parts[0], cell, book);
  return OPERATIONS[name](...parts.map((part) => tell(part, cell, book)), book);
}

function atom(text, value, book) {
  return { text, value, off: book.unit * Math.abs(value), level: ATOM };
}

function reading(id, cell, book) {
  const view = viewNamed(cell.view, id);
  const source = view && view.inOrder[counterparts(cell.view, view)[cell.flat]];
  if (!source) {
    book.missing.add(view?.spec.title ?? id);
    return atom("", NaN, book);
  }
  book.sources.add(source);
  return atom(shownNumber(source.value, view.spec.style, view.spec.digits), numeric(source.value), book);
}

// All terms are added, those in the middle of a long sum are not written.
function total(name, body, cell, book) {
  const over = viewNamed(cell.view, panelsIn(body)[0]);
  if (!over) {
    panelsIn(body).forEach((id) => viewNamed(cell.view, id) ?? book.missing.add(id));
    return atom("", NaN, book);
  }
  const terms = members(cell, over).map((each) => tell(body, each, book));
  const count = volume(over.spec) / volume(cell.view.spec);
  const whole = terms.length === count;
  book.whole &&= whole;
  const texts = terms.map((term, i) => (i ? right(term, 1) : term.text));
  const long = count > MOST_TERMS;
  const written = long ? [...texts.slice(0, 2), "\u2026", ...(whole ? texts.slice(-1) : [])] : texts;
  const sum = terms.reduce((all, term) => all + term.value, 0);
  const size = terms.reduce((all, term) => all + Math.abs(term.value), 0);
  const off = terms.reduce((all, term) => all + term.off, count * book.unit * size);
  const text = written.join(" + ");
  if (name === "mean") {
    const above = count > 1 ? `(${text})` : text;
    return { text: `${above} / ${count}`, value: sum / count, off: off / count, level: 2 };
  }
  return { text: long ? `${text} (${count} terms)` : text, value: sum, off, level: 1 };
}

const OPERATIONS = {
  "+": (a, b, book) => made(`${a.text} + ${right(b, 1)}`, a.value + b.value, a.off + b.off, 1, book),
  "-": (a, b, book) => made(`${a.text} \u2212 ${right(b, 2)}`, a.value - b.value, a.off + b.off, 1, book),
  "*": (a, b, book) => {
    const off = Math.abs(a.value) * b.off + Math.abs(b.value) * a.off;
    return made(`${left(a, 2)} ${TIMES} ${right(b, 2)}`, a.value * b.value, off, 2, book);
  },
  "/": (a, b, book) => {
    const value = a.value / b.value;
    const off = (a.off + Math.abs(value) * b.off) / Math.abs(b.value);
    return made(`${left(a, 2)} / ${right(b, 3)}`, value, off, 2, book);
  },
  negative: (a, book) => made(`\u2212${right(a, 2)}`, -a.value, a.off, 2, book),
  square: (a, book) => made(`${right(a, ATOM)}\u00b2`, a.value ** 2, 2 * Math.abs(a.value) * a.off, 3, book),
  sqrt: (a, book) => {
    const value = Math.sqrt(a.value);
    // of a number that may be nothing but rounding, half a digit of the root is known
    const off = a.value > a.off ? a.off / value : Math.sqrt(2 * a.off);
    return made(`\u221a${right(a, ATOM)}`, value, off, ATOM, book);
  },
};

// Activations as the engine has them; none is steeper than 1, nor bends more.
const sigmoid = (y) => 0.5 * (1 + Math.tanh(y / 2));
const ACTIVATIONS = {
  relu: [(y) => Math.max(y, 0), (y) => (y > 0 ? 1 : 0)],
  tanh: [Math.tanh, (y) => 1 - Math.tanh(y) ** 2],
  sigmoid: [sigmoid, (y) => sigmoid(y) * (1 - sigmoid(y))],
  linear: [(y) => y, () => 1],
};
for (const [name, [value, slope]] of Object.entries(ACTIVATIONS)) {
  OPERATIONS[name] = (a, book) => made(`${name}(${a.text})`, value(a.value), a.off, ATOM, book);
  OPERATIONS[`${name}_slope`] = (a, book) => made(`${name}\u2032(${a.text})`, slope(a.value), a.off, ATOM, book);
}

function made(text, value, off, level, book) {
  return { text, value, off: off + book.unit * Math.abs(value), level };
}

const left = (part, least) => (part.level < least ? `(${part.text})` : part.text);
// Behind a sign or a factor a negative number stands in brackets.
const right = (part, least) => (part.level < least || part.text[0] === "\u2212" ? `(${part.text})` : part.text);
const signed = (text) => text.replace(/-/g, "\u2212");
const numeric = (value) => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[value] ?? value;
const named = (value) => (isFinite(value) ? value : isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf");
const volume = (spec) => spec.shape.reduce((product, size) => product * size, 1);

function panelsIn(node) {
  if (typeof node === "string") return [node];
  return Array.isArray(node) ? node.slice(1).flatMap(panelsIn) : [];
}

// A panel by its id: of the same grid, or else of another one on the page.
function viewNamed(view, id) {
  const own = view.grid.views.get(id);
  if (own) return own;
  for (const grid of GRIDS) {
    const other = grid.views.get(id);
    if (other?.spec.link === view.spec.link) return other;
  }
  return null;
}

// For each cell of a panel the place in another one of the cell that belongs to it, or -1.
const BELONGING = new WeakMap();
function counterparts(view, other) {
  let known = BELONGING.get(view.spec);
  if (!known) BELONGING.set(view.spec, (known = new WeakMap()));
  let places = known.get(other.spec);
  if (!places) known.set(other.spec, (places = belonging(view, other)));
  return places;
}

function belonging(view, { spec, inOrder }) {
  const axes = spec.axes.map((name) => view.spec.axes.indexOf(name));
  if (!axes.includes(-1)) {
    return view.inOrder.map(({ index }) => {
      const place = axes.map((axis) => index[axis]);
      return place.every((i, axis) => i < spec.box[axis]) ? flatIndex(place, spec.box) : -1;
    });
  }
  const statistics = new Map(spec.role === "statistic" ? inOrder.map((each) => [each.group, each.flat]) : []);
  return view.inOrder.map(({ group }) => (group >= 0 ? statistics.get(group) ?? -1 : -1));
}

// The cells of a panel that a mean or a sum runs over.
const MEMBERS = new WeakMap();
function members(cell, over) {
  const places = counterparts(over, cell.view);
  if (!MEMBERS.has(places)) MEMBERS.set(places, Map.groupBy(over.inOrder, ({ flat }) => places[flat]));
  return MEMBERS.get(places).get(cell.flat) ?? [];
}

// The cells whose formula has this one in it, panel by panel, those of its own grid first.
function dependents(cell) {
  const found = [];
  const changed = new Set([cell]);
  for (const grid of new Set([cell.grid, ...GRIDS])) {
    for (const view of grid.views.values()) {
      if (!view.node.hidden) found.push(...touched(view.spec.formula, view, changed));
    }
  }
  return new Set(found);
}

// The cells of a panel whose formula has one of these in it.
function touched(node, view, changed) {
  if (typeof node === "string") {
    const other = viewNamed(view, node);
    const places = other && counterparts(view, other);
    return other ? view.inOrder.filter(({ flat }) => changed.has(other.inOrder[places[flat]])) : [];
  }
  if (!Array.isArray(node)) return [];
  const [name, ...parts] = node;
  if (name !== "mean" && name !== "sum") return parts.flatMap((part) => touched(part, view, changed));
  const over = viewNamed(view, panelsIn(parts[0])[0]);
  if (!over) return [];
  const places = counterparts(over, view);
  return touched(parts[0], over, changed).map(({ flat }) => view.inOrder[places[flat]]).filter(Boolean);
}
