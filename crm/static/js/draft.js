/* A form marked data-draft keeps its text in this tab while it is being sent. When the sign-in had ended, the text
   comes back after signing in again; once the server has taken it, it is forgotten. The mark is the person's number. */
"use strict";

const DRAFT = "y-draft";
const SIGN_IN = "/login";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-draft]") || (event.submitter && event.submitter.formNoValidate)) return;
  keep(form);
});

/* What a form fetches while it is filled in leads to the sign-in as well, and from there back to this page. */
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  const form = event.target.closest?.("form[data-draft]");
  if (!form || ctx.response.status !== 401) return;
  keep(form);
  ctx.hx.redirect = `${SIGN_IN}?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
});

function keep(form) {
  const values = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  sessionStorage.setItem(DRAFT, JSON.stringify({ who: form.dataset.draft, path: window.location.pathname, values }));
}

/** Put a value back: a choice is made, a field is filled. */
function putBack(form, name, value) {
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.type !== "radio" && field.type !== "checkbox") field.value = value;
    else if (field.value === value) field.checked = true;
  }
}

/** Fill the form; what a search brings is chosen when it has come. */
function restore(form, values) {
  const fill = () => values.forEach(([name, value]) => putBack(form, name, value));
  fill();
  const more = form.querySelector("details.h-more:not([open])");
  if (more && values.some(([name]) => !form.querySelector(`[name="${CSS.escape(name)}"]`))) {
    more.open = true;
    document.addEventListener("htmx:after:swap", fill, { once: true });
  }
  for (const field of form.querySelectorAll('[type="search"][hx-get]')) {
    if (!field.value) continue;
    document.addEventListener("htmx:after:swap", fill, { once: true });
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  yf.toast(yf.words.restored, "info");
}

window.addEventListener("load", () => {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT) || "null");
  const form = document.querySelector("form[data-draft]");
  const here = kept && window.location.pathname === kept.path;
  if (!kept || window.location.pathname === SIGN_IN || (here && !form)) return;
  sessionStorage.removeItem(DRAFT);
  if (here && form.dataset.draft === kept.who && !form.querySelector(".y-alert-bad")) restore(form, kept.values);
});
