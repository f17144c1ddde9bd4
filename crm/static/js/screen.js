/* The big screen asks for itself anew every minute, changes only what is new, and says when it cannot.
   More units than fit take turns; keys turn, pause, renew and fill the screen. */
"use strict";

const EVERY = 60_000;
const AGAIN = [10_000, 20_000, 40_000, 60_000];
const PATIENCE = 20_000;
const state = document.getElementById("s-state");
let timer = 0;
let failures = 0;
let asked = Date.now();
let ended = false;
let asking = false;

function shownTime() {
  return document.getElementById("screen").dataset.time;
}

/** Say how it stands: fine, lost, busy, out or denied. */
function say(key) {
  const words = state.dataset[key].replace("{time}", shownTime());
  const line = state.querySelector("span");
  if (line.textContent !== words) line.textContent = words;
  state.classList.toggle("s-state-bad", key !== "fine");
  state.querySelector(".s-again").hidden = key !== "out";
}

function later(wait) {
  clearTimeout(timer);
  if (!ended && !document.hidden) timer = setTimeout(renew, wait);
}

function failed(key) {
  say(key);
  later(AGAIN[Math.min(failures, AGAIN.length - 1)]);
  failures += 1;
}

/** Nothing renews a screen nobody is signed in at. */
function end(key) {
  ended = true;
  say(key);
}

/** What each part was made of: turning pages touches the rows, not what they came from. */
const made = new Map();
for (const part of document.querySelectorAll("#screen [data-live]")) made.set(part.dataset.live, part.innerHTML);

/** Change the inside of a part and give the focus back to the link that had it. */
function change(part, html) {
  const held = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
  part.innerHTML = html;
  if (held) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === held)?.focus();
}

/** Put in what changed, part by part: the rest stays as it stands and nothing blinks. */
function put(fresh) {
  for (const part of document.querySelectorAll("#screen [data-live]")) {
    const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!next) continue;
    if (made.get(part.dataset.live) !== next.innerHTML) change(part, next.innerHTML);
    made.set(part.dataset.live, next.innerHTML);
    if (next.hasAttribute("href")) part.setAttribute("href", next.getAttribute("href"));
  }
  const [data, drawn] = [document, fresh].map((where) => where.querySelector("#screen-funnel"));
  if (data.textContent !== drawn.textContent) {
    data.textContent = drawn.textContent;
    document.dispatchEvent(new CustomEvent("charts:draw"));
  }
  document.querySelector(".s-nothing")?.remove();
  const nothing = fresh.querySelector(".s-nothing");
  if (nothing) document.querySelector(".s-funnel").append(nothing);
  const [screen, now] = [document, fresh].map((where) => where.querySelector("#screen"));
  screen.dataset.time = now.dataset.time;
  document.querySelector(".s-period").textContent = now.dataset.period;
  turn(0);
}

/** The answer as a document; null where it is not the screen. */
async function answer() {
  const response = await fetch(window.location.href, {
    headers: { "HX-Request": "true" },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status === 401 || response.redirected) return { over: "out" };
  if (response.status === 403) return { over: "denied" };
  if (!response.ok) return { busy: true };
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  return fresh.querySelector("#screen") ? { fresh } : { busy: true };
}

async function renew() {
  if (asking || ended) return;
  asking = true;
  asked = Date.now();
  let found;
  try {
    found = await answer();
  } catch {
    found = { lost: true };
  }
  asking = false;
  if (found.over) end(found.over);
  else if (found.lost) failed("lost");
  else if (found.busy) failed("busy");
  else {
    put(found.fresh);
    failures = 0;
    say("fine");
    later(EVERY);
  }
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden) later(Math.max(0, EVERY - (Date.now() - asked)));
});
window.addEventListener("online", () => later(0));
window.addEventListener("offline", () => {
  if (!ended) failed("lost");
});

/* ---- units take turns ------------------------------------------------- */

const TURN = 12_000;
const wide = window.matchMedia("(min-width: 1200px)");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const panel = document.querySelector(".s-units");
const turner = panel.querySelector(".s-turns");
let at = 0;
let paused = still.matches;

/** How many rows of units fit below the heads. */
function room(rows) {
  const [top, height] = [rows[0].getBoundingClientRect().top, rows[0].getBoundingClientRect().height];
  const bottom = panel.getBoundingClientRect().bottom - parseFloat(getComputedStyle(panel).paddingBottom);
  return Math.max(1, Math.floor((bottom - top - turner.offsetHeight) / height));
}

/** Show another page of units, or the same one again where the rows or the room are new. */
function turn(step) {
  const rows = [...panel.querySelectorAll("tbody tr")];
  for (const row of rows) row.hidden = false;
  turner.hidden = false;
  const size = wide.matches ? room(rows) : rows.length;
  const pages = Math.ceil(rows.length / size);
  at = (at + step + pages) % pages;
  rows.forEach((row, number) => {
    row.hidden = Math.floor(number / size) !== at;
  });
  turner.hidden = pages === 1;
  turner.querySelector("span").textContent = turner.dataset.words.replace("{page}", at + 1).replace("{pages}", pages).replace("{n}", rows.length);
}

function pause() {
  paused = !paused;
  const button = turner.querySelector("[data-pause]");
  button.textContent = paused ? button.dataset.go : button.dataset.stop;
}

turner.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.hasAttribute("data-pause")) pause();
  else turn(Number(button.dataset.turn));
});
new ResizeObserver(() => turn(0)).observe(panel);
setInterval(() => {
  if (!paused && !document.hidden && !panel.querySelector(":focus-visible")) turn(1);
}, TURN);
if (paused) {
  paused = false;
  pause();
}
turn(0);

/* ---- a wall: whole screen, awake, keys --------------------------------- */

const full = document.querySelector("[data-full]");
full.hidden = !document.fullscreenEnabled;

function fill() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
}

full.addEventListener("click", fill);
document.addEventListener("fullscreenchange", () => {
  const on = Boolean(document.fullscreenElement);
  document.body.classList.toggle("s-whole", on);
  full.setAttribute("aria-pressed", String(on));
  if (on) navigator.wakeLock?.request("screen").catch(() => {}); // where the address is not safe the display may sleep
});

const KEYS = { ArrowRight: () => turn(1), PageDown: () => turn(1), ArrowLeft: () => turn(-1), PageUp: () => turn(-1), p: pause, f: fill, r: () => renew() };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
later(EVERY);
