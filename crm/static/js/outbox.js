/* The outbox: visits written without a network wait in this browser and are sent when it is back.
   Each has the number the form gave it, so that sending twice is one visit. A draft belongs to a person
   and is never sent as another. Needs app.js. */
"use strict";

yf.outbox = (() => {
  const RETRY = 30_000;
  const FRESH = 600_000;
  const box = document.getElementById("y-outbox-words");
  const words = box ? JSON.parse(box.textContent) : {};
  const events = new EventTarget();
  let held = "";

  /* ---- the store ---------------------------------------------------- */

  function base() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("yinfeng", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("drafts", { keyPath: "id" });
        asked.result.createObjectStore("people", { keyPath: "user" });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  /** Do one thing in a store and return its result once it is written. */
  async function inStore(name, mode, act) {
    const opened = await base();
    try {
      return await new Promise((resolve, reject) => {
        const work = opened.transaction(name, mode);
        const asked = act(work.objectStore(name));
        work.oncomplete = () => resolve(asked.result);
        work.onerror = () => reject(work.error);
        work.onabort = () => reject(work.error);
      });
    } finally {
      opened.close();
    }
  }

  const changed = () => events.dispatchEvent(new Event("change"));
  const get = (id) => inStore("drafts", "readonly", (store) => store.get(id));
  const all = async () => (await inStore("drafts", "readonly", (store) => store.getAll())).sort((a, b) => a.at - b.at);

  async function put(draft) {
    await inStore("drafts", "readwrite", (store) => store.put(draft));
    changed();
  }

  async function remove(id) {
    await inStore("drafts", "readwrite", (store) => store.delete(id));
    changed();
  }

  /** The person last signed in here, with what the form needs without a network; null after signing out. */
  async function person() {
    const people = await inStore("people", "readonly", (store) => store.getAll());
    return people[0] || null;
  }

  const forget = () => inStore("people", "readwrite", (store) => store.clear());

  /* ---- sending ------------------------------------------------------ */

  /** Ask who is signed in and for a fresh token; TypeError without a network. */
  async function session() {
    const answer = await fetch("/outbox/session", { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new TypeError(String(answer.status));
    const me = await answer.json();
    if (me.user) {
      const known = { user: me.user, name: me.name, recent: me.recent, keepPlace: me.keep_place, at: Date.now() };
      await inStore("people", "readwrite", (store) => {
        store.clear();
        return store.put(known);
      });
    }
    return me;
  }

  function post(path, body, token) {
    const headers = { "X-CSRFToken": token, Accept: "application/json" };
    return fetch(path, { method: "POST", body, headers, credentials: "same-origin", redirect: "manual" });
  }

  /** What became of a request, in words: sent, refused (with reasons), signed out, or to be tried again. */
  async function outcome(answer) {
    if (answer.type === "opaqueredirect" || answer.status === 401) return { state: "signin", problems: [] };
    const told = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : {};
    if (answer.ok) return { state: "sent", ...told };
    const again = answer.status >= 500 || answer.status === 429;
    return { state: again ? "waiting" : "refused", problems: told.problems || [{ text: yf.reason(answer.status) }] };
  }

  async function sendTouch(draft, token, flash) {
    const body = new FormData();
    for (const [name, value] of draft.fields) body.append(name, value);
    body.set("client_id", draft.id);
    body.set("owner", draft.user);
    if (flash) body.set("flash", "1");
    const got = await outcome(await post("/outbox/touches", body, token));
    if (got.state === "sent") draft.sent = got.url;
    return got;
  }

  async function sendPhoto(draft, photo, token) {
    const body = new FormData();
    body.set("key", photo.id);
    body.set("photo", new Blob([photo.data], { type: photo.type }), photo.name);
    const got = await outcome(await post(`/outbox/touches/${draft.id}/photos`, body, token));
    photo.problem = got.state === "refused" ? got.problems[0].text : "";
    photo.done = got.state === "sent";
    if (photo.done) photo.data = null;
    return got;
  }

  /** Send what is left of a draft; what was sent already is not sent again. */
  async function push(draft, token, flash) {
    let got = draft.sent ? { state: "sent", url: draft.sent } : await sendTouch(draft, token, flash);
    for (const photo of draft.photos) {
      if (got.state !== "sent" || photo.done) continue;
      await put(draft);
      const one = await sendPhoto(draft, photo, token);
      if (one.state !== "sent" && one.state !== "refused") got = one;
    }
    const bad = draft.photos.filter((photo) => photo.problem).map((photo) => ({ text: `${photo.name}：${photo.problem}` }));
    if (got.state === "sent" && bad.length) got = { ...got, state: "refused", problems: bad };
    draft.state = got.state;
    draft.problems = got.problems || [];
    if (got.state === "sent") await remove(draft.id);
    else await put(draft);
    return { ...got, url: draft.sent };
  }

  /** Run alone among the windows of this browser; what the server gets twice it keeps once. */
  function alone(work) {
    return navigator.locks ? navigator.locks.request("yinfeng-outbox", work) : work();
  }

  /** Send one draft now and say what became of it. */
  function send(id, flash = false) {
    return alone(async () => {
      const draft = await get(id);
      if (!draft) return { state: "sent", url: "/visits" };
      try {
        const me = await session();
        if (!me.user) return await kept(draft, "signin");
        if (me.user !== draft.user) return await kept(draft, "other");
        return await push(draft, me.token, flash);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return kept(draft, "waiting");
      }
    });
  }

  async function kept(draft, state) {
    draft.state = state;
    await put(draft);
    return { state, problems: [] };
  }

  /** Send everything that waits; what was refused waits for a person. */
  async function sendAll() {
    let sent = 0;
    for (const draft of await all()) {
      if (draft.gone || draft.state === "refused" || draft.id === held) continue;
      const got = await send(draft.id);
      if (got.state === "sent") sent += 1;
      if (got.state === "waiting" || got.state === "signin") break;
    }
    if (sent) yf.toast(words.sent.replace("{n}", sent), "good");
    return sent;
  }

  /** A draft that is open in the form goes when the person says so. */
  const hold = (id) => {
    held = id;
  };

  async function mark() {
    const count = (await all()).filter((draft) => !draft.gone).length;
    for (const link of document.querySelectorAll("[data-outbox-link]")) {
      link.hidden = !count;
      link.querySelector("[data-outbox-count]").textContent = String(count);
    }
    return count;
  }

  /** Learn now and then who is signed in and whom that person visited last, for the form that works alone. */
  async function learn() {
    const link = document.querySelector("[data-outbox-link]");
    const known = await person();
    const fresh = known && known.user === Number(link?.dataset.user) && Date.now() - known.at < FRESH;
    if (link && !fresh) await session();
  }

  async function start() {
    for (const draft of await all()) if (draft.gone) await remove(draft.id);
    setTimeout(() => learn().catch(() => {}), 1000);
    if (!(await mark())) return;
    if (window.location.pathname === "/login") yf.toast(words.login, "warn");
    else await sendAll();
  }

  const usable = "indexedDB" in window && Boolean(box);
  if (usable) {
    events.addEventListener("change", mark);
    window.addEventListener("load", () => start().catch(() => {}));
    window.addEventListener("online", () => sendAll().catch(() => {}));
    document.addEventListener("visibilitychange", () => document.hidden || sendAll().catch(() => {}));
    setInterval(async () => document.hidden || ((await mark()) && sendAll()), RETRY);
    document.addEventListener("submit", (event) => {
      if (event.target.matches('form[action="/logout"]')) forget();
    });
  }
  return { usable, words, events, all, get, put, remove, person, session, send, sendAll, hold };
})();

/* ---- what works without a network, and on the home screen ------------ */

if ("serviceWorker" in navigator && document.querySelector("[data-outbox-link]")) {
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("/sw.js").catch(() => {});
  });
}

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  for (const button of document.querySelectorAll("[data-install]")) {
    button.hidden = false;
    button.addEventListener("click", () => event.prompt(), { once: true });
  }
});
