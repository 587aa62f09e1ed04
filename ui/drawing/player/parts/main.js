// The player: a record that is fetched once, and everything that shows a step of it, moving together.
import { beside } from "./beside.js";
import { build } from "./build.js";
import { arrange, pictured } from "./frame.js";
import { AWAY, PLAYERS, POINT, follow, go, onKey, playing, pointed, start, stop } from "./moves.js";
import { element } from "./readings.js";
import { fetchRecord } from "./record.js";

const PLACES = new WeakMap();
const PLAYED = new Set(); // records that have played once by themselves
const FIRST_SECONDS = 4;

addEventListener(POINT, ({ detail }) => PLAYERS.forEach((player) => pointed(player, detail)));

// Streamlit calls this for every new message; the player of a place lives on.
export default function show({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  const player = PLACES.get(parentElement) ?? mount(root);
  PLACES.set(parentElement, player);
  PLAYERS.add(player);
  player.tell = setStateValue;
  receive(player, data);
  return () => {
    stop(player);
    player.watch.disconnect();
    document.removeEventListener("bnlab:look", player.hear);
    PLACES.delete(parentElement);
    PLAYERS.delete(player);
  };
}

function mount(root) {
  const player = { root, index: 0, lit: null, loop: false, seconds: FIRST_SECONDS, pictures: [] };
  root.addEventListener("keydown", (event) => onKey(player, event));
  player.watch = new ResizeObserver(() => arrange(player));
  player.watch.observe(root);
  player.hear = (event) => hear(player, event.detail);
  document.addEventListener("bnlab:look", player.hear);
  return player;
}

// Another component of the page chose what is looked at, and tells the server itself.
function hear(player, chosen) {
  if (!player.looking || !Object.keys(chosen).every((name) => name in player.looking)) return;
  Object.assign(player.looking, chosen);
  arrange(player);
}

async function receive(player, data) {
  // What the visitor looks at is known here already: its way to the link and back changes nothing.
  const text = JSON.stringify({ ...data, looking: null });
  if (text === player.message && holds(player.looking, data.looking)) return;
  player.message = text;
  player.newest = data.src;
  const turn = (player.turns = (player.turns ?? 0) + 1);
  let arrays;
  try {
    const records = [[data.src, ...data.more], ...data.pinned.map((run) => [run.src])];
    const [own, ...theirs] = await Promise.all(records.map((urls) => fetchRecord(urls.map((url) => new URL(url, location.origin).href))));
    ({ data, arrays } = beside(data, own, theirs));
  } catch (error) {
    if (player.newest === data.src) player.root.replaceChildren(element("p", "problem", `The recorded run could not be fetched (${error.message}). Press Train to run it again.`));
    return;
  }
  // A record that grows may have more to come before this has come.
  if (player.newest !== data.src || turn < player.turn) return;
  player.turn = turn;
  const ran = data.plays && player.data?.plays === false; // stood there before, and now run anew
  if (!ran && player.data?.src === data.src && holds(player.looking, data.looking) && structure(player.data, player.arrays) === structure(data, arrays)) grow(player, data, arrays);
  else begin(player, data, arrays, ran);
}

function begin(player, data, arrays, ran) {
  const fresh = player.data?.src !== data.src;
  Object.assign(player, { data, arrays, looking: { feature: 0, ...data.looking } });
  if (fresh) {
    stop(player);
    player.index = data.opens;
    player.curve = data.curves[0].key;
  }
  const follows = !fresh && atEnd(player);
  build(player);
  if (fresh || ran) arrive(player, ran);
  else if (follows) go(player, Infinity);
  else if (player.stop) start(player, player.seconds);
}

// More of the same record, or less (Undo, back to a shorter run that begins alike): nothing is built
// anew, so what has the focus keeps it.
function grow(player, data, arrays) {
  const { live } = player.data;
  const follows = live && atEnd(player);
  player.data = data;
  for (const [name, array] of Object.entries(arrays)) Object.assign(player.arrays[name], array);
  player.pictures.forEach((each, i) => (each.quantity = pictured(data)[i]));
  player.index = Math.min(player.index, arrays[data.steps].values.length - 1);
  arrange(player);
  if (live && !data.live) arrive(player);
  else if (follows) go(player, Infinity);
  else if (player.stop) start(player, player.seconds);
}

// What moves by itself: a record that grows stays at its end, a whole one plays once. Who went to an
// earlier step of it while it grew is left there.
function arrive(player, again = false) {
  const { src, plays, live } = player.data;
  if (live) return go(player, Infinity);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (AWAY.has(src)) go(player, AWAY.get(src));
  else if (plays && (again || !PLAYED.has(src)) && !still) {
    player.index = 0;
    const leader = playing(player); // of a clock that is running already
    if (leader) follow(player, leader);
    else start(player, FIRST_SECONDS);
  } else if (plays) go(player, Infinity);
  AWAY.delete(src);
  if (plays) PLAYED.add(src);
}

function atEnd(player) {
  return !player.stop && player.index >= player.route.last;
}

function holds(looking, told) {
  return Object.entries(told).every(([name, value]) => looking?.[name] === value);
}

// All that is built of elements, in one text.
function structure({ features, curves, scenes, quantities, unit, ask, together }, arrays) {
  return JSON.stringify([features, curves, scenes.map(({ key }) => key), quantities.map(({ key, title, levels }) => [key, title, levels]), unit, ask, together, Object.keys(arrays)]);
}
