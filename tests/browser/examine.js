/* Run in a page: returns what is wrong with it, as sentences. */
() => {
  const found = [];
  const root = document.documentElement;
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const told = (node) => `<${node.tagName.toLowerCase()} ${node.id || node.name || node.className} ${(node.textContent || "").trim().slice(0, 30)}>`;
  const words = (node) => [...node.querySelectorAll("img[alt], [aria-label]")].map((part) => part.alt || part.ariaLabel).join("") + node.textContent;
  const named = (node) => (node.ariaLabel || node.title || node.getAttribute("aria-labelledby") || words(node)).trim() !== "";

  if (!document.title.trim()) found.push("no title");
  if (!root.lang) found.push("no language");
  const heads = document.querySelectorAll("h1");
  if (heads.length !== 1) found.push(`${heads.length} h1`);
  if (root.scrollWidth > window.innerWidth) {
    const wide = [...document.querySelectorAll("main *")].find((node) => node.getBoundingClientRect().right > window.innerWidth + 1);
    found.push(`${root.scrollWidth} px wide in a window of ${window.innerWidth}: ${wide ? told(wide) : "?"}`);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]):not([type=submit]), select, textarea")) {
    const label = [...(field.labels || [])].map((node) => node.textContent).join("").trim();
    if (!label && !field.ariaLabel && !field.getAttribute("aria-labelledby")) found.push(`no label: ${told(field)}`);
  }
  for (const image of document.images) if (!image.hasAttribute("alt")) found.push(`no alt: ${image.src}`);
  for (const node of document.querySelectorAll("a[href], button, summary")) {
    if (shown(node) && !named(node)) found.push(`no name: ${told(node)} ${node.outerHTML.slice(0, 120)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  if (twice.length) found.push(`ids used twice: ${[...new Set(twice)].join(" ")}`);
  for (const node of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    const ids = `${node.getAttribute("aria-describedby") || ""} ${node.getAttribute("aria-labelledby") || ""}`.trim().split(/\s+/);
    for (const id of ids) if (!document.getElementById(id)) found.push(`nothing is called ${id}: ${told(node)}`);
  }
  return found;
}
