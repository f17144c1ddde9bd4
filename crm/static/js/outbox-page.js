/* The list 待发送: what waits, why, and what to do about it. Needs outbox.js. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("[data-outbox-list]");
  const row = document.getElementById("y-outbox-row");
  const empty = document.querySelector("[data-outbox-empty]");
  const others = document.querySelector("[data-outbox-others]");
  const signin = document.querySelector("[data-outbox-signin]");
  const { words, events } = yf.outbox;

  function show(draft) {
    const item = row.content.firstElementChild.cloneNode(true);
    const set = (name, text) => {
      item.querySelector(`[data-${name}]`).textContent = text;
    };
    const state = draft.gone ? "gone" : draft.state;
    set("title", draft.title || words.nameless);
    set("kind", draft.kind);
    set("when", draft.when.replace("T", " "));
    set("note", draft.note);
    set("photos", draft.photos.length ? words.photos.replace("{n}", draft.photos.length) : "");
    set("state", words.states[state] || words.states.waiting);
    item.dataset.state = state;
    const reasons = item.querySelector("[data-problems]");
    for (const problem of draft.problems || []) {
      const line = document.createElement("li");
      line.textContent = problem.label ? `${problem.label}：${problem.text}` : problem.text;
      reasons.append(line);
    }
    const open = item.querySelector("[data-open]");
    open.href = draft.sent || `/visits/new?draft=${encodeURIComponent(draft.id)}`;
    open.hidden = Boolean(draft.gone);
    item.querySelector("[data-send]").hidden = Boolean(draft.gone);
    item.querySelector("[data-send]").addEventListener("click", async () => {
      const got = await yf.outbox.send(draft.id);
      if (got.state === "sent") yf.toast(words.sent.replace("{n}", 1), "good");
      else yf.toast(got.problems[0]?.text || words.states[got.state], "warn");
    });
    const drop = item.querySelector("[data-drop]");
    drop.querySelector("span").textContent = draft.gone ? words.undo : words.drop;
    drop.addEventListener("click", () => yf.outbox.put({ ...draft, gone: !draft.gone }));
    return item;
  }

  async function draw() {
    const me = await yf.outbox.person();
    const drafts = await yf.outbox.all();
    const user = Number(list.dataset.user) || (me && me.user);
    const own = drafts.filter((draft) => draft.user === user);
    const foreign = drafts.filter((draft) => draft.user !== user && !draft.gone);
    list.replaceChildren(...own.map(show));
    empty.hidden = own.length > 0;
    others.hidden = !foreign.length;
    others.querySelector("p").textContent = words.others.replace("{n}", foreign.length);
    signin.hidden = !own.some((draft) => draft.state === "signin");
  }

  if (yf.outbox.usable) {
    events.addEventListener("change", draw);
    draw();
  }
});
