/* The grid of an import: a file may be dropped, a cell is saved when it is left. Pages work without it. */
"use strict";

/* A file that is dropped lands in the field. */
for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector('input[type="file"]');
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("i-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("i-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("i-over");
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}

/* Where the focus goes, and which cell opens, once the row has been swapped. */
const after = { focus: "", open: "" };

/** Send a cell once: Enter and leaving it may both ask for that. */
function saveCell(form) {
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  form.requestSubmit();
}

document.addEventListener("pointerdown", (event) => {
  after.open = event.target.closest?.("a.i-cell")?.id || "";
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("form[data-cell]");
  if (!form || !form.isConnected || form.contains(event.relatedTarget)) return;
  if (!form.dataset.sent) after.focus = event.relatedTarget?.id || "";
  saveCell(form);
});
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-cell]");
  if (!form || event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Escape") event.target.value = event.target.defaultValue;
  Object.assign(after, { focus: form.dataset.cell, open: "" });
  saveCell(form);
});

document.addEventListener("htmx:after:swap", () => {
  const input = document.querySelector("form[data-cell]:not([data-sent]) input[name=text]");
  if (input) {
    if (document.activeElement !== input) input.select();
    input.focus();
    return;
  }
  const { focus, open } = after;
  Object.assign(after, { focus: "", open: "" });
  if (open) document.getElementById(open)?.click();
  else if (focus) document.getElementById(focus)?.focus();
});
