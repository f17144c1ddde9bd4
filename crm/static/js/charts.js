/* Charts: options as data from the page, our colours, a picture to save, and the rows behind a mark on click. */
"use strict";

const NARROW = 560;
const PICTURE = { ratio: 2, pad: 24, head: 76 };

/** Resolve a colour token for the current theme, as the canvas needs a plain colour. */
function colour(name, at) {
  const probe = document.createElement("i");
  probe.style.color = `var(--y-${name})`;
  at.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** One axis, or several, with our ink under its own options. */
function axis(own, ink, line, size) {
  const style = { axisLabel: { color: ink, fontSize: size }, nameTextStyle: { color: ink, fontSize: size }, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } } };
  return [].concat(own || []).map((item) => ({ ...item, ...style, axisLabel: { ...style.axisLabel, ...item.axisLabel } }));
}

/** Many names do not fit below each other's bars on a telephone: there they stand at the left, each with its room. */
function laidOut(options, box) {
  const names = options.xAxis?.data;
  if (!options.flips || !names || box.clientWidth >= NARROW) {
    box.style.height = "";
    return options;
  }
  const bars = options.series.filter((one) => one.type === "bar");
  const stacked = new Set(bars.map((one, at) => one.stack || at)).size;
  box.style.height = `${90 + names.length * Math.max(28, 12 + 10 * stacked)}px`;
  const left = { ...options.xAxis, inverse: true, axisLabel: { ...options.xAxis.axisLabel, width: 84, rotate: 0 } };
  return { ...options, xAxis: options.yAxis, yAxis: left };
}

/** Our colours, font and a tooltip that needs no inline style, under the page's own options. */
function dress(plain, box) {
  const options = laidOut(plain, box);
  const [ink, line, surface] = ["ink-2", "line", "raised"].map((name) => colour(name, box));
  const font = getComputedStyle(box);
  const size = box.hasAttribute("data-large") ? Math.max(12, Math.round(parseFloat(font.fontSize))) : 12;
  const dressed = {
    color: ["c1", "c2", "c3", "c4", "c5", "c6", "c7"].map((name) => colour(name, box)),
    textStyle: { color: ink, fontFamily: font.fontFamily, fontSize: size },
    animationDuration: 300,
    aria: { enabled: false },
    ...options,
    tooltip: { backgroundColor: surface, borderColor: line, textStyle: { color: colour("ink", box) }, confine: true, ...options.tooltip, renderMode: "richText" },
  };
  if (!options.grid) dressed.grid = { left: 12, right: 16, top: 40, bottom: 8, containLabel: true };
  for (const key of ["xAxis", "yAxis"]) if (options[key]) dressed[key] = axis(options[key], ink, line, size);
  if (options.legend) dressed.legend = { type: "scroll", pageTextStyle: { color: ink }, ...options.legend, textStyle: { color: ink, fontSize: size } };
  delete dressed.flips;
  return dressed;
}

/** Draw a box from the data beside it; what is drawn already moves to the new figures and does not blink. */
function drawOne(box) {
  const options = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const known = window.echarts.getInstanceByDom(box);
  const chart = known || window.echarts.init(box);
  const dressed = dress(options, box);
  chart.resize();
  chart.setOption(dressed, !(known && box.hasAttribute("data-moves")));
  if (known) return;
  chart.on("click", (event) => {
    if (event.data?.href) window.location.assign(event.data.href);
  });
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (!box.clientWidth) return; // hidden behind its table
    const crossed = (width >= NARROW) !== (box.clientWidth >= NARROW);
    width = box.clientWidth;
    if (crossed) drawOne(box);
    else chart.resize();
  }).observe(box);
}

function draw() {
  if (!window.echarts) return;
  document.querySelectorAll("[data-chart]").forEach(drawOne);
  for (const button of document.querySelectorAll("[data-chart-png]")) button.hidden = false;
}

/** The chart as a picture: its title above, the period and the moment of the figures below it. */
function picture(box, title, about) {
  const chart = window.echarts.getInstanceByDom(box);
  const surface = colour("surface", box);
  const drawn = chart.renderToCanvas({ pixelRatio: PICTURE.ratio, backgroundColor: surface });
  const { ratio, pad, head } = PICTURE;
  const sheet = document.createElement("canvas");
  sheet.width = drawn.width + 2 * pad * ratio;
  sheet.height = drawn.height + (head + pad) * ratio;
  const pen = sheet.getContext("2d");
  pen.fillStyle = surface;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(drawn, pad * ratio, head * ratio);
  const font = getComputedStyle(document.body).fontFamily;
  pen.fillStyle = colour("ink", box);
  pen.font = `600 ${18 * ratio}px ${font}`;
  pen.fillText(title, pad * ratio, 34 * ratio, sheet.width - 2 * pad * ratio);
  pen.fillStyle = colour("ink-2", box);
  pen.font = `${13 * ratio}px ${font}`;
  pen.fillText(about, pad * ratio, 58 * ratio, sheet.width - 2 * pad * ratio);
  return sheet;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chart-png]");
  if (!button) return;
  const box = document.querySelector(`[data-chart="${button.dataset.chartPng}"]`);
  if (!box.clientWidth) button.closest(".y-figure").querySelector('input[value="both"]').click(); // a hidden chart has no size
  requestAnimationFrame(() => {
    drawOne(box);
    window.echarts.getInstanceByDom(box).setOption({ animation: false });
    picture(box, button.dataset.title, button.dataset.about).toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${button.dataset.title}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
  });
});

document.addEventListener("charts:draw", draw);
document.addEventListener("htmx:after:swap", draw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
