// The signs on the buttons, drawn: no font has to have them.
const SHAPES = {
  play: "M7 4.5 19 12 7 19.5Z",
  pause: "M6.5 5h4v14h-4ZM13.5 5h4v14h-4Z",
  first: "M6 5h2.2v14H6ZM19 5v14L9 12Z",
  last: "M15.8 5H18v14h-2.2ZM5 5l10 7-10 7Z",
  back: "M16 5v14L6 12Z",
  forward: "M8 5l10 7-10 7Z",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const attributes = { viewBox: "0 0 24 24", width: 20, height: 20, "aria-hidden": "true", fill: "currentColor" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
