/* "@" in a comment offers people who may see the subject: arrows and Enter, or a tap. */
"use strict";

(() => {
  const box = document.querySelector("[data-mention]");
  const list = document.getElementById("s-people");
  if (!box || !list) return;
  let asked = 0;
  let timer = 0;

  /* What stands between the last "@" and the caret, if that may be the beginning of a name. */
  function begun() {
    const before = box.value.slice(0, box.selectionStart);
    const found = /[@＠]([^\s@＠，。；：、！？,.;:!?]{0,12})$/.exec(before);
    return found ? { text: found[1], at: before.length - found[1].length } : null;
  }

  const options = () => [...list.querySelectorAll('[role="option"]')];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function close() {
    asked += 1;
    list.hidden = true;
    box.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (!option) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    const place = begun();
    if (!place) return close();
    const rest = box.value.slice(box.selectionStart);
    const name = `${option.dataset.label} `;
    box.value = box.value.slice(0, place.at) + name + rest;
    box.setSelectionRange(place.at + name.length, place.at + name.length);
    close();
    box.focus();
  }

  async function offer() {
    const place = begun();
    if (!place) return close();
    asked += 1;
    const mine = asked;
    const answer = await fetch(`${box.dataset.mention}?q=${encodeURIComponent(place.text)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer || !answer.ok || mine !== asked) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    list.replaceChildren(...parsed.body.children);
    list.hidden = false;
    choose(options()[0]);
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, 150);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const all = options();
    const now = all.indexOf(chosen());
    if (event.key === "Escape") close();
    else if (!all.length) return;
    else if (event.key === "ArrowDown") choose(all[(now + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(now - 1 + all.length) % all.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && chosen()) take(chosen());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("blur", () => setTimeout(close, 200));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) take(option);
  });
})();
