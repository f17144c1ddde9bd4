/* The list of enterprises: change a cell in place, walk cells by arrow keys, start boxes afresh after a choice. Needs app.js. */
"use strict";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function openCell(cell) {
  if (cell.querySelector("form")) return;
  const row = cell.closest("[data-id]");
  cell.dataset.before = cell.innerHTML;
  window.htmx.ajax("GET", `/enterprises/${row.dataset.id}/cell/${cell.dataset.cell}`, { target: cell, swap: "innerHTML" });
}

function closeCell(cell) {
  cell.innerHTML = cell.dataset.before; // what this page itself showed before
  cell.focus();
}

function walk(cell, [down, across]) {
  const rows = [...cell.closest("tbody").rows];
  const cells = [...cell.parentElement.querySelectorAll("[data-cell]")];
  const row = rows[rows.indexOf(cell.parentElement) + down];
  const next = row && row.querySelectorAll("[data-cell]")[cells.indexOf(cell) + across];
  if (next) next.focus();
}

function ready() {
  for (const cell of document.querySelectorAll("[data-cell]")) cell.tabIndex = 0;
}

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (cell) openCell(cell);
});

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (!cell || event.isComposing) return;
  if (event.key === "Escape" && cell.querySelector("form")) closeCell(cell);
  if (event.target !== cell) return;
  if (event.key === "Enter" || event.key === "F2") openCell(cell);
  else if (STEPS[event.key]) walk(cell, STEPS[event.key]);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("htmx:after:swap", () => {
  for (const box of document.querySelectorAll("#r-filter select")) box.value = "";
  const field = document.querySelector("[data-cell] form input:not([type=hidden]), [data-cell] form select");
  if (field && !field.closest("form").contains(document.activeElement)) field.focus();
  ready();
});
ready();
