/* Behaviour of every page: requests, messages, focus, keys, dialogs, menus.
   Pages work without it; nothing here holds state that the server does not. */
"use strict";

const yf = {
  words: JSON.parse(document.getElementById("y-words").textContent),
  token: document.querySelector('meta[name="csrf-token"]').content,
};

/* ---- messages ------------------------------------------------------- */

/** Show a toast; tone is info, good, warn or bad; undo is a URL to POST to. */
yf.toast = function toast(text, tone = "info", undo = "") {
  const box = document.getElementById("y-toast").content.firstElementChild.cloneNode(true);
  const icons = { info: "info-circle", good: "circle-check", warn: "alert-triangle", bad: "alert-circle" };
  const mark = box.querySelector("use");
  mark.setAttribute("href", mark.getAttribute("href").replace(/#.*/, `#i-${icons[tone] || icons.info}`));
  box.className = `y-toast y-toast-${tone}`;
  box.dataset.tone = tone;
  box.querySelector(".y-toast-text").textContent = text;
  if (undo) box.querySelector(".y-toast-text").after(undoForm(undo));
  document.getElementById("y-toasts").append(box);
};

function undoForm(action) {
  const form = document.createElement("form");
  const token = document.createElement("input");
  const button = document.createElement("button");
  Object.assign(form, { method: "post", action, className: "y-inline" });
  Object.assign(token, { type: "hidden", name: "csrf_token", value: yf.token });
  Object.assign(button, { type: "submit", className: "y-toast-undo", textContent: yf.words.undo });
  form.append(token, button);
  return form;
}

/** The sentence for an HTTP status that is not swapped into the page. */
yf.reason = function reason(status) {
  const known = { 400: "expired", 401: "expired", 403: "denied", 404: "missing", 410: "missing", 413: "large", 419: "expired", 429: "busy" };
  return yf.words[known[status] || "broken"];
};

document.addEventListener("toast", (event) => {
  const { text, value, tone, undo } = event.detail;
  yf.toast(text || value, tone, undo);
});

document.addEventListener("alpine:init", () => {
  window.Alpine.data("toast", () => ({
    init() {
      const lasting = ["warn", "bad"].includes(this.$el.dataset.tone) || this.$el.querySelector("form");
      this.timer = setTimeout(() => this.close(), lasting ? 15000 : 6000);
    },
    close() {
      clearTimeout(this.timer);
      this.$root.remove();
    },
  }));
  window.Alpine.data("menu", () => ({
    init() {
      const box = this.$el;
      this.away = (event) => {
        if (box.open && !box.contains(event.target)) box.open = false;
      };
      this.escape = (event) => {
        if (event.key !== "Escape" || !box.open) return;
        box.open = false;
        box.querySelector("summary").focus();
      };
      document.addEventListener("click", this.away);
      document.addEventListener("focusin", this.away);
      box.addEventListener("keydown", this.escape);
    },
    destroy() {
      document.removeEventListener("click", this.away);
      document.removeEventListener("focusin", this.away);
    },
  }));
  window.Alpine.data("areas", () => ({
    pick() {
      const chosen = this.$el;
      this.$root.dataset.area = chosen.dataset.pick;
      for (const button of chosen.parentElement.children) {
        button.setAttribute("aria-pressed", String(button === chosen));
      }
    },
  }));
});

/* ---- requests ------------------------------------------------------- */

const running = new Set();
const bar = document.getElementById("y-loading");

/** Show the bar when `work` is still running after 300 ms. */
yf.begin = function begin(work) {
  running.add(work);
  setTimeout(() => {
    if (running.has(work)) bar.hidden = false;
  }, 300);
};

yf.end = function end(work) {
  running.delete(work);
  if (!running.size) bar.hidden = true;
};

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  if (request.method !== "GET") request.headers["X-CSRFToken"] = yf.token;
});
document.addEventListener("htmx:before:request", (event) => yf.begin(event.detail.ctx));
document.addEventListener("htmx:finally:request", (event) => {
  yf.end(event.detail.ctx);
  release(document);
});
document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (status !== 422 && status !== 409) yf.toast(yf.reason(status), "bad");
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) yf.toast(yf.words.offline, "bad");
});

/** Put the focus on the first faulty field inside `root`; true when there is one. */
yf.focusFault = function focusFault(root) {
  const field = root.querySelector('[aria-invalid="true"], .y-field-bad fieldset');
  if (field) field.focus();
  return Boolean(field);
};

document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  yf.focusFault(target && target.isConnected ? target : document);
});
yf.focusFault(document);

/* A pressed button shows progress and cannot be pressed twice. */
function release(root) {
  for (const button of root.querySelectorAll('button[aria-busy="true"]')) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter || form.querySelector('button[type="submit"]');
  const leaves = !event.defaultPrevented && form.method !== "dialog" && form.target !== "_blank" && !form.hasAttribute("data-download");
  const isHtmx = form.matches("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]");
  if (leaves && !isHtmx) yf.begin(form);
  if (!button || (!leaves && !isHtmx)) return;
  setTimeout(() => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  }, 0);
});
window.addEventListener("pageshow", () => {
  release(document);
  running.clear();
  bar.hidden = true;
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.matches("[data-autosubmit]") && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) {
    form.requestSubmit();
  }
});

/* ---- dialogs -------------------------------------------------------- */

/** Show server HTML in the common dialog and let htmx work inside it. */
yf.showDialog = function showDialog(html) {
  const body = document.getElementById("y-dialog-body");
  body.innerHTML = html; // our own server's answer to our own request
  window.htmx.process(body);
  const dialog = document.getElementById("y-dialog");
  if (!dialog.open) dialog.showModal();
  yf.focusFault(body);
};

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog).showModal();
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
  if (event.target.matches("dialog[open]")) event.target.close();
  const fault = event.target.closest(".y-alert a[href^='#']");
  if (fault) {
    event.preventDefault();
    document.getElementById(fault.hash.slice(1)).focus();
  }
});

/* ---- copying -------------------------------------------------------- */

for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    yf.toast(button.dataset.copied, "good");
  });
}

/* ---- tabs ----------------------------------------------------------- */

/** Bring the current tab into sight where the row of tabs is wider than the screen. */
yf.showCurrentTab = function showCurrentTab() {
  for (const row of document.querySelectorAll(".y-tabs")) {
    const current = row.querySelector("[aria-current]");
    if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
};

yf.showCurrentTab();

/* ---- keys ----------------------------------------------------------- */

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-list] [data-row]")];
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement.closest("[data-row]"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
  row.tabIndex = -1;
  row.focus();
}

function openRow(event) {
  const link = document.activeElement.matches("[data-row], [data-card]") && document.activeElement.querySelector("a[href]");
  if (!link) return;
  event.preventDefault();
  link.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  if (event.key === "j") moveRow(1);
  else if (event.key === "k") moveRow(-1);
  else if (event.key === "Enter") openRow(event);
  else if (event.key === "?") document.getElementById("y-shortcuts").showModal();
  else if (/^[a-z]$/.test(event.key)) document.querySelector(`[data-key="${event.key}"]`)?.click();
});
