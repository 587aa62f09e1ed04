// Switches in a piece of code: what was measured with each setting pulses or is locked.
const INSTANCES = new WeakMap();
const SIGNS = {
  changed: "M3 12h4l3-8 4 16 3-8h4", // a pulse
  unchanged: "M8 11V8a4 4 0 0 1 8 0v3M6 11h12v9H6z", // a lock
  "cannot tell": "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.1",
};

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".switches");
  const { chosen, ...words } = data;
  const told = JSON.stringify(words);
  const known = INSTANCES.get(parentElement);
  const choice = known?.choice ?? new Choice();
  const news = choice.hears(chosen);
  if (known) known.tell = setStateValue;
  if (!news && known?.told === told && root.contains(known.code)) return;
  const stands = news || !known ? chosen : named(known);
  INSTANCES.set(parentElement, mount(root, data, told, { choice, stands, tell: setStateValue }));
}

function mount(root, data, told, { choice, stands, tell }) {
  dress(root);
  const picture = { data, told, choice, tell, code: element("pre", "", "", { tabindex: 0, "aria-label": "Code" }), tiles: element("div", "tiles"), said: element("p", "said", "", { role: "status" }) };
  picture.chosen = data.choices.map(([name, options]) => (options.includes(stands[name]) ? stands[name] : options[0]));
  const beside = element("div", "beside");
  const sets = element("div", "sets");
  sets.append(...data.choices.map(([name, options], i) => positions(picture, name, options, i)));
  beside.append(sets, picture.code);
  root.replaceChildren(beside, picture.tiles, picture.said);
  root.addEventListener("pointerdown", () => skip(root));
  show(picture);
  return picture;
}

function positions(picture, name, options, i) {
  const set = element("fieldset");
  set.append(element("legend", "", name));
  for (const option of options) {
    const label = element("label");
    const input = element("input", "", "", { type: "radio", name: `choice-${i}` });
    input.checked = option === picture.chosen[i];
    input.addEventListener("change", () => {
      picture.chosen[i] = option;
      show(picture);
      pulse(picture);
      picture.choice.tells(named(picture));
      picture.tell("looking", named(picture));
    });
    label.append(input, ` ${option}`);
    set.append(label);
  }
  return set;
}

// The position of each switch by its name, as the server knows it.
function named({ data, chosen }) {
  return Object.fromEntries(data.choices.map(([name], i) => [name, chosen[i]]));
}

// The case of what is chosen: they stand as the last switch turns fastest.
function caseOf({ data, chosen }) {
  return data.cases[data.choices.reduce((at, [, options], i) => at * options.length + options.indexOf(chosen[i]), 0)];
}

function show(picture) {
  const found = caseOf(picture);
  picture.code.replaceChildren(...found.code.map(([text, switched]) => element("span", switched ? "line switched" : "line", `${text}\n`)));
  picture.tiles.replaceChildren(...found.changed.map(([name, state]) => tile(name, state)));
  picture.said.textContent = found.said;
}

function tile(name, state) {
  const made = element("div", `tile ${state.replace(" ", "-")}`);
  const sign = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  sign.append(svg("path", { d: SIGNS[state] }));
  made.append(sign, element("span", "what", name), element("span", "state", state));
  return made;
}

function pulse({ tiles }) {
  for (const each of tiles.querySelectorAll(".changed")) animate(each, [{ transform: "none" }, { transform: "scale(1.08)" }, { transform: "none" }]);
  for (const each of tiles.querySelectorAll(".unchanged svg")) animate(each, [{ transform: "translateY(-6px)" }, { transform: "none" }]);
}
