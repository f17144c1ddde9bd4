/* The queue of names: answer the card that has the focus by one key; the next card takes the focus. Needs app.js. */
"use strict";

function cardInFocus(list) {
  return document.activeElement.closest("[data-row]") || list.querySelector(".v-card");
}

document.addEventListener("keydown", (event) => {
  const list = document.querySelector("[data-review]");
  if (!list || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const card = cardInFocus(list);
  const button = card && card.querySelector(`[data-answer="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  card.tabIndex = -1;
  card.focus();
  list.dataset.at = [...list.children].indexOf(card);
  button.click();
});

document.addEventListener("htmx:after:swap", () => {
  const list = document.querySelector("[data-review]");
  if (!list || list.dataset.at === undefined) return;
  const rest = [...list.children].slice(Number(list.dataset.at) + 1);
  const next = rest.find((row) => row.matches(".v-card")) || list.children[Number(list.dataset.at)];
  delete list.dataset.at;
  if (next) next.focus();
});
