// Tasks to be worked out by hand, in a dialog; and all of them on sheets of paper, in the place of the page.

import { say } from "../../language.js";
import { NAMES } from "../workout/tasks.js";
import { sheetOf, Workout } from "../workout/workout.js";
import { button, element } from "../view/element.js";
import { openWide } from "./dialog.js";

/**
 * @param {import("../session/remote.js").Remote} remote
 * @param {{workout?: {name: string, seed: number}}} choices With the task that is open at first.
 * @param {(part: {workout: {name: string, seed: number}|undefined}) => void} change Hears which one is open; none at the end.
 */
export function openWorkout(remote, { workout: chosen = { name: "sum", seed: 1 } }, change) {
  const box = element("div");
  const pose = async (of) => (await remote.ask("pose", of)).posed;
  let open = chosen;
  const close = openWide(say("Work it out"), () => change({ workout: undefined }), element("p", { className: "quiet" }, say("Numbers of a training step, worked out with pencil and calculator. An answer is compared with the engine's memory, and a usual mistake is named.")), box);
  new Workout(box, {
    pose, chosen: (of) => change({ workout: open = of }),
    print: async (seed) => {
      const steps = await Promise.all(NAMES.map((name) => pose({ name, seed })));
      close();
      showSheet(sheetOf(steps, seed), () => openWorkout(remote, { workout: open }, change));
    },
  }).open(chosen).then(() => box.querySelector("[data-workout=answer]").focus());
}

/** The sheets, until the reader goes back. */
function showSheet(content, back) {
  const end = () => {
    sheet.remove();
    document.body.classList.remove("on-paper");
    back();
  };
  const first = button(say("Print"), () => window.print(), { className: "main", id: "print" });
  const sheet = element("main", { id: "sheet", className: "workout" }, element("div", { className: "bar" }, first, button(say("Back"), end, { id: "back" })), ...content);
  document.body.append(sheet);
  document.body.classList.add("on-paper");
  first.focus();
}
