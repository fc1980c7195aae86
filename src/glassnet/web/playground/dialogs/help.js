// A button with a question mark beside each control, which says what the control is; and controls that are not shown.

import { say } from "../../language.js";
import { button, element } from "../view/element.js";
import { open } from "./dialog.js";
import { EXPLANATIONS } from "./explanations.js";

const all = (selector) => [...document.querySelectorAll(selector)];

/** What a part of the page is called. */
const nameOf = (part) => (part.getAttribute("aria-label") || part.querySelector("legend, [data-say]")?.textContent) ?? "";

/** Beside each part that is explained, a button; a label gets a box around both. */
export function addQuestions() {
  for (const part of all("[data-explain]")) {
    const question = button("?", () => open(nameOf(part), element("p", {}, say(EXPLANATIONS[part.dataset.explain]))), { className: "what" });
    if (part.matches("label")) {
      const box = element("div", { className: "control" });
      if (part.dataset.control) box.dataset.control = part.dataset.control;
      delete part.dataset.control;
      part.replaceWith(box);
      box.append(part, question);
    } else part.append(question);
  }
}

/** What screen readers call these buttons, in the reader's language. */
export function nameQuestions() {
  for (const button of all(".what")) {
    const name = say("What is this? {name}", { name: nameOf(button.parentElement) });
    button.setAttribute("aria-label", name);
    button.title = name;
  }
}

/** Everything that can be hidden, by the name that it has in an address, and what the page calls it. */
export const hideable = () =>
  [...all("[data-control]").map((part) => [part.dataset.control, nameOf(part) || part.textContent]), ["layers", say("buttons that change layers")]];

/** Show all controls but these; "layers" are the buttons that change the network in the picture. @param {string[]} names */
export function hideControls(names) {
  for (const part of all("[data-control]")) part.hidden = names.includes(part.dataset.control);
  for (const part of all("#data, #course, .settings")) part.hidden = [...part.querySelectorAll("[data-control]")].every(({ hidden }) => hidden);
  document.querySelector("main").classList.toggle("narrow", document.getElementById("data").hidden);
  const { classList } = document.getElementById("stage");
  classList.toggle("fixed", names.includes("layers"));
  classList.toggle("uniform", names.includes("activation"));
}
