// The gradient check as a table, and the layers whose slope can be put back, if a lesson has taken one away.

import { say } from "../../language.js";
import { button, byId, element, shown } from "../view/element.js";
import { layerName, named } from "../view/names.js";
import { open } from "./dialog.js";

/** @param {{layer: number, name: string, error: number, right: boolean, used: number, measured: number}[]|null} checked */
export function openCheck(checked, choices, change) {
  if (!checked) {
    open(say("Gradient check"), element("p", {}, say("With dropout or batch normalization, the loss of a row depends on chance or on other rows, so the gradient cannot be checked. Turn them off in all layers.")));
    return;
  }
  const numbers = [...new Set(checked.map(({ layer }) => layer))];
  const head = [say("Parameter"), say("Computed"), say("Measured"), say("Difference")].map((name) => element("th", { scope: "col" }, name));
  const rows = checked.map(({ layer, name, error, right, used, measured }) => element("tr", { className: right ? "right" : "wrong" },
    element("th", { scope: "row" }, named(layerName(numbers.indexOf(layer) + 1, numbers.length), name)),
    ...[used, measured].map((one) => element("td", {}, shown(one))),
    element("td", {}, `${shown(error, 2)} ${right ? "✓" : "✗"}`)));
  const repair = choices.lesson === "mistake" ? choices.hidden.map((_, place) => button(say("Restore the slope: {layer}", { layer: layerName(place + 1) }), () => {
    if (choices.forgotten !== place + 1) answer.textContent = say("The slope is not missing there. Look again at where the differences start.");
    else {
      byId("card").close();
      change({ forgotten: 0 });
    }
  }, { "data-repair": place + 1 })) : [];
  const answer = element("p", { role: "status" });
  open(say("Gradient check"), element("p", {}, say("Each weight is nudged up and down, and the change in loss is measured. The program computes the same gradient by the chain rule. If the two differ, the program is wrong.")),
    element("div", { className: "wide", tabIndex: 0, role: "group", "aria-label": say("Gradient check") },
      element("table", { className: "checked" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))),
    answer, element("div", { className: "bar" }, ...repair));
}
