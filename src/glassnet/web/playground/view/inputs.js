// The inputs of the network: those that there are, to be ticked, and formulas of the reader's own; the formula of a curve between points.

import { say } from "../../language.js";
import { MOST_FORMULAS } from "../session/choices.js";
import { LONGEST, readCurve, readFormula } from "../session/expression.js";
import { columnInputs, takesColumns } from "../session/own_table.js";
import { INPUTS, wrongWith } from "../session/tables.js";
import { byId, checkbox } from "./element.js";
import { inputName } from "./names.js";

const own = (choices) => choices.inputs.filter((name) => !Object.hasOwn(INPUTS, name));

/** The boxes: of columns, where these are the inputs. @param {(part: object) => void} change */
export function showInputs(choices, change) {
  const columns = takesColumns(choices);
  const names = columns ? columnInputs(choices.own) : [...Object.keys(INPUTS), ...own(choices)];
  byId("inputs").replaceChildren(...names.map((name) => {
    const used = choices.inputs.includes(name);
    return checkbox(inputName(name, choices), used,
      (checked) => change({ inputs: names.filter((one) => (one === name ? checked : choices.inputs.includes(one))) }),
      { disabled: used && choices.inputs.length === 1 });
  }));
  byId("fx").value = choices.curve;
  byId("formula-form").hidden = columns;
  byId("formula-add").disabled = own(choices).length >= MOST_FORMULAS;
}

/** A formula that is typed into a field is used, or it is said what is wrong with it, and the field marks from where on. */
function bindField(id, read, use) {
  const [field, wrong] = [byId(id), byId(`${id}-wrong`)];
  field.maxLength = LONGEST;
  byId(`${id}-form`).onsubmit = (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = text;
    const error = wrongWith(read, text);
    const words = error && say(error.message, error.values);
    wrong.textContent = !error ? "" : error.place === null ? words : say("At character {place}: {wrong}", { place: error.place + 1, wrong: words });
    field.setAttribute("aria-invalid", String(Boolean(error)));
    if (!error) use(text);
    else if (error.place !== null) {
      field.focus();
      field.setSelectionRange(error.place, text.length);
    }
  };
}

export function bindFormulas(change, get) {
  bindField("formula", readFormula, (text) => {
    byId("formula").value = "";
    change({ inputs: [...new Set([...get().inputs, text])] });
  });
  bindField("fx", readCurve, (curve) => change({ curve }));
}
