/* The board (drag, keys, snap back), filters that fold, rows of a form. Needs app.js. */
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

/** Tell a screen reader what became of a card. */
function announce(words, card, column) {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  const name = card.querySelector("h3").textContent.trim();
  live.textContent = live.dataset[words].replace("{name}", name).replace("{stage}", column.dataset.label);
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
  announce("saidBack", card, card.closest("[data-stage]"));
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
  const body = new URLSearchParams({ stage: column.dataset.stage, version: card.dataset.version });
  const asked = await ask(card.dataset.moveUrl, "POST", body);
  return asked ? takeAnswer(asked.answer, asked.html, card, column) : false;
}

/** Ask the server for a fragment; null (and a message) when it cannot be reached. */
async function ask(url, method = "GET", body = undefined) {
  const work = {};
  yf.begin(work);
  try {
    const headers = { "X-CSRFToken": yf.token, "HX-Request": "true", Accept: "text/html" };
    const answer = await fetch(url, { method, body, headers, credentials: "same-origin" });
    return { answer, html: await answer.text() };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    yf.toast(yf.words.offline, "bad");
    return null;
  } finally {
    yf.end(work);
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
  announce("saidMoved", card, column);
  renewCard(card, html).focus();
  yf.toast(yf.words.moved.replace("{stage}", column.dataset.label), "good");
  return true;
}

/** Put the card that the server sent in the place of the one shown; return what stands there now. */
function renewCard(card, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-card]");
  const place = fresh ? document.importNode(fresh, true) : card;
  if (fresh) {
    card.replaceWith(place);
    window.htmx.process(place);
  }
  place.dispatchEvent(new CustomEvent("board:moved", { bubbles: true }));
  return place;
}

/* ---- forms in the dialog of a card ---------------------------------- */

/** Open what a card links to (next steps, moves) in the dialog; a click with a key held follows the link. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-pop]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.querySelector("[data-board]")) return;
  event.preventDefault();
  const asked = await ask(link.href);
  if (!asked) return;
  if (asked.answer.ok) yf.showDialog(asked.html);
  else yf.toast(yf.reason(asked.answer.status), "bad");
});

function cardOf(form) {
  const number = new URL(form.action).pathname.match(/\/projects\/(\d+)\//)[1];
  return document.getElementById(`card-${number}`);
}

function columnOf(stage) {
  const known = document.querySelector(`[data-board] [data-stage="${stage}"]`);
  return known || document.querySelector('[data-board] [data-stage="after"]');
}

/** A form that mends what was missing and tries the move again: the card follows when the server agrees. */
async function retry(form, body) {
  const card = cardOf(form);
  const column = columnOf(body.get("stage"));
  const board = card.closest("[data-board]");
  const asked = await ask(form.action, "POST", body);
  if (!asked || !takeAnswer(asked.answer, asked.html, card, column)) return;
  document.getElementById("y-dialog").close();
  const place = document.getElementById(card.id);
  column.querySelector("[data-cards]").prepend(place);
  recount(board);
  place.focus();
}

/** A form that changes the next steps: the dialog and the card are shown anew. */
async function renewSteps(form, body) {
  const card = cardOf(form);
  const asked = await ask(form.action, "POST", body);
  if (!asked) return;
  if (asked.answer.status !== 422 && !asked.answer.ok) {
    yf.toast(yf.reason(asked.answer.status), "bad");
    return;
  }
  yf.showDialog(asked.html);
  const fresh = document.querySelector("#y-dialog-body template[data-fresh]");
  if (fresh && card) renewCard(card, fresh.innerHTML);
  fresh?.remove();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-retry], [data-pop-form]") || !document.querySelector("[data-board]")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (form.matches("[data-retry]")) retry(form, body);
  else renewSteps(form, body);
}, true);

/** A card that is shown already is not shown again below, whatever was moved or filtered meanwhile. */
document.addEventListener("htmx:after:swap", () => {
  const seen = new Set();
  for (const card of document.querySelectorAll("[data-board] [data-card]")) {
    if (seen.has(card.dataset.card)) card.remove();
    seen.add(card.dataset.card);
  }
  document.querySelectorAll("[data-board] [data-stage]").forEach((column) => {
    column.dataset.shown = String(column.querySelectorAll("[data-card]").length);
  });
});

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

/* ---- filters that fold on a phone, long lists of choices -------------- */

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold]");
  if (!button) return;
  const open = document.getElementById(button.dataset.fold).classList.toggle("y-unfolded");
  button.setAttribute("aria-expanded", String(open));
});

/** Show the choices that hold the words typed; what is ticked always stays in sight. */
function findChoices(input) {
  const words = input.value.trim().toLowerCase();
  for (const choice of input.closest("fieldset").querySelectorAll(".y-choice")) {
    const wanted = !words || choice.textContent.toLowerCase().includes(words);
    choice.hidden = !wanted && !choice.querySelector("input").checked;
  }
}

document.querySelectorAll("[data-choice-find]").forEach((input) => {
  input.hidden = false;
  input.addEventListener("input", () => findChoices(input));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter finds, it does not send the form
  });
});

/* ---- rows of a form --------------------------------------------------- */

/** Add an empty row like the last one, with names of its own for its labels. */
function addRow(list) {
  const row = list.lastElementChild.cloneNode(true);
  const number = String(list.children.length + 1);
  for (const part of row.querySelectorAll("[id], [for]")) {
    for (const name of ["id", "for"]) {
      if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(/\d+$/, number));
    }
    if (part.matches("input")) part.value = "";
  }
  list.append(row);
  row.querySelector("input").focus();
}

document.querySelectorAll("[data-add-row]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => addRow(document.getElementById(button.dataset.addRow)));
});
