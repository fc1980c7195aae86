// How much of the page there is: what the lesson at hand needs, or all controls; the browser keeps which.

import { hideable, hideControls } from "../dialogs/help.js";
import { LESSONS } from "../lessons/lessons.js";
import { byId } from "./element.js";

const KEPT = "controls"; // under which the browser keeps whether all are wanted

export class Scope {
  memory;

  /** @param {{memory: {get: Function, set: Function}, changed: () => void}} page */
  constructor({ memory, changed }) {
    Object.assign(this, { memory, all: memory.get(KEPT) === "all" });
    byId("all").onclick = () => {
      this.keep(!this.all);
      changed();
    };
  }

  keep(all) {
    this.all = all;
    this.memory.set(KEPT, all ? "all" : "few");
  }

  /** Show the controls of a lesson (of none, all) that suit the data, but those that a link hides. @param {import("../session/choices.js").Choices} choices */
  show({ lesson, hide, table, own }, classes) {
    const few = lesson !== "" && !this.all;
    const needless = few ? hideable().map(([name]) => name).filter((name) => !LESSONS[lesson].use.includes(name)) : [];
    const unsuited = [...(classes ? [] : ["discrete"]), ...(table === "curve" ? [] : ["curve"]),
      ...(table === "own" ? ["rows", "noise", "regenerate"] : []), ...(table === "own" && own.total ? [] : ["columns"])];
    hideControls([...hide, ...needless, ...unsuited]);
    document.body.classList.toggle("few", few);
    byId("all").hidden = lesson === "";
    byId("all").setAttribute("aria-pressed", String(!few));
  }
}

/** In slow motion everything but the network, the explanation and the map steps back. */
export function slowed(open) {
  byId("slow").setAttribute("aria-pressed", String(open));
  document.body.classList.toggle("slowed", open);
}
