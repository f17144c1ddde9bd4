/* The form that works alone: the clock of the phone, and whom the person signed in here visited last. */
"use strict";

(async () => {
  const form = document.querySelector("form[data-alone]");
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000);
  form.elements.occurred_at.value = now.toISOString().slice(0, 16);
  window.addEventListener("online", async () => {
    await yf.outbox.sendAll();
    if (!form.elements.summary.value) window.location.reload();
  });
  if (window.location.pathname === "/visits/new") form.parentElement.insertBefore(form, document.querySelector("[data-waiting]"));
  if (!yf.outbox.usable) return;
  const me = await yf.outbox.person();
  if (me?.keepPlace) document.getElementById("photos").setAttribute("data-keep-place", "");
  const picks = form.querySelector("[data-recent]");
  for (const firm of me ? me.recent : []) {
    if (picks.querySelector(`[value="${firm.id}"]`)) continue;
    const label = document.getElementById("y-pick").content.firstElementChild.cloneNode(true);
    label.querySelector("input").value = firm.id;
    label.querySelector("span").textContent = firm.name;
    picks.append(label);
  }
})();
