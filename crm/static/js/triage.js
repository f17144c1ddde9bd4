/* Decide on signals one after another: by key, by button, in a dialog; the card that comes next takes the focus.
   Every button is a link or a form of its own, so the page works without this. Needs app.js. */
"use strict";

const taken = []; // ways back, the newest last
let early = null; // keys typed while a form is on its way

const list = () => document.querySelector("[data-triage]");
const rows = () => [...document.querySelectorAll("[data-triage] [data-row]")];

function current() {
  return document.activeElement.closest("[data-row]") || rows().find((row) => row.matches("[data-open]")) || rows()[0];
}

function step(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement.closest("[data-row]"));
  const row = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (row) row.focus();
}

/** Focus the next card that waits for a decision, at or below a place of the list. */
function goOn(at) {
  const all = rows();
  const next = all.slice(at).find((row) => row.matches("[data-open]")) || all.find((row) => row.matches("[data-open]"));
  const done = document.querySelector("[data-all-done]");
  if (done) done.hidden = Boolean(next);
  if (next) next.focus();
  else if (done) done.querySelector("a").focus();
}

async function fetchPart(url, method, body) {
  const work = {};
  yf.begin(work);
  try {
    const headers = { "X-CSRFToken": yf.token, "HX-Request": "true", Accept: "text/html" };
    const answer = await fetch(url, { method, body, headers, credentials: "same-origin" });
    if (answer.headers.get("HX-Redirect")) window.location.assign(answer.headers.get("HX-Redirect"));
    return { answer, html: await answer.text() };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    yf.toast(yf.words.offline, "bad");
    return null;
  } finally {
    yf.end(work);
  }
}

/** Show a form of the server in the dialog; the first choice takes the focus. */
function showForm(html, origin) {
  const dialog = document.getElementById("y-dialog");
  yf.showDialog(html);
  if (origin) dialog.dataset.origin = origin.id;
  const faulty = dialog.querySelector(".y-field-bad input, .y-field-bad select");
  const first = faulty || dialog.querySelector("input:checked, [autofocus]");
  if (first) first.focus();
}

async function openForm(url, origin) {
  early = [];
  const asked = await fetchPart(url, "GET");
  const typed = early;
  early = null;
  if (!asked) return;
  if (asked.answer.ok) {
    showForm(asked.html, origin);
    typed.forEach(replay);
  } else yf.toast(yf.reason(asked.answer.status), "bad");
}

/** Who types ahead of the server gets what was typed. */
function replay(key) {
  const form = document.querySelector("#y-dialog [data-triage-form]");
  if (key === "Enter") form.requestSubmit();
  else form.querySelector(`[data-digit="${key}"]`)?.click();
}

/** Put the cards the server sent where the old ones stand; return the place of the first in the list. */
function renew(html, origin) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  let at = rows().indexOf(origin);
  let after = origin;
  for (const gone of fresh.querySelectorAll("[data-gone]")) {
    const old = document.getElementById(`signal-${gone.dataset.gone}`);
    if (old === after) after = old.previousElementSibling;
    if (old) old.remove();
  }
  for (const card of fresh.querySelectorAll("[data-row]")) {
    const old = document.getElementById(card.id);
    const place = document.importNode(card, true);
    if (old) old.replaceWith(place);
    else if (after && after.isConnected) after.after(place);
    else list().prepend(place);
    window.htmx.process(place);
    after = place;
    if (at < 0) at = rows().indexOf(place);
  }
  return at;
}

/** After an undo: cards that a correction brought and that are gone again leave the page. */
function say(answer) {
  const told = JSON.parse(answer.headers.get("X-Triage") || "{}");
  if (told.undo) taken.push(told.undo);
  if (told.text) yf.toast(told.text, told.tone, told.undo);
  return told;
}

async function send(form, submitter) {
  const dialog = document.getElementById("y-dialog");
  const origin = form.closest("[data-row]") || document.getElementById(dialog.dataset.origin);
  const buttons = [...form.querySelectorAll('button[type="submit"]')];
  for (const button of buttons) button.disabled = true;
  const asked = await fetchPart(form.action, "POST", new URLSearchParams(new FormData(form, submitter)));
  for (const button of buttons) button.disabled = false;
  if (!asked) return;
  const { answer, html } = asked;
  if (answer.status === 422 || (answer.status === 409 && dialog.open && html.includes("n-form"))) {
    showForm(html, origin);
  } else if (answer.status === 409) {
    yf.showDialog(html);
  } else if (!answer.ok) {
    yf.toast(yf.reason(answer.status), "bad");
  } else {
    if (dialog.open) dialog.close();
    const at = renew(html, origin);
    say(answer);
    goOn(Math.max(0, at));
    count();
  }
}

