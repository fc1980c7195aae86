// The reader's own table: which of its columns span the plane, which one is predicted, whether all are inputs, and how many rows there are.

import { say, together } from "../../language.js";
import { hasRows } from "../session/choices.js";
import { axesWith, columnInputs, pointsOf, takesColumns } from "../session/own_table.js";
import { drawAxes } from "./axes.js";
import { byId, options } from "./element.js";
import { columnName } from "./names.js";

const PLACES = ["own-x", "own-y", "own-target"];

const count = (number) => number.toLocaleString("en");

/** How many rows are used, and why not all. */
function rowWords({ own, inputs }) {
  const [used, read] = [pointsOf({ own, inputs }).length, own.rows.length];
  return together(
    own.total > read ? say("{rows} of {total} rows: a random sample, the same every time.", { rows: count(read), total: count(own.total) }) : say("{rows} rows.", { rows: count(read) }),
    ...(used < read ? [say("Rows left out because of missing values in these columns: {rows}.", { rows: count(read - used) })] : []));
}

/** Show what is chosen. @param {(part: object) => void} change */
export function showOwn(choices, change) {
  const { own } = choices;
  drawAxes(choices);
  if (choices.table !== "own") return;
  const words = byId("own-words");
  const all = /** @type {HTMLInputElement} */ (byId("own-all"));
  const use = (axes, columns) => {
    const wanted = { own: { ...own, axes }, inputs: columns ? columnInputs({ ...own, axes }) : takesColumns(choices) ? ["x1", "x2"] : choices.inputs };
    if (hasRows(wanted)) change(wanted);
    else {
      showOwn(choices, change);
      words.textContent = say("Too few rows have values in all of these columns. Choose other columns.");
    }
  };
  PLACES.forEach((id, place) => {
    const fit = [...own.columns.keys()].filter((column) => (place === 2 || own.columns[column].ends) && axesWith(own, place, column));
    byId(id).replaceChildren(...options(fit.map((column) => [column, columnName(own, column)]), own.axes[place]));
    byId(id).onchange = () => use(axesWith(own, place, Number(byId(id).value)), takesColumns(choices));
  });
  all.checked = takesColumns(choices);
  all.onchange = () => use(own.axes, all.checked);
  byId("own-all-words").textContent = say("All {count} numeric columns as inputs, standardized", { count: columnInputs(own).length });
  words.textContent = rowWords(choices);
}
