/* Run in a page: returns every text it shows or says aloud, leaving out documents and the other language. */
() => {
  const left = "script, mark, [lang=zh], .y-avatar, .y-doc";
  const own = (selector) => [...document.querySelectorAll(selector)].filter((node) => !node.closest(left));
  const speaks = (node) => [...node.childNodes].some((part) => part.nodeType === Node.TEXT_NODE && part.data.trim());
  const attributes = own("[placeholder], [aria-label], [title]").flatMap((node) =>
    ["placeholder", "aria-label", "title"].map((name) => node.getAttribute(name))
  );
  const texts = own("body *").filter(speaks).map((node) => node.textContent);
  return [document.title, ...texts, ...attributes].filter(Boolean).map((text) => text.trim().replace(/\s+/g, " ")).filter(Boolean);
}
