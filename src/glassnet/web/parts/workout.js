// <glassnet-workout>: numbers of one training step of a network, to be worked out by hand; answers are compared with the engine's.

import { say } from "../language.js";
import workout from "../playground/workout.css" with { type: "css" };
import net from "../playground/net.css" with { type: "css" };
import { button, element, select } from "../playground/view/element.js";
import { ACTIVATIONS, LOSSES } from "../playground/view/rules.js";
import { BY_HAND, readAsked } from "../playground/workout/asking.js";
import { draw, stepOf } from "../playground/workout/drawing.js";
import { Exercise } from "../playground/workout/exercise.js";
import { AttributeError } from "./part.js";
import { StepPart } from "./step.js";

const [MOST_QUESTIONS, MOST_ROWS] = [8, 8];
/** Targets that are drawn, by their kind. */
const TARGETS = { fractions: [0, 1], signs: [-1, 1], counts: [0, 1, 2, 3], numbers: [-1, 0, 1, 2] };

export class WorkoutPart extends StepPart {
  static sheets = [net, workout];
  static attributes = ["network", "activation", "loss", "optimizer", "rate", "row", "target", "w", "seed", "ask"];
  static symbols = [];

  read() {
    const asked = this.question();
    for (const name of asked.activations) if (name !== "identity") this.one("activation", "", { [name]: 1 }, name in ACTIVATIONS ? [this.text("activation", "")] : Object.keys(ACTIVATIONS));
    this.one("loss", "mse", LOSSES);
    this.one("optimizer", "sgd", Object.fromEntries(BY_HAND.map((name) => [name, name])));
    const texts = this.list("ask", "z 1.1");
    this.questions = texts.map((text) => readAsked(text, asked));
    if (this.questions.includes(null) || texts.length > MOST_QUESTIONS || !texts.length) {
      const rule = say("ask must be 1 to {count} numbers of this network, such as z 1.1, a 1.1, p 1, loss, delta 1.1, gradient 1.1.1, update 1.1.1 or next 1.1, separated by commas", { count: MOST_QUESTIONS });
      throw new AttributeError(say("{rule}. Received: {text}.", { rule, text: texts[this.questions.indexOf(null)] ?? texts.join(", ") }));
    }
    Object.assign(this, { asked, row: null, set: 0, exercises: null, chosen: 0 });
  }

  /** One row, or a few that are a batch. */
  rowOf = (width) => {
    const found = this.numbers("row", width === 2 ? "1,0" : Array(width).fill(1).join());
    if (found.length % width === 0 && found.length <= MOST_ROWS * width) return found;
    throw new AttributeError(say("{rule}. Received: {text}.", { rule: say("row must be the {inputs} inputs of a row, or of 2 to {count} rows one after the other", { inputs: width, count: MOST_ROWS }), text: found.join(", ") }));
  };

  /** The numbers of the page, or others. */
  step() {
    const { asked, set, row: { engine } } = this;
    if (!set) return stepOf(engine, { ...asked, weights: [...this.row.parameters] });
    const { widths, activations, loss, optimizer } = asked;
    const targets = TARGETS[engine.description.losses[loss].target] ?? Array.from({ length: widths.at(-1) }, (_, place) => place);
    return draw(engine, { network: widths, activations, loss, optimizer, targets, rows: asked.row.length / widths[0] }, this.questions, set);
  }

  open() {}

  show() {
    const step = this.exercises ? null : this.step();
    this.exercises ??= this.questions.map((asked) => new Exercise(step, asked));
    const { exercises, chosen } = this;
    const choose = (place) => { this.chosen = place; this.show(); };
    const place = element("div", { className: "exercise" });
    const names = exercises.map((one, number) => [String(number), `${number + 1}. ${one.words()}`]);
    const head = element("div", { className: "workout-head" }, ...(exercises.length > 1
      ? [select(/** @type {any} */ (names), String(chosen), (value) => choose(Number(value)), { "aria-label": say("Question"), "data-workout": "task" })] : []),
    button(say("Other numbers"), () => { Object.assign(this, { set: this.set + 1, exercises: null }); this.show(); }, { "data-workout": "numbers" }),
    ...(this.set ? [button(say("The first numbers"), () => { Object.assign(this, { set: 0, exercises: null }); this.show(); }, { "data-workout": "first" })] : []));
    const focused = this.shadowRoot.activeElement?.dataset?.workout;
    const score = element("p", { className: "score", role: "status" });
    const count = () => { score.textContent = exercises.length > 1 ? say("{done} of {all} solved", { done: exercises.filter((one) => one.solved).length, all: exercises.length }) : ""; };
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", say("Work it out"));
    this.box.replaceChildren(element("h3", {}, say("Work it out")), element("div", { className: "workout" }, head, place, score));
    const next = (chosen + 1) % exercises.length;
    exercises[chosen].show(place, count, () => (exercises.length > 1 ? [button(say("Next question"), () => choose(next), { "data-workout": "next" })] : []));
    count();
    if (focused) this.box.querySelector(`[data-workout="${focused}"]`)?.focus();
  }
}
