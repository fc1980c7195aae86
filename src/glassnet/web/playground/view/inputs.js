// The inputs of the network: those that there are, to be ticked, and formulas of the reader's own.

import { say } from "../../language.js";
import { MOST_FORMULAS } from "../session/choices.js";
import { FormulaError, LONGEST, readFormula } from "../session/expression.js";
import { INPUTS, REACH } from "../session/tables.js";
import { byId, checkbox } from "./element.js";
import { inputName } from "./names.js";

const own = (choices) => choices.inputs.filter((name) => !Object.hasOwn(INPUTS, name));

/** The boxes. @param {(part: object) => void} change */
export function showInputs(choices, change) {
  const names = [...Object.keys(INPUTS), ...own(choices)];
  byId("inputs").replaceChildren(...names.map((name) => {
    const used = choices.inputs.includes(name);
    return checkbox(inputName(name), used,
      (checked) => change({ inputs: names.filter((one) => (one === name ? checked : choices.inputs.includes(one))) }),
      { disabled: used && choices.inputs.length === 1 });
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
