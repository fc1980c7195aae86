// A step of a network of a notebook's session: numbers come from Python, and go back as the row that a reader chooses.

import { say } from "../language.js";
import { phrase } from "../phrase.js";
import motion from "../playground/motion.css" with { type: "css" };
import net from "../playground/net.css" with { type: "css" };
import { button, checkbox, element } from "../playground/view/element.js";
import { Part } from "./part.js";
import { showStep } from "./view.js";

class NotebookPart extends Part {
  static sheets = [net, motion];

  read() {}

  /** @param {{get: Function, set: Function, on: Function, off: Function, save_changes: Function}} model */
  build() {
    const { model } = this;
    const beat = this.motion?.beat ?? 0;
    this.motion?.end();
    const step = model.get("step");
    this.motion = showStep(this.shadowRoot, this.box, step, {
      beat, row: model.get("row"), choices: (shown) => [this.rows(), ...(step.maps ? [this.maps(shown)] : [])],
    });
  }

  /** One row by its number, counted from 0 as in Python, or all of them. */
  rows() {
    const { model } = this;
    const [row, rows] = [model.get("row"), model.get("rows")];
    const choose = (value) => {
      model.set("row", value);
      model.save_changes();
    };
    const number = element("input", { type: "number", inputMode: "numeric", min: 0, max: rows - 1, value: String(row ?? 0), disabled: row === null, "aria-label": say(phrase("row", "sample")), "data-motion": "row" });
    number.onchange = () => choose(Math.max(0, Math.min(rows - 1, number.valueAsNumber || 0)));
    const all = checkbox(say("all {rows} rows as one batch", { rows }), row === null, (checked) => choose(checked ? null : 0), { "data-motion": "all" });
    return element("span", { className: "rows" }, element("label", {}, `${say(phrase("row", "sample"))} `, number), all);
  }

  maps(shown) {
    const { picture } = shown;
    return button(say("Maps of the neurons"), () => {
      picture.mapped = !picture.mapped;
      shown.show();
    }, { "aria-pressed": Boolean(picture.mapped), "data-motion": "maps" });
  }
}

const NAME = "glassnet-session";
if (!customElements.get(NAME)) customElements.define(NAME, NotebookPart);

/** What a notebook calls for each place where the widget is shown. */
export function render({ model, el }) {
  const part = document.createElement(NAME);
  part.model = model;
  part.lang = model.get("language");
  el.append(part);
  const again = () => part.begin(false);
  model.on("change:step", again);
  return () => model.off("change:step", again);
}
