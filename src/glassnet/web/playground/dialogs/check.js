// The gradient check as a table, and the layers whose slope can be put back, if a lesson has taken one away.

import { element, shown } from "../view/element.js";
import { say } from "../words/words.js";
import { open } from "./dialog.js";

const RIGHT = 0.01; // in float32; a wrong gradient is beyond

/** @param {{layer: number, name: string, error: number, used: number, measured: number}[]|null} checked */
export function openCheck(checked, choices, change) {
  if (!checked) {
    open(say("gradientCheck"), element("p", {}, say("checkNot")));
    return;
  }
  const numbers = [...new Set(checked.map(({ layer }) => layer))];
  const layerName = (layer) => {
    const place = numbers.indexOf(layer);
    return place === numbers.length - 1 ? say("output") : say("hidden", { layer: place + 1 });
  };
  const head = ["checkOf", "checkUsed", "checkMeasured", "checkError"].map((key) => element("th", { scope: "col" }, say(key)));
  const rows = checked.map(({ layer, name, error, used, measured }) => element("tr", { className: error > RIGHT ? "wrong" : "right" },
    element("th", { scope: "row" }, `${layerName(layer)}: ${name}`),
    ...[used, measured].map((one) => element("td", {}, shown(one))),
    element("td", {}, `${shown(error, 2)} ${error > RIGHT ? "✗" : "✓"}`)));
  const repair = choices.lesson === "mistake" ? choices.hidden.map((_, place) => {
    const button = element("button", {}, say("checkRepair", { layer: say("hidden", { layer: place + 1 }) }));
    button.dataset.repair = place + 1;
    button.onclick = () => {
      if (choices.forgotten !== place + 1) answer.textContent = say("checkWasRight");
      else {
        document.getElementById("card").close();
        change({ forgotten: 0 });
      }
    };
    return button;
  }) : [];
  const answer = element("p", { role: "status" });
  open(say("gradientCheck"), element("p", {}, say("checkWords")),
    element("div", { className: "wide", tabIndex: 0, role: "group", "aria-label": say("gradientCheck") },
      element("table", { className: "checked" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))),
    answer, element("div", { className: "bar" }, ...repair));
}
