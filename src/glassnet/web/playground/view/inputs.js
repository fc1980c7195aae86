// The inputs of the network: those that there are, to be ticked, and formulas of the reader's own.

import { say } from "../../language.js";
import { MOST_FORMULAS } from "../session/choices.js";
import { FormulaError, LONGEST, readFormula } from "../session/expression.js";
import { INPUTS, REACH } from "../session/tables.js";
import { byId, element } from "./element.js";
import { inputName } from "./picture.js";

const own = (choices) => choices.inputs.filter((name) => !Object.hasOwn(INPUTS, name));

/** The boxes. @param {(part: object) => void} change */
export function showInputs(choices, change) {
  const names = [...Object.keys(INPUTS), ...own(choices)];
  byId("inputs").replaceChildren(...names.map((name) => {
    const box = element("input", { type: "checkbox", checked: choices.inputs.includes(name) });
    box.disabled = box.checked && choices.inputs.length === 1;
    box.onchange = () => change({
      inputs: names.filter((one) => (one === name ? box.checked : choices.inputs.includes(one))),
    });
    return element("label", { className: "check" }, box, inputName(name));
  }));
  byId("formula-add").disabled = own(choices).length >= MOST_FORMULAS;
}

/** A formula that is typed becomes an input, or it is said what is wrong with it. */
export function bindFormula(change, get) {
  const [field, wrong] = [byId("formula"), byId("formula-wrong")];
  field.maxLength = LONGEST;
  byId("formula-form").onsubmit = (event) => {
    event.preventDefault();
    const text = field.value.trim();
    try {
      readFormula(text, REACH);
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      wrong.textContent = say(error.message);
      return;
    }
    wrong.textContent = "";
    field.value = "";
    change({ inputs: [...new Set([...get().inputs, text])] });
  };
}
