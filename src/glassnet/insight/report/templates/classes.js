"use strict";
(() => {
  /** Which class the page is about. */
  const selectors = [...document.querySelectorAll(".selector")];
  const choose = (chosen) => {
    for (const part of document.querySelectorAll(".of-class")) part.hidden = part.dataset.class !== chosen;
    for (const { firstElementChild: label } of selectors) label.control.value = chosen;
  };
  for (const selector of selectors) {
    selector.hidden = false;
    selector.addEventListener("change", (event) => choose(event.target.value));
  }

  /** What is seen of a threshold for one of two classes. */
  const chooserOf = (root) => {
    const points = JSON.parse(root.dataset.points); // for each tenth of a percent: false and true positives
    const at = (role) => root.querySelector(`[data-role="${role}"]`);
    const slider = at("slider");
    const [negatives, positives] = points[0];
    const { language, now } = root.dataset;
    const count = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const share = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const ratio = (part, whole) => (whole > 0 ? share.format(part / whole) : "–");
    const mark = root.parentElement.querySelector(".rule");
    const [left, right] = JSON.parse(root.dataset.axis);
    const cost = (name) => Math.max(0, Number(at(`cost-${name}`).value) || 0);
    const costs = ([wrong, found]) => wrong * cost("false") + (positives - found) * cost("missed");
    const show = () => {
      const percent = Number(slider.value), point = points[Math.round(10 * percent)];
      const [wrong, found] = point;
      const cells = { tp: found, fn: positives - found, fp: wrong, tn: negatives - wrong };
      for (const [name, value] of Object.entries(cells)) at(name).textContent = count.format(value);
      at("value").textContent = `${percent}%`;
      at("precision").textContent = ratio(found, found + wrong);
      at("recall").textContent = ratio(found, positives);
      at("accuracy").textContent = ratio(found + negatives - wrong, positives + negatives);
      at("said").textContent = ratio(found + wrong, positives + negatives);
      at("total").textContent = count.format(costs(point));
      for (const typed of root.querySelectorAll('[data-role="typed"]')) typed.textContent = Math.round(10 * percent) / 1000;
      for (const end of ["x1", "x2"]) mark.setAttribute(end, left + (percent / 100) * (right - left));
    };
    const cheapest = () => {
      let best = Math.round(10 * now);
      points.forEach((point, place) => { if (costs(point) < costs(points[best])) best = place; });
      slider.value = best / 10;
    };
    root.hidden = false;
    return { root, slider, at, show, cheapest };
  };

  /** The same decision as the other class sees it: its errors are the other ones, its probability what is left. */
  const mirror = (from, to) => {
    to.slider.value = 100 - from.slider.value;
    to.at("cost-false").value = from.at("cost-missed").value;
    to.at("cost-missed").value = from.at("cost-false").value;
  };
  const choosers = [...document.querySelectorAll(".chooser")].map(chooserOf);
  for (const chooser of choosers) {
    const changed = () => {
      for (const other of choosers) {
        if (other !== chooser) mirror(chooser, other);
        other.show();
      }
    };
    chooser.root.addEventListener("input", changed);
    chooser.at("cheapest").addEventListener("click", () => { chooser.cheapest(); changed(); });
    chooser.show();
  }
})();
