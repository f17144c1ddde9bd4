/* Run in a page: returns the words of the interface itself, leaving out marked data. */
() => {
  const parts = "nav a, nav span, button, summary, label, legend, h1, h2, h3, th, dt, .y-breadcrumbs span, .y-empty p, .y-tile-label, .btn";
  const data = "[lang=zh], .y-doc, .y-kard, .n-card h2, blockquote, [data-row] td";
  const attributes = [...document.querySelectorAll("[placeholder], [aria-label], [title]")].flatMap((node) =>
    ["placeholder", "aria-label", "title"].map((name) => node.getAttribute(name)).filter(Boolean)
  );
  const texts = [...document.querySelectorAll(parts)].filter((node) => !node.closest(data)).map((node) => node.textContent);
  return [document.title, ...texts, ...attributes].map((text) => text.trim().replace(/\s+/g, " "));
}
