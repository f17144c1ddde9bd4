/* The board (drag, keys, snap back) and the charts. Needs app.js. */
"use strict";

/* ---- board ---------------------------------------------------------- */

let held = null;

function recount(board) {
  for (const column of board.querySelectorAll("[data-stage]")) {
    const count = column.querySelector("[data-count]");
    const shown = column.querySelectorAll("[data-card]").length;
    count.textContent = String(Number(count.textContent) + shown - Number(column.dataset.shown));
    column.dataset.shown = String(shown);
  }
}

/** Put the card at the top of the column, ask the server, and put it back when it refuses. */
async function moveCard(card, column) {
  const home = card.parentElement;
  const next = card.nextElementSibling;
  const board = card.closest("[data-board]");
  if (!card.dataset.moveUrl || column === card.closest("[data-stage]")) return;
  column.querySelector("[data-cards]").prepend(card);
  recount(board);
  card.setAttribute("aria-busy", "true");
  const moved = await askMove(card, column);
  card.removeAttribute("aria-busy");
  if (moved) return;
  home.insertBefore(card, next && next.parentElement === home ? next : null);
  recount(board);
  focusAgain(card);
}

/** Focus the card, after the dialog that says why it came back. */
function focusAgain(card) {
  const dialog = document.getElementById("y-dialog");
  if (dialog.open) dialog.addEventListener("close", () => card.focus(), { once: true });
  else card.focus();
}

/** POST stage and version; true when the server agreed. */
async function askMove(card, column) {
  yf.begin(card);
  try {
    const body = new URLSearchParams({ stage: column.dataset.stage, version: card.dataset.version });
    const headers = { "X-CSRFToken": yf.token, "HX-Request": "true", Accept: "text/html" };
    const answer = await fetch(card.dataset.moveUrl, { method: "POST", body, headers, credentials: "same-origin" });
    return takeAnswer(answer, await answer.text(), card, column);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    yf.toast(yf.words.offline, "bad");
    return false;
  } finally {
    yf.end(card);
  }
}

function takeAnswer(answer, html, card, column) {
  if (answer.headers.get("HX-Redirect")) {
    window.location.assign(answer.headers.get("HX-Redirect"));
    return true;
  }
  if (answer.status === 422 || answer.status === 409) {
    yf.showDialog(html);
    return false;
  }
  if (!answer.ok) {
    yf.toast(yf.reason(answer.status), "bad");
    return false;
  }
  renewCard(card, html);
  yf.toast(yf.words.moved.replace("{stage}", column.dataset.label), "good");
  return true;
}

function renewCard(card, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-card]");
  const place = fresh ? document.importNode(fresh, true) : card;
  if (fresh) {
    card.replaceWith(place);
    window.htmx.process(place);
  }
  place.focus();
  place.dispatchEvent(new CustomEvent("board:moved", { bubbles: true }));
}

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-card][data-move-url]") || null;
  if (!held) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.dataset.card);
  held.classList.add("y-kard-held");
});

function clearOver() {
  document.querySelectorAll(".y-col-over").forEach((column) => column.classList.remove("y-col-over"));
}

document.addEventListener("dragover", (event) => {
  const column = held && event.target.closest("[data-stage]");
  clearOver();
  if (!column) return;
  event.preventDefault();
  column.classList.add("y-col-over");
});
document.addEventListener("drop", (event) => {
  const column = held && event.target.closest("[data-stage]");
  if (!column) return;
  event.preventDefault();
  moveCard(held, column);
});
document.addEventListener("dragend", () => {
  held?.classList.remove("y-kard-held");
  held = null;
  clearOver();
});

/* Arrows walk over the cards, Shift and arrows move one to the next stage. */
document.addEventListener("keydown", (event) => {
  const card = event.target.matches?.("[data-card]") && event.target;
  const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!card || (!side && !step) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const columns = [...card.closest("[data-board]").querySelectorAll("[data-stage]")];
  const column = columns[columns.indexOf(card.closest("[data-stage]")) + (side || 0)];
  if (!column) return;
  if (side && event.shiftKey) {
    moveCard(card, column);
    return;
  }
  const cards = [...column.querySelectorAll("[data-card]")];
  const place = [...card.parentElement.children].indexOf(card) + (step || 0);
  cards[Math.min(Math.max(place, 0), cards.length - 1)]?.focus();
});

for (const column of document.querySelectorAll("[data-board] [data-stage]")) {
  column.dataset.shown = String(column.querySelectorAll("[data-card]").length);
}

/* ---- charts --------------------------------------------------------- */

/** Resolve a colour token for the current theme, as the canvas needs a plain colour. */
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--y-${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function axis(own, ink, line) {
  const style = { axisLabel: { color: ink }, nameTextStyle: { color: ink }, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } } };
  return [].concat(own || []).map((item) => ({ ...item, ...style, axisLabel: { ...style.axisLabel, ...item.axisLabel } }));
}

/** Our colours, font and a tooltip that needs no inline style, under the page's own options. */
function dress(options) {
  const [ink, line, surface] = ["ink-2", "line", "raised"].map(colour);
  const dressed = {
    color: ["c1", "c2", "c3", "c4", "c5", "c6", "c7"].map(colour),
    textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily },
    animationDuration: 300,
    aria: { enabled: false },
    ...options,
    tooltip: { backgroundColor: surface, borderColor: line, textStyle: { color: colour("ink") }, confine: true, ...options.tooltip, renderMode: "richText" },
  };
  if (!options.grid) dressed.grid = { left: 12, right: 16, top: 40, bottom: 8, containLabel: true };
  for (const key of ["xAxis", "yAxis"]) if (options[key]) dressed[key] = axis(options[key], ink, line);
  if (options.legend) dressed.legend = { textStyle: { color: ink }, ...options.legend };
  return dressed;
}

function draw() {
  if (!window.echarts) return;
  for (const box of document.querySelectorAll("[data-chart]")) {
    const options = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const chart = window.echarts.getInstanceByDom(box) || window.echarts.init(box);
    chart.setOption(dress(options), true);
    if (!box.dataset.watched) new ResizeObserver(() => chart.resize()).observe(box);
    box.dataset.watched = "yes";
  }
}

draw();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
document.addEventListener("htmx:after:swap", draw);
