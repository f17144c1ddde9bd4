/* The form that logs a visit: what is written goes through the outbox, so that neither a cut line nor an ended
   sign-in loses it. Needs outbox.js and photos.js. Without it the form works as it is. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const MORE = ["place", "leader_level", "headcount", "project", "unit_id", "report"];
  const OF_FIRM = ["contact_ids", "project", "confirm_new", "confirm_contact"];
  const { outbox } = yf;
  const { words } = outbox;

  const valuesOf = (form) => [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !["csrf_token", "client_id", "next"].includes(name),
  );
  const labelOf = (form, selector) => form.querySelector(selector)?.closest("label")?.textContent.trim() || "";

  function draftOf(form, photos, user) {
    const value = (name) => String(new FormData(form).get(name) || "");
    const named = value("enterprise_id") && value("enterprise_id") !== "new";
    const fields = valuesOf(form);
    // A name typed without a network: the register is asked when the draft is sent.
    if (form.hasAttribute("data-alone") && !value("enterprise_id")) fields.push(["enterprise_id", "new"]);
    return {
      id: form.elements.client_id.value,
      user,
      at: Date.now(),
      state: "waiting",
      problems: [],
      sent: "",
      title: named ? form.querySelector("[name=enterprise_id]:checked + span")?.firstChild.textContent.trim() || value("q") : value("q"),
      kind: labelOf(form, "[name=kind]:checked"),
      when: value("occurred_at"),
      note: value("summary").slice(0, 80),
      fields,
      photos: photos.chosen,
    };
  }

  /** What a draft says in fields that are not here, because 更多 was not fetched, goes along unseen. */
  function carry(form, draft) {
    form.querySelectorAll("[data-carried]").forEach((field) => field.remove());
    const firm = draft.fields.find(([name]) => name === "enterprise_id");
    const same = firm && firm[1] === String(new FormData(form).get("enterprise_id") || "new");
    const absent = draft.fields.filter(([name]) => !form.querySelector(`[name="${CSS.escape(name)}"]`));
    for (const [name, value] of absent) {
      if (OF_FIRM.includes(name) && !same) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      field.dataset.carried = "";
      form.append(field);
    }
  }

  /** Put what a draft holds back into the form, and into what the form fetches because of it. */
  function fillIn(form, draft) {
    form.elements.client_id.value = draft.id;
    const offered = draft.fields.find(([name]) => name === "enterprise_id");
    if (offered && draft.title) offer(form, offered[1], draft.title);
    const left = new Set(draft.fields.map(([name]) => name));
    const fill = () => {
      const here = [...left].filter((name) => form.querySelector(`[name="${CSS.escape(name)}"]`));
      for (const [name, value] of draft.fields) if (here.includes(name)) putBack(form, name, value);
      here.forEach((name) => left.delete(name));
    };
    fill();
    document.addEventListener("htmx:after:swap", fill);
    form.querySelector("[name=enterprise_id]:checked")?.dispatchEvent(new Event("change", { bubbles: true }));
    const more = form.querySelector("details.h-more:not(.h-newcomer)");
    if (more && draft.fields.some(([name, value]) => MORE.includes(name) && value)) more.open = true;
    const newcomer = form.querySelector(".h-newcomer");
    if (newcomer) newcomer.open = draft.fields.some(([name, value]) => name === "new_name" && value);
  }

  function putBack(form, name, value) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type !== "radio" && field.type !== "checkbox") field.value = value;
      else if (field.value === value) field.checked = true;
    }
  }

  /** Show an enterprise that the draft chose among those on offer. */
  function offer(form, value, title) {
    const picks = form.querySelector("[data-picks]");
    if (!picks || picks.querySelector(`[name=enterprise_id][value="${CSS.escape(value)}"]`)) return;
    const label = document.getElementById("y-pick").content.firstElementChild.cloneNode(true);
    label.querySelector("input").value = value;
    label.querySelector("span").textContent = title;
    picks.prepend(label);
  }

  function busy(form, on) {
    const button = form.querySelector("[data-save]") || form.querySelector(".y-form-foot button[type=submit]");
    button.disabled = on;
    if (on) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }

  /** Without a server to ask, say at least what can never be sent. */
  function lacks(form) {
    const value = (name) => String(new FormData(form).get(name) || "").trim();
    const found = [
      ["enterprise_id", value("enterprise_id") || value("q"), words.noFirm, "q"],
      ["summary", value("summary"), words.noNote, "summary"],
      ["next_due", !value("next_step") || value("next_due"), words.noDue, "next_due"],
    ].find(([, good]) => !good);
    if (!found) return false;
    yf.toast(found[2], "bad");
    form.querySelector(`#${found[3]}`).focus();
    return true;
  }

  async function save(form, photos) {
    const user = Number(form.dataset.outbox) || (await outbox.person())?.user;
    if (!user) {
      yf.toast(words.nobody, "bad");
      return;
    }
    const alone = form.hasAttribute("data-alone");
    if (alone && lacks(form)) return;
    const before = await outbox.get(form.elements.client_id.value);
    if (before) carry(form, before);
    const draft = draftOf(form, photos, user);
    navigator.storage?.persist?.(); // ask the browser not to clear what nobody has seen yet
    await outbox.put(draft);
    const got = await outbox.send(draft.id, !alone);
    if (got.state === "sent") {
      window.location.assign(form.elements.next?.value || got.url);
    } else if (got.state === "refused" && !alone && !got.url) {
      photos.input?.setAttribute("disabled", ""); // the draft keeps them until the server has taken the rest
      form.submit();
    } else if (got.url && got.state === "refused") {
      window.location.assign("/outbox");
    } else if (navigator.serviceWorker?.controller || got.state !== "waiting") {
      window.location.assign("/outbox");
    } else {
      yf.toast(got.problems?.[0]?.text || words.kept, "warn");
    }
  }

  /** What was known of another enterprise is not to be chosen for this one. */
  function forgetFirm(form) {
    form.querySelector("#h-contacts .h-chips")?.remove();
    const firstAndLast = (_option, index, all) => index > 0 && index < all.length - 1;
    [...(form.elements.project?.options || [])].filter(firstAndLast).forEach((option) => option.remove());
  }

  function listen(form) {
    form.addEventListener("htmx:error", (event) => {
      event.stopPropagation();
      if (event.target.name === "enterprise_id") forgetFirm(form);
      yf.toast(event.target.closest(".h-more") ? words.later : words.alone, "info");
    });
    form.addEventListener("htmx:before:response", (event) => {
      if (event.detail.ctx.response.status !== 401) return;
      event.preventDefault(); // stay here: what was typed and chosen is saved first, signing in comes after
      if (event.target.name === "enterprise_id") forgetFirm(form);
      yf.toast(words.signedOut, "warn");
    });
    form.addEventListener("keydown", (event) => {
      // Enter in a line would press the first button of the form, which searches.
      const line = event.target.matches("input:not([type=file])") && event.target.id !== "q";
      if (event.key === "Enter" && line && !event.isComposing) event.preventDefault();
    });
    form.addEventListener("change", ({ target }) => {
      if (target.name === "enterprise_id" && target.value === "new") forgetFirm(form);
      const more = form.querySelector("details.h-more");
      if (target.name === "kind" && target.value === "inspection" && more) more.open = true;
    });
  }

  async function begin(form) {
    const photos = new yf.photos.Chosen(form);
    form.removeAttribute("data-draft");
    if (form.hasAttribute("data-alone")) form.elements.client_id.value = yf.photos.newId();
    const asked = new URLSearchParams(window.location.search).get("draft");
    if (asked) outbox.hold(asked);
    const known = await outbox.get(asked || form.elements.client_id.value);
    if (asked && !known) window.location.replace("/outbox"); // sent meanwhile
    if (known) {
      if (asked) {
        fillIn(form, known);
        for (const { label, text } of known.problems || []) yf.toast(label ? `${label}：${text}` : text, "bad");
      }
      photos.put(known.photos);
    }
    listen(form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (event.submitter?.name === "find") {
        window.htmx.trigger(event.submitter.closest(".h-more [hx-get]") || form.elements.q, "find");
        return;
      }
      if (form.dataset.busy) return;
      form.dataset.busy = "yes";
      busy(form, true);
      try {
        await save(form, photos);
      } catch {
        photos.giveBack(); // a browser that keeps nothing, or is full: the plain way
        form.submit();
        return;
      }
      delete form.dataset.busy;
      busy(form, false);
    }, true);
  }

  if (outbox.usable) document.querySelectorAll("form[data-outbox]").forEach((form) => begin(form).catch(() => {}));
});
