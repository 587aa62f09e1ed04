// A record as ui/drawing/player/record.py writes it: the length of a header (4 bytes), the header
// (JSON, padded to 8 bytes), and the numbers of every array, little-endian.
const TYPES = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array };
const fetched = new Map();

// All pieces of a record, joined.
export async function fetchRecord(urls) {
  return joined(await Promise.all(urls.map(fetchPiece)));
}

// One request for each piece in the life of this page; the browser's own cache outlives it.
function fetchPiece(url) {
  if (!fetched.has(url)) {
    const coming = fetch(url).then(async (answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
      return decode(await answer.arrayBuffer());
    });
    coming.catch(() => fetched.delete(url));
    fetched.set(url, coming);
  }
  return fetched.get(url);
}

export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let offset = Math.ceil((4 + length) / 8) * 8;
  const arrays = {};
  for (const { name, type, shape } of header) {
    const size = shape.reduce((all, n) => all * n, 1);
    arrays[name] = { values: new TYPES[type](buffer, offset, size), shape, single: type === "f4" };
    offset += Math.ceil(arrays[name].values.byteLength / 8) * 8;
  }
  return arrays;
}

// What is new of each array follows what came before; the pieces themselves stay as they are.
export function joined(pieces) {
  const arrays = {};
  for (const name of new Set(pieces.flatMap(Object.keys))) {
    const parts = pieces.flatMap((piece) => piece[name] ?? []);
    const [{ values, shape, single }] = parts;
    const whole = parts.length === 1 ? values : new values.constructor(parts.reduce((all, part) => all + part.values.length, 0));
    if (parts.length > 1) parts.reduce((at, part) => (whole.set(part.values, at), at + part.values.length), 0);
    arrays[name] = { values: whole, shape: [parts.reduce((all, part) => all + part.shape[0], 0), ...shape.slice(1)], row: shape.slice(1).reduce((all, n) => all * n, 1), single };
  }
  return arrays;
}

// One column of an array of shape (steps, columns).
export function column(array, index) {
  const [steps, columns = 1] = array.shape;
  if (columns === 1) return array.values;
  const found = new array.values.constructor(steps);
  for (let t = 0; t < steps; t++) found[t] = array.values[t * columns + index];
  return found;
}

// NaN where an array has not come that far.
export function at(array, step, index) {
  return array.values[step * array.row + index] ?? NaN;
}

// The shortest decimal number that is read as the same number again, in the array's own precision.
export function exact(value, single) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  let text = String(value);
  if (single) {
    for (let digits = 1; digits < 10; digits++) {
      text = String(Number(value.toPrecision(digits)));
      if (Math.fround(Number(text)) === value) break;
    }
  }
  return text.replace("-", "−");
}

// For a place where a number changes while one looks: as many digits as a reader can use.
export function short(value, digits = 5) {
  if (!Number.isFinite(value)) return exact(value, false);
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-4 || size >= 1e6)
      ? value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e")
      : value.toPrecision(digits);
  return text.replaceAll("-", "−");
}
