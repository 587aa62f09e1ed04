// Pinned runs in the same pictures: each curve under a name of its own, in its layer's colour, with a
// dash for each run.

export function beside(data, arrays, theirs) {
  if (!data.pinned.length) return { data, arrays };
  const all = { ...arrays };
  const curves = [...data.curves];
  data.pinned.forEach((run, n) => {
    for (const [name, array] of Object.entries(theirs[n])) {
      if (name === run.steps) {
        if (array.values.length > all[data.steps].values.length) all[data.steps] = array; // the longer way
        continue;
      }
      const [quantity, curve, ...end] = name.split("/");
      all[[quantity, keyOf(n, curve), ...end].join("/")] = array;
    }
    for (const curve of run.curves) {
      curves.push({ ...curve, key: keyOf(n, curve.key), of: curve.key, label: `${curve.label}, ${run.label}`, run: run.label, dash: `pinned${n}`, overs: run.overs, formulas: run.formulas });
    }
  });
  return { data: { ...data, curves }, arrays: all };
}

function keyOf(n, curve) {
  return `pinned ${n}: ${curve}`;
}
