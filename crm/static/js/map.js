/* The map of carriers. The table beside it says the same; without scripts the map is not there. */
"use strict";

const CLOSEST = 17;

function element(name, words, kind) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = words;
  return made;
}

/** What a popup says, made of nodes: names are words, never markup. */
function said(one, box) {
  const whole = document.createElement("div");
  whole.append(element("h3", one.name), element("p", one.label));
  const list = document.createElement("dl");
  for (const [label, value] of one.facts) list.append(element("dt", label), element("dd", value));
  const link = element("a", box.dataset.more);
  link.href = one.href;
  whole.append(link, list);
  return whole;
}

/** A shape for an outline and a dot that is seen from afar; a park with an outline needs no dot. */
function layers(one) {
  const found = [];
  if (one.outline) found.push(window.L.geoJSON(one.outline, { style: { className: `m-shape m-${one.state}` } }));
  if (!one.outline || one.state !== "park") found.push(window.L.circleMarker(one.at, { radius: 8, className: `m-dot m-${one.state}` }));
  return found;
}

function addBase(map, base) {
  const names = base.length <= 40;
  for (const one of base) {
    const layer = window.L.geoJSON(one.geometry, { interactive: false, style: { className: "m-shape m-base" } }).addTo(map);
    if (names && one.name) layer.bindTooltip(document.createTextNode(one.name), { permanent: true, direction: "center", className: "m-label" });
  }
}

function start(box) {
  const data = JSON.parse(document.getElementById(box.dataset.map).textContent);
  const L = window.L;
  box.closest("[data-map-card]").hidden = false;
  const map = L.map(box, { attributionControl: false, zoomControl: false, scrollWheelZoom: false, maxZoom: 18, zoomSnap: 0.5 });
  L.control.zoom({ zoomInTitle: box.dataset.in, zoomOutTitle: box.dataset.out, position: "bottomright" }).addTo(map);
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  map.on("popupopen", (event) => event.popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", box.dataset.close));
  if (data.tiles) L.tileLayer(data.tiles, { maxZoom: 18 }).addTo(map);
  const shown = new Map();
  const parksFirst = [...data.features].sort((a, b) => (b.state === "park") - (a.state === "park"));
  const all = L.featureGroup(parksFirst.flatMap((one) => {
    const drawn = layers(one);
    const popup = () => said(one, box);
    for (const layer of drawn) layer.bindPopup(popup, { maxWidth: 320, maxHeight: 300 });
    shown.set(String(one.id), drawn);
    return drawn;
  }));
  map.fitBounds(all.getBounds(), { padding: [28, 28], maxZoom: CLOSEST, animate: false });
  addBase(map, data.base);
  all.addTo(map);
  for (const button of document.querySelectorAll("[data-map-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const [first, ...rest] = shown.get(button.dataset.mapShow);
      const target = rest.at(-1) || first;
      box.scrollIntoView({ block: "nearest" });
      map.fitBounds((first.getBounds ? first : L.featureGroup([first])).getBounds(), { padding: [60, 60], maxZoom: 15, animate: false });
      target.openPopup();
      requestAnimationFrame(() => box.querySelector(".leaflet-popup-content a")?.focus({ preventScroll: true }));
    });
  }
}

if (window.L) document.querySelectorAll("[data-map]").forEach(start);
