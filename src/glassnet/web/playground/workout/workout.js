// The tasks on the page: one is chosen, its numbers come from a seed, and what has been solved is counted.

import { say } from "../../language.js";
import { button, element, select } from "../view/element.js";
import { Exercise } from "./exercise.js";
import { GROUPS, NAMES, TASKS } from "./tasks.js";

/** What is asked for in which task, as long as the page is open. @type {Map<string, Exercise>} */
const exercises = new Map();
const keyOf = ({ name, seed }) => `${name} ${seed}`;

export class Workout {
  box; page; turn; name; seed;

  /**
   * @param {HTMLElement} box
   * @param {{pose: (of: {name: string, seed: number}) => Promise<object>, chosen: (of: {name: string, seed: number}) => void, print: (seed: number) => void}} page
   */
  constructor(box, page) {
    Object.assign(this, { box, page, turn: 0 });
    this.head = element("div", { className: "workout-head" });
    this.place = element("div", { className: "exercise" });
    this.score = element("p", { className: "score", role: "status" });
    box.classList.add("workout");
    box.replaceChildren(this.head, this.place, this.score);
  }

  /** A task with the numbers of a seed. */
  async open({ name, seed }) {
    this.turn += 1;
    const { turn } = this;
    Object.assign(this, { name, seed });
    this.page.chosen({ name, seed });
    const key = keyOf({ name, seed });
    if (!exercises.has(key)) exercises.set(key, new Exercise(await this.page.pose({ name, seed }), TASKS[name].asked));
    if (turn === this.turn) this.show();
  }

  next = () => this.open({ name: NAMES[(NAMES.indexOf(this.name) + 1) % NAMES.length], seed: this.seed });

  show() {
    const { name, seed } = this;
    const choice = select([], name, (value) => this.open({ name: value, seed }), { "aria-label": say("Choose a task"), "data-workout": "task" });
    choice.replaceChildren(...Object.entries(GROUPS).map(([group, words]) => element("optgroup", { label: say(words) },
      ...NAMES.filter((one) => TASKS[one].group === group).map((one) => element("option", { value: one, selected: one === name }, `${this.solved(one) ? "✓ " : ""}${say(TASKS[one].title)}`)))));
    const focused = this.box.getRootNode().activeElement?.dataset?.workout;
    this.head.replaceChildren(choice,
      button(say("Other numbers"), () => this.open({ name, seed: (seed % 999999) + 1 }), { "data-workout": "numbers" }),
      button(say("Printable sheet"), () => this.page.print(seed), { "data-workout": "print" }));
    this.place.dataset.task = name;
    exercises.get(keyOf({ name, seed })).show(this.place, () => this.count(), () => [button(say("Next task"), this.next, { "data-workout": "next" })]);
    this.count();
    if (focused) this.box.querySelector(`[data-workout="${focused}"]`)?.focus();
  }

  solved = (name) => [...exercises].some(([key, one]) => key.split(" ")[0] === name && one.solved);

  count() {
    const done = NAMES.filter(this.solved).length;
    const alone = NAMES.filter((name) => [...exercises].some(([key, one]) => key.split(" ")[0] === name && one.alone)).length;
    this.score.textContent = say("{done} of {all} tasks solved, {alone} of them at the first try and without hints.", { done, all: NAMES.length, alone });
  }
}

/** All tasks for paper; their solutions stand on a page of their own at the end. @param {object[]} steps */
export function sheetOf(steps, seed) {
  const all = steps.map((step, place) => new Exercise(step, TASKS[NAMES[place]].asked));
  const tasks = all.map((one, place) => element("section", { className: "task" }, element("h2", {}, `${place + 1}. ${say(TASKS[NAMES[place]].title)}`),
    one.picture(), ...one.given(), element("p", { className: "question" }, one.words()), element("p", { className: "blank", "aria-hidden": "true" })));
  const solutions = all.map((one, place) => element("li", {}, element("span", {}, say(TASKS[NAMES[place]].title)), one.solution()));
  return [
    element("h1", {}, say("Work it out: set {seed}", { seed })), ...tasks,
    element("section", { className: "solutions" }, element("h2", {}, say("Solutions of set {seed}", { seed })), element("ol", {}, ...solutions)),
  ];
}
