/* The palette: one box over any page. The server finds; this moves the choice and keeps what was opened. */
"use strict";

(() => {
  const dialog = document.getElementById("y-palette");
  const bar = document.querySelector("[data-palette-opener]");
  if (!dialog) return;
  const input = document.getElementById("y-palette-input");
  const list = document.getElementById("y-palette-list");
  const STORE = `y-recent:${document.documentElement.lang}`;
  const MOST = 6;
  let shownFor = null; // the words whose results are shown
  let walked = null; // the address somebody walked to by arrows
  let waiting = false; // Enter came before the results
  let before = null;

  const options = () => [...list.querySelectorAll('[role="option"]')];

  function recent() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORE) || "[]");
      return Array.isArray(kept) ? kept.slice(0, MOST) : [];
    } catch {
      return [];
    }
  }

  function remember(option) {
    const one = { href: option.getAttribute("href"), title: option.dataset.title, note: option.dataset.note };
    if (!/^\/(enterprises|projects)\/\d+/.test(one.href)) return;
    const kept = [one, ...recent().filter((other) => other.href !== one.href)].slice(0, MOST);
    sessionStorage.setItem(STORE, JSON.stringify(kept));
  }

  /* What was opened lately stands above the pages while nothing is typed. */
  function showRecent() {
    const kept = recent();
    const pattern = list.querySelector('[role="option"]');
    if (input.value.trim() || !kept.length || !pattern) return;
    const group = document.getElementById("y-palette-recent").content.firstElementChild.cloneNode(true);
    for (const one of kept) {
      const option = pattern.cloneNode(true);
      option.setAttribute("href", one.href);
      Object.assign(option.dataset, { title: one.title, note: one.note });
      const mark = option.querySelector("use");
      if (mark) mark.setAttribute("href", mark.getAttribute("href").replace(/#.*/, "#i-history"));
      option.querySelector(".y-palette-title").textContent = one.title;
      option.querySelector("small")?.remove();
      if (one.note) option.append(Object.assign(document.createElement("small"), { textContent: one.note }));
      group.append(option);
    }
    list.prepend(group);
  }

  function choose(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function chosen() {
    return list.querySelector('[aria-selected="true"]');
  }

  function move(step) {
    const all = options();
    if (!all.length) return;
    const next = all[(all.indexOf(chosen()) + step + all.length) % all.length];
    walked = next.getAttribute("href");
    choose(next);
  }

  function open(text = "") {
    if (dialog.open) return input.select();
    before = document.activeElement;
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    input.value = text;
    dialog.showModal();
    input.focus();
    ask();
    if (document.readyState !== "complete") addEventListener("load", () => shownFor ?? ask(), { once: true });
  }

  /* Before the page has loaded nobody may be listening yet. */
  function ask() {
    if (dialog.open) input.dispatchEvent(new Event("palette:open"));
  }

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target !== list) return;
    const words = list.querySelector("[data-palette-for]")?.dataset.paletteFor ?? null;
    if (words !== shownFor) walked = null; // else the same results came twice: the choice stays where it was walked to
    shownFor = words;
    showRecent();
    options().forEach((option, number) => {
      option.id = `y-palette-option-${number}`;
    });
    input.setAttribute("aria-expanded", String(options().length > 0));
    const same = walked && options().find((one) => one.getAttribute("href") === walked);
    choose(same || (input.value.trim() ? options()[0] : null));
    if (waiting && shownFor === input.value.trim()) go();
  });

  function go() {
    waiting = false;
    const option = chosen();
    if (option) option.click();
    else input.form.requestSubmit(); // the full page of results
  }

  input.addEventListener("input", () => {
    waiting = false;
    walked = null;
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (walked || shownFor === input.value.trim()) go();
      else if (waiting) input.form.requestSubmit(); // the results do not come
      else waiting = true;
    }
  });

  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    remember(option);
    const place = new URL(option.href);
    if (place.pathname === location.pathname && place.hash) dialog.close();
  });

  dialog.addEventListener("close", () => {
    shownFor = null;
    walked = null;
    waiting = false;
    if (before && before.isConnected && before !== document.body) before.focus();
    before = null;
  });

  bar?.addEventListener("click", (event) => {
    if (!event.target.closest("input")) return;
    event.preventDefault();
    const text = event.target.value;
    event.target.blur();
    open(text);
  });

  document.addEventListener("keydown", (event) => {
    const command = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.isComposing || (!command && !slash)) return;
    if (slash && event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    event.preventDefault();
    open();
  });
})();