async function takeBack(url) {
  const place = taken.lastIndexOf(url);
  if (place >= 0) taken.splice(place, 1);
  const asked = await fetchPart(url, "POST", new URLSearchParams({ csrf_token: yf.token }));
  if (!asked) return;
  if (!asked.answer.ok) {
    yf.showDialog(asked.html);
    return;
  }
  document.querySelectorAll(".y-toast form").forEach((form) => {
    if (new URL(form.action).pathname === url) form.closest(".y-toast").remove();
  });
  const number = url.match(/\/signals\/(\d+)\//);
  renew(asked.html, number && document.getElementById(`signal-${number[1]}`));
  say(asked.answer);
  const back = number && document.getElementById(`signal-${number[1]}`);
  if (back) back.focus();
  const done = document.querySelector("[data-all-done]");
  if (done) done.hidden = true;
}

/* ---- clicks and forms ------------------------------------------------ */

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-triage-pop]");
  if (link && list() && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    openForm(link.href, link.closest("[data-row]"));
  }
  if (event.target.closest("dialog [data-triage-close]")) {
    event.preventDefault();
    document.getElementById("y-dialog").close();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!list()) return;
  const path = new URL(form.action, window.location).pathname;
  if (form.matches("[data-triage-form]")) send(form, event.submitter);
  else if (form.matches("dialog [data-triage-find]")) {
    openForm(`${path}?${new URLSearchParams(new FormData(form))}`, document.getElementById(document.getElementById("y-dialog").dataset.origin));
  } else if (form.matches(".y-toast form") && /^\/signals\/(\d+|company)\//.test(path)) takeBack(path);
  else return;
  event.preventDefault();
}, true);

document.getElementById("y-dialog").addEventListener("close", (event) => {
  const row = document.getElementById(event.target.dataset.origin || "");
  if (row && document.activeElement === document.body) row.focus();
});

/* ---- selection ------------------------------------------------------- */

function count() {
  const shown = document.querySelector("[data-picked]");
  if (shown) shown.textContent = String(document.querySelectorAll('[form="n-bulk"]:checked').length);
}

document.addEventListener("change", (event) => {
  if (event.target.matches('[form="n-bulk"]')) count();
  if (event.target.matches('dialog [name="until"]')) document.querySelector('dialog [name="when"][value="date"]').checked = true;
});
document.addEventListener("reset", () => setTimeout(count, 0));

/* ---- keys ------------------------------------------------------------ */

/** In a form: a digit takes the choice with that number. */
function choose(event) {
  const choice = document.querySelector(`#y-dialog [data-digit="${event.key}"]`);
  if (!choice || event.target.matches('[type="text"], [type="search"], [type="date"], input:not([type]), textarea, select')) return;
  event.preventDefault();
  choice.click();
  choice.focus();
}

/** In a form: Enter on a choice sends it. */
function sendChoice(event) {
  if (!event.target.matches('[type="radio"], [type="checkbox"]')) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

function act(key) {
  const row = current();
  const button = row && row.querySelector(`[data-act="${key}"]`);
  if (!button) return;
  if (!row.contains(document.activeElement)) row.focus();
  button.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  u: () => taken.length && takeBack(taken[taken.length - 1]),
  "?": () => document.getElementById("n-keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (!list() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (early && /^([1-9]|Enter)$/.test(event.key)) {
    early.push(event.key);
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (event.target.closest("#y-dialog")) {
    if (/^[1-9]$/.test(event.key)) choose(event);
    else if (event.key === "Enter") sendChoice(event);
    return;
  }
  if (event.target.closest("dialog, textarea, select, [contenteditable]") || event.target.matches("input:not([type=checkbox])")) return;
  if (event.key === "Enter" && !event.target.matches("[data-row]")) return;
  if (KEYS[event.key]) KEYS[event.key]();
  else if (/^[ardswtxo]$/.test(event.key)) act(event.key);
  else if (event.key === "Enter") act("o");
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

count();
