/* The picture of an industry chain. The table beside it says the same; without scripts the picture is not there. */
"use strict";

const NARROW_CHAIN = 560;
const TOKENS = ["ink", "ink-2", "ink-3", "line", "line-2", "raised", "seal", "amber", "primary", "green"];

/** Resolve the tokens of the theme, as the canvas needs plain colours. */
function tokens(at) {
  const probe = document.createElement("i");
  at.append(probe);
  const found = {};
  for (const name of TOKENS) {
    probe.style.color = `var(--y-${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

/** Spread nodes over the room in pixels, so that no symbol is stretched in one direction. */
function spread(data, wide, high) {
  const place = (key, room) => {
    const all = data.map((one) => one[key]);
    const low = Math.min(...all);
    const span = Math.max(...all) - low;
    return (value) => (span ? ((value - low) / span) * room : room / 2);
  };
  const [x, y] = [place("x", wide), place("y", high)];
  return data.map((one) => ({ ...one, x: x(one.x), y: y(one.y) }));
}

/** Put our colours, ink and room for names into the options of the page. */
function dressChain(plain, box) {
  const ink = tokens(box);
  const narrow = box.clientWidth < NARROW_CHAIN;
  const font = getComputedStyle(box).fontFamily;
  const series = plain.series[0];
  const [left, right, bottom] = narrow ? [52, 52, 100] : [series.left, series.right, series.bottom];
  const data = spread(series.data, box.clientWidth - left - right, box.clientHeight - series.top - bottom);
  const label = narrow
    ? { ...series.label, position: "bottom", width: 96, overflow: "break", fontSize: 12, color: ink.ink }
    : { ...series.label, width: 130, overflow: "truncate", fontSize: 13, color: ink.ink };
  return {
    ...plain,
    textStyle: { color: ink["ink-2"], fontFamily: font },
    aria: { enabled: false },
    legend: { ...plain.legend, textStyle: { color: ink["ink-2"] }, itemGap: narrow ? 8 : 14, selectedMode: false },
    tooltip: {
      ...plain.tooltip, renderMode: "richText", confine: true, backgroundColor: ink.raised, borderColor: ink.line,
      textStyle: { color: ink.ink },
      formatter: (item) => (item.dataType === "node" ? `${item.data.name}\n${item.data.value}` : ""),
    },
    series: [{
      ...series, data, label, left, right, bottom, cursor: "pointer",
      categories: series.categories.map((one) => ({ ...one, itemStyle: { color: ink[one.itemStyle.color] } })),
      lineStyle: { color: ink["line-2"], width: 1.5, curveness: 0.06 },
    }],
  };
}

function drawChain(box) {
  const options = JSON.parse(document.getElementById(box.dataset.chain).textContent);
  const rows = box.clientWidth < NARROW_CHAIN ? 84 : 64;
  box.style.height = `${Math.max(260, 130 + options.tall * rows)}px`;
  const known = window.echarts.getInstanceByDom(box);
  const chart = known || window.echarts.init(box);
  chart.resize();
  chart.setOption(dressChain(options, box), true);
  if (known) return;
  chart.on("click", (event) => {
    if (event.data?.href) window.location.assign(event.data.href);
  });
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (!box.clientWidth || box.clientWidth === width) return;
    width = box.clientWidth;
    drawChain(box);
  }).observe(box);
}

function drawChains() {
  if (!window.echarts) return;
  for (const card of document.querySelectorAll("[data-chain-card]")) card.hidden = false;
  document.querySelectorAll("[data-chain]").forEach(drawChain);
}

drawChains();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawChains);
