// A block as one sees it from a corner: the first side runs down, the second to the right, the
// third to the left, all three away from the nearest corner. The unit is the edge of a cell.
const [COS, SIN] = [Math.cos(Math.PI / 6), 0.5];
const SIDES = [[0, 1], [COS, -SIN], [-COS, -SIN]];
const FACES = [[0, 1], [0, 2], [1, 2]]; // which sides span the three faces that are seen
const THIRD = 120; // degrees: a turn that puts each side in the place of the next

function project(point, [x, y]) {
  return SIDES.reduce(([px, py], [sx, sy], side) => [px + point[side] * sx, py + point[side] * sy], [x, y]);
}

// How wide and high a block is, and where its nearest corner stands in that.
function extent([down, right, left]) {
  return { width: (right + left) * COS, height: down + (right + left) * SIN, corner: [left * COS, (right + left) * SIN] };
}

// Each cell of the three faces: its place in the block.
function* faceCells(sizes) {
  for (const [a, b] of FACES) {
    for (let i = 0; i < sizes[a]; i += 1) {
      for (let j = 0; j < sizes[b]; j += 1) {
        const place = [0, 0, 0];
        [place[a], place[b]] = [i, j];
        yield { place, a, b };
      }
    }
  }
}

// Its four corners, where the sides of each cell are `scale` long.
function corners({ place, a, b }, scale, origin) {
  return [[0, 0], [1, 0], [1, 1], [0, 1]].map(([u, v]) => {
    const point = place.map((at, side) => (at + (side === a ? u : 0) + (side === b ? v : 0)) * scale[side]);
    return project(point, origin);
  });
}

// The number of a cell's group: its place along the axes that are kept.
function groupOf(place, { shape, kept }) {
  return kept.reduce((group, axis) => group * shape[axis] + place[axis], 0);
}

function* places(shape) {
  const total = shape.reduce((product, size) => product * size, 1);
  for (let flat = 0; flat < total; flat += 1) {
    const place = [];
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      place[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    yield place;
  }
}

const numeric = (value) => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[value] ?? value;

// The means, taken here once more. The first group whose mean is another one than the engine's,
// beyond what adding up in another order may change.
function otherMean(data) {
  const sums = data.means.map(() => [0, 0, 0]);
  [...places(data.shape)].forEach((place, flat) => {
    const value = numeric(data.values[flat]);
    const sum = sums[groupOf(place, data)];
    sum[0] += value;
    sum[1] += Math.abs(value);
    sum[2] += 1;
  });
  const group = sums.findIndex(([sum, size, count], at) => {
    const off = Math.abs(sum / count - numeric(data.means[at]));
    return Number.isFinite(sum) && !(off <= 4 * Number.EPSILON * size + Number.MIN_VALUE);
  });
  return group < 0 ? null : { group, mean: sums[group][0] / sums[group][2] };
}

// By how many thirds a block was turned, or 0: the same numbers, each side in another one's place.
function turns(before, after) {
  return [1, -1].find((by) => {
    const from = [0, ...[1, 2, 3].map((side) => ((side - 1 - by + 3) % 3) + 1)]; // where a side was
    const same = from.every((was, axis) => before.shape[was] === after.shape[axis] && before.axes[was] === after.axes[axis]);
    if (!same) return false;
    const values = new Map([...places(before.shape)].map((place, flat) => [place.join(), before.values[flat]]));
    return [...places(after.shape)].every((place, flat) => {
      const was = [];
      from.forEach((side, axis) => (was[side] = place[axis]));
      return values.get(was.join()) === after.values[flat];
    });
  }) ?? 0;
}
