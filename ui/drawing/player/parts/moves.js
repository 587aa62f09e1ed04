// What moves the player: its buttons, keys, drags and clicks.
import { SPEEDS, play } from "./clock.js";
import { arrange, refresh, refreshRows, secret } from "./frame.js";
import { icon } from "./icons.js";

export const AWAY = new Map(); // records that grow, and the step to which the visitor went
const REST_MILLISECONDS = 400;

export function go(player, index, byHand = false) {
  if (!player.route) return;
  if (byHand) halt(player);
  player.index = Math.max(0, Math.min(index, player.route.last));
  if (byHand) rested(player);
  if (byHand && player.data.live) {
    if (player.index < player.route.last) AWAY.set(player.data.src, player.index);
    else AWAY.delete(player.data.src);
  }
  refresh(player);
  if (!player.stop) refreshRows(player);
}

export function move(player, by) {
  go(player, player.index + by, true);
}

export function toggle(player) {
  if (player.stop) halt(player);
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
  named(player.playing, "Pause", "pause");
}

export function halt(player) {
  if (!player.stop) return;
  player.stop();
  player.stop = null;
  named(player.playing, "Play", "play");
  refreshRows(player);
  rested(player);
}

// A picture that stood at its first step has been moved, and is at rest: told once, not meanwhile.
function rested(player) {
  const { src } = player.data;
  if (!secret(player)) return;
  clearTimeout(player.resting);
  player.resting = setTimeout(() => {
    if (player.stop || !player.index || player.data.src !== src || !secret(player)) return;
    player.told = src;
    arrange(player);
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
  player.seconds = SPEEDS[next].seconds;
  player.speed.value = next;
  if (player.stop) start(player, player.seconds);
}

export function drag(node, act) {
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    act(event);
  });
  node.addEventListener("pointermove", (event) => event.buttons && act(event));
}

export function light(player, { curve, feature }) {
  if (player.lit?.curve === curve && player.lit?.feature === feature) return;
  player.lit = curve ? { curve, feature } : null;
  refresh(player);
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
