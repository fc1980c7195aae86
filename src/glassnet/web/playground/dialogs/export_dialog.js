// The dialog by which a network leaves the page: as a program, a link, a file of weights.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { toAddress } from "../session/choices.js";
import { safetensors } from "../session/python_program.js";
import { button, checkbox, element } from "../view/element.js";
import { open } from "./dialog.js";
import { hideable } from "./help.js";

/** A link that saves a file. */
function saved(name, blob, words) {
  const link = element("a", { className: "button", href: URL.createObjectURL(blob), download: name }, words);
  link.onclick = () => setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return link;
}

/** A button that copies the text of a field; where the browser does not let it, the text is marked to be copied by hand. */
function copier(words, field) {
  const made = button(words, async () => {
    field.parentElement.hidden = false;
    const copied = await (navigator.clipboard?.writeText(field.value) ?? Promise.reject()).then(() => true, () => false);
    if (!copied) field.select();
    made.textContent = say(copied ? phrase("Copied") : phrase("Press Ctrl+C to copy"));
  });
  return made;
}

/** An address that leads to this moment. */
function linkTo(choices, moment, hide) {
  const address = new URL(location.href);
  address.hash = toAddress({ ...choices, hide: hide.length ? hide : choices.hide, ...(moment.epoch || moment.at || moment.hands.length ? { moment } : {}) });
  return address.href;
}

/** The address, the program, the weights. */
export function openExport({ program, moment, frame }, choices) {
  const link = (hide) => linkTo(choices, moment, hide);
  const text = element("textarea", { readOnly: true, rows: 12, spellcheck: false, value: program, "aria-label": say("Python program") });
  const address = element("input", { type: "text", readOnly: true, value: link([]), "aria-label": say("Link to this page") });
  let hidden = [];
  const boxes = hideable().map(([name, words]) => checkbox(words, false, (checked) => {
    hidden = checked ? [...hidden, name] : hidden.filter((one) => one !== name);
    address.value = link(hidden);
  }));
  open(say("Export"),
    element("p", { className: "quiet" }, say("A glassnet program that trains on the same rows, from the same initial weights, to the same numbers. In the middle of an epoch, or after a manual edit or a step on a single row, it contains the current weights instead.")), element("div", {}, text),
    element("div", { className: "bar" },
      copier(say("Copy program"), text), copier(say("Copy link to this page"), address),
      saved("playground.py", new Blob([program], { type: "text/x-python" }), "playground.py"),
      saved("weights.safetensors", safetensors(frame.learned, frame.parameters), "weights.safetensors")),
    element("p", { className: "link", hidden: true }, address),
    element("details", {}, element("summary", {}, say("For your own lesson: hide controls")),
      element("p", { className: "quiet" }, say("Controls checked here are hidden for anyone who opens the copied link.")), element("div", { className: "columns" }, ...boxes)));
  text.setSelectionRange(0, 0);
  text.scrollTop = 0;
}
