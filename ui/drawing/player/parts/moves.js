// What moves the player: its buttons, keys, drags and clicks.
import { SPEEDS, play } from "./clock.js";
import { arrange, refresh, refreshRows, secret } from "./frame.js";
import { icon } from "./icons.js";

export const AWAY = new Map(); // records that grow, and the step to which the visitor went
export const PLAYERS = new Set(); // all that stand on the page
export const POINT = "bnlab:point"; // as the grids call it (ui/drawing/grid/parts/pointing.js)
const REST_MILLISECONDS = 400;

// This player, and those that have the same clock.
function clocked(player) {
  const others = [...PLAYERS].filter((other) => other !== player && other.route && other.data.clock === player.data?.clock);
  return player.data?.clock ? [player, ...others] : [player];
}

export function playing(player) {
  return clocked(player).find((each) => each.stop);
}

export function go(player, index, byHand = false) {
  if (!player.route) return;
  if (byHand) halt(player);
  player.index = Math.max(0, Math.min(index, player.route.last));
  if (byHand) rested(player);
  if (byHand || player.stop) for (const other of clocked(player).slice(1)) follow(other, player);
  if (byHand && player.data.live) {
    if (player.index < player.route.last) AWAY.set(player.data.src, player.index);
    else AWAY.delete(player.data.src);
  }
  refresh(player);
  if (!player.stop) refreshRows(player);
}

// The step at which another player of the clock stands; the last one, where this record ends before.
export function follow(player, leader) {
  if (player.data.live) return;
  const step = leader.arrays[leader.data.steps].values[leader.index];
  const index = player.arrays[player.data.steps].values.indexOf(step);
  player.index = index < 0 ? player.route.last : index;
  refresh(player);
  if (!leader.stop) refreshRows(player);
}

export function move(player, by) {
  go(player, player.index + by, true);
}

export function toggle(player) {
  if (playing(player)) halt(player);
  else start(player, player.seconds);
}

export function start(player, seconds) {
  halt(player);
  if (!player.route) return;
  if (player.index >= player.route.last) player.index = 0;
  player.stop = play({
    from: player.index,
    route: player.route,
    seconds,
    loop: () => player.loop,
    show: (index) => index !== player.index && go(player, index),
    ended: () => halt(player),
  });
  clocked(player).forEach(label);
}

export function halt(player) {
  const running = playing(player);
  if (!running) return;
  stop(running);
  for (const each of clocked(player)) {
    label(each);
    refreshRows(each);
  }
  rested(running);
}

// This player alone, whatever the others of its clock do.
export function stop(player) {
  player.stop?.();
  player.stop = null;
}

export function label(player) {
  if (playing(player)) named(player.playing, "Pause", "pause");
  else named(player.playing, "Play", "play");
}

// How fast, and whether again and again: of all that have this clock.
export function tune(player, change) {
  for (const each of clocked(player)) {
    Object.assign(each, change);
    each.speed.value = SPEEDS.findIndex((speed) => speed.seconds === each.seconds);
    each.again.checked = each.loop;
  }
  const running = playing(player);
  if (running && "seconds" in change) start(running, change.seconds);
}

// A picture that stood at its first step has been moved, and is at rest: told once, not meanwhile.
function rested(player) {
  const { src } = player.data;
  if (!secret(player)) return;
  clearTimeout(player.resting);
  player.resting = setTimeout(() => {
    if (playing(player) || player.index <= player.data.opens || player.data.src !== src || !secret(player)) return;
    for (const each of clocked(player)) {
      each.told = each.data.src;
      arrange(each);
    }
    player.tell("moved", src);
  }, REST_MILLISECONDS);
}

export function named(button, label, sign) {
  button.replaceChildren(icon(sign));
  button.setAttribute("aria-label", label);
  button.title = label;
}

export function onKey(player, event) {
  if (event.altKey || event.ctrlKey || event.metaKey || /^(SELECT|INPUT)$/.test(event.target.tagName)) return;
  const far = event.shiftKey ? 10 : 1;
  const acts = {
    " ": () => (event.target.tagName === "BUTTON" ? false : toggle(player)),
    ArrowLeft: () => move(player, -far),
    ArrowDown: () => move(player, -far),
    ArrowRight: () => move(player, far),
    ArrowUp: () => move(player, far),
    Home: () => go(player, 0, true),
    End: () => go(player, Infinity, true),
    "+": () => faster(player, 1),
    "-": () => faster(player, -1),
  };
  if (acts[event.key] && acts[event.key]() !== false) {
    event.preventDefault();
    event.stopPropagation();
  }
}

function faster(player, by) {
  const now = SPEEDS.findIndex((speed) => speed.seconds === player.seconds);
  const next = Math.max(0, Math.min(SPEEDS.length - 1, now + by));
  tune(player, { seconds: SPEEDS[next].seconds });
}

export function drag(node, act) {
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    act(event);
  });
  node.addEventListener("pointermove", (event) => event.buttons && act(event));
}

// What is pointed at or has the focus lights up here, and in the grids of the page.
export function light(player, { curve, feature }) {
  if (!litBy(player, curve, feature)) return;
  const own = player.data.features.length > 1 ? player.lit?.feature : undefined;
  dispatchEvent(new CustomEvent(POINT, { detail: { from: "player", feature: own, layer: player.lit?.curve } }));
}

// What is looked at in a grid.
export function pointed(player, { from, feature, layer }) {
  if (from === "player" || !player.data) return;
  litBy(player, layer, player.data.features.length > 1 ? feature : undefined);
}

// Whether this is something else than before.
function litBy(player, curve, feature) {
  if (player.lit?.curve === curve && player.lit?.feature === feature) return false;
  player.lit = curve === undefined && feature === undefined ? null : { curve, feature };
  refresh(player);
  return true;
}

export function choose(player, { curve, feature }) {
  if (!curve) return;
  player.curve = curve;
  if (player.chosen) player.chosen.value = curve;
  if (feature !== undefined && Number(feature) !== player.looking.feature) look(player, { feature: Number(feature) });
  else refresh(player);
}

// Drawn at once; the server is told for the page's link.
export function look(player, change) {
  Object.assign(player.looking, change);
  if (player.feature) player.feature.value = player.looking.feature;
  arrange(player);
  player.tell("looking", { ...player.looking });
}

export function themeOf(player) {
  const style = getComputedStyle(player.root);
  const ink = style.color;
  const [r, g, b] = ink.match(/[\d.]+/g).map(Number);
  const dark = (r + g + b) / 3 > 128;
  const { series, muted, line, alarm, background } = player.data.palettes[dark ? "dark" : "light"];
  player.root.style.setProperty("--muted", muted);
  player.root.style.setProperty("--line", line);
  return { ink, muted, line, alarm, background, series, font: style.fontFamily };
}
