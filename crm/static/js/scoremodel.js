/* Words and points of the weights say the same: choosing a word fills in its points, typing points finds the word. */
"use strict";

const nearest = (select, points) =>
  [...select.options].reduce((best, option) => {
    const far = Math.abs(Number(option.dataset.points) - points);
    const near = Math.abs(Number(best.dataset.points) - points);
    return far < near || (far === near && Math.abs(option.dataset.points) > Math.abs(best.dataset.points)) ? option : best;
  });

for (const row of document.querySelectorAll("[data-weights] .m-edit")) {
  const select = row.querySelector("[data-word]");
  const input = row.querySelector("input");
  select.addEventListener("change", () => {
    input.value = select.selectedOptions[0].dataset.points;
  });
  input.addEventListener("input", () => {
    if (input.value !== "" && Number.isFinite(Number(input.value))) nearest(select, Number(input.value)).selected = true;
  });
}
