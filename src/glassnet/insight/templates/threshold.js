"use strict";
(() => {
  const chooser = document.getElementById("threshold-chooser");
  if (!chooser) return;
  const points = JSON.parse(chooser.dataset.points); // for each percent: false and true positives
  const at = (name) => document.getElementById(name);
  const slider = at("threshold-slider");
  const [negatives, positives] = [points[0][0], points[0][1]];
  const count = new Intl.NumberFormat(chooser.dataset.language, { maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(chooser.dataset.language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const ratio = (part, whole) => (whole > 0 ? share.format(part / whole) : "–");
  const mark = document.querySelector("#threshold-picture .rule");
  const [left, right] = JSON.parse(chooser.dataset.axis);
  const cost = (name) => Math.max(0, Number(at(name).value) || 0);
  const costs = ([wrong, found]) => wrong * cost("cost-false") + (positives - found) * cost("cost-missed");
  const show = () => {
    const chosen = Number(slider.value);
    const [wrong, found] = points[chosen];
    const cells = { tp: found, fn: positives - found, fp: wrong, tn: negatives - wrong };
    for (const [name, value] of Object.entries(cells)) at("count-" + name).textContent = count.format(value);
    at("threshold-value").textContent = `${chosen}%`;
    at("measure-precision").textContent = ratio(found, found + wrong);
    at("measure-recall").textContent = ratio(found, positives);
    at("measure-accuracy").textContent = ratio(found + negatives - wrong, positives + negatives);
    at("measure-said").textContent = ratio(found + wrong, positives + negatives);
    at("cost-total").textContent = count.format(costs(points[chosen]));
    if (mark) for (const end of ["x1", "x2"]) mark.setAttribute(end, left + (chosen / 100) * (right - left));
  };
  const cheapest = () => {
    let best = 50;
    points.forEach((point, place) => { if (costs(point) < costs(points[best])) best = place; });
    slider.value = best;
    show();
  };
  slider.addEventListener("input", show);
  for (const name of ["cost-false", "cost-missed"]) at(name).addEventListener("input", show);
  at("threshold-cheapest").addEventListener("click", cheapest);
  chooser.hidden = false;
  show();
})();
