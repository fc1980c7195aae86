// The confusion matrix of the test rows: which classes are taken for which.

import { css, ofClass } from "./heat.js";
import { element } from "./element.js";
import { className } from "./output.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);

/** @param {object} facts @param {number[][]|null} counts Rows of each class by the class they were taken for; null, where there are none. */
export function drawConfusion(counts, facts) {
  const place = at("confusion");
  place.hidden = !counts;
  if (!counts || !place.open) return;
  const text = JSON.stringify([counts, facts.ownNames]) + document.documentElement.lang + document.documentElement.dataset.theme;
  if (place.dataset.shown === text) return; // most epochs change nothing
  place.dataset.shown = text;
  const classes = counts.length;
  const head = (number, scope) => {
    const name = className(facts, number);
    const cell = element("th", scope === "row" ? { scope } : { scope, "aria-label": name }, scope === "row" ? name : String(number));
    cell.style.setProperty("--class", css(ofClass(number, classes)));
    return cell;
  };
  const largest = Math.max(1, ...counts.flat());
  const body = counts.map((row, number) => element("tr", {}, head(number, "row"), ...row.map((count, other) => {
    const cell = element("td", { className: number === other ? "right" : count ? "wrong" : "" }, String(count));
    cell.style.setProperty("--share", String(Math.round((100 * count) / largest)));
    return cell;
  })));
  at("confusion-table").replaceChildren(
    element("caption", { className: "heard" }, say("confusionWords")),
    element("tr", {}, element("td", {}, ""), ...counts.map((_, number) => head(number, "col"))), ...body);
}
