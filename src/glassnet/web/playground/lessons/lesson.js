// The lesson at hand: its task, how it stands, hints, and what there was to see; the list of all, and what has been solved.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { open } from "../dialogs/dialog.js";
import { button, byId, element, refill, shown } from "../view/element.js";
import { LESSONS } from "./lessons.js";

const KEPT = "lessons"; // under which the browser keeps what has been solved
const PERCENT = ["accuracy", "trainAccuracy"];
const NAMES = Object.keys(LESSONS);
/** Of each condition what is wanted, and what there is now. */
export const CONDITION_WORDS = {
  accuracy: phrase("test accuracy at least {wanted}% (now {now}%)"),
  trainAccuracy: phrase("training accuracy at least {wanted}% (now {now}%)"),
  r2: phrase("test R² at least {wanted} (now {now})"),
  testLoss: phrase("test loss below {wanted} (now {now})"),
  gap: phrase("test loss at least {wanted} times the training loss (now {now} times)"),
  epochs: phrase("within {wanted} epochs (now {now})"),
  atLeastEpochs: phrase("at least {wanted} epochs (now {now})"),
  untrained: phrase("without any training"),
  neurons: phrase("at most {wanted} hidden neurons (now {now})"),
  layers: phrase("at least {wanted} hidden layers (now {now})"),
  noHidden: phrase("no hidden layers"),
  diverged: phrase("the loss becomes inf or NaN"),
  steady: phrase("the loss stays finite"),
  faint: phrase("gradient of the first layer at most {wanted} times that of the last (now {now})"),
  strong: phrase("gradient of the first layer at least {wanted} times that of the last (now {now})"),
  dead: phrase("at least {wanted} dead neurons (now {now})"),
  alive: phrase("no dead neurons (now {now})"),
  different: phrase("{wanted} neurons of hidden layer 1 that differ from each other (now {now})"),
  gradientRight: phrase("the gradient check finds differences of at most {wanted} (now {now})"),
  rateFalls: phrase("a decreasing learning rate"),
};

/** A condition in words, with what is wanted and what there is now. */
export function conditionWords({ kind, wanted, now }) {
  const number = (one) => (PERCENT.includes(kind) ? String(Math.round(1000 * one) / 10) : shown(one ?? 0));
  return say(CONDITION_WORDS[kind], { wanted: number(wanted), now: Number.isFinite(now) ? number(now) : "–" });
}

export class Lesson {
  page; stage; hints;

  /** @param {{begin: (lesson: string) => void, few: () => boolean, memory: {get: Function, set: Function}}} page */
  constructor(page) {
    Object.assign(this, { page, name: "", stage: 0, hints: 0, solved: false });
  }

  /** The names of all lessons that have been solved in this browser. */
  get done() {
    try {
      const kept = JSON.parse(this.page.memory.get(KEPT) ?? "[]");
      return Array.isArray(kept) ? NAMES.filter((name) => kept.includes(name)) : [];
    } catch {
      return [];
    }
  }

  /** The first that has not been solved; "": all have. */
  get next() {
    return NAMES.find((name) => !this.done.includes(name)) ?? "";
  }

  /** The list of all lessons. */
  list() {
    const { done } = this;
    const entries = NAMES.map((name) => {
      const solved = done.includes(name);
      const mark = element("span", { className: "tick", "aria-hidden": "true" }, solved ? "✓" : "○");
      return element("li", {}, element("button", { onclick: () => this.choose(name), "data-lesson": name }, mark, say(LESSONS[name].title),
        element("span", { className: "heard" }, ` (${say(solved ? phrase("solved") : phrase("not solved yet"))})`)));
    });
    open(say("Lessons"), element("p", { className: "quiet" }, say("Short tasks, checked automatically. Your progress is stored only in this browser.")),
      element("p", {}, say("{done} of {all} solved", { done: done.length, all: NAMES.length })),
      element("ol", { className: "lessons" }, ...entries));
  }

  choose(name) {
    byId("card").close();
    this.name = null; // it begins anew, even if it is the same
    this.page.begin(name);
  }

  /** Another lesson, or none, may have been chosen. */
  follow({ lesson }) {
    if (lesson === this.name) return;
    Object.assign(this, { name: lesson, stage: 0, hints: 0, solved: false });
    this.show();
  }

  /** How the session stands. @param {object[][]|null} stages */
  update(stages) {
    if (!this.name || !stages || stages.length !== LESSONS[this.name].stages.length) return;
    this.stages = stages;
    const { stage, solved } = this;
    if (!solved && stages[stage].every(({ met }) => met)) {
      if (stage + 1 < stages.length) this.stage += 1;
      else this.finish();
    }
    if (this.stage !== stage || this.solved !== solved) this.show();
    else this.tell();
  }

  finish() {
    this.solved = true;
    this.page.memory.set(KEPT, JSON.stringify([...new Set([...this.done, this.name])]));
  }

  show() {
    const panel = byId("lesson");
    panel.hidden = !this.name;
    if (!this.name) return;
    const { title, stages, goals, hints: all, after } = LESSONS[this.name];
    const most = all.length;
    const named = (kind, words, action) => button(words, action, { "data-lesson": kind });
    const next = NAMES[NAMES.indexOf(this.name) + 1];
    const hints = all.slice(0, this.hints).map((hint) => element("p", { className: "hint" }, say(hint)));
    const bare = this.name === NAMES[0] && !this.solved && this.page.few(); // a first visit: one question, and nothing else to press
    const bar = element("div", { className: "bar", hidden: bare },
      ...(this.hints < most && !this.solved
        ? [named("hint", say("Hint {number} of {all}", { number: this.hints + 1, all: most }), () => { this.hints += 1; this.show(); })] : []),
      named("again", say("Restart lesson"), () => this.choose(this.name)),
      ...(next ? [named("next", say("Next lesson"), () => this.choose(next))] : []),
      named("leave", say("Exit lesson"), () => this.page.begin("")));
    const task = stages.length > 1 ? [element("span", { className: "quiet" }, say("Task {number} of {all}", { number: this.stage + 1, all: stages.length }))] : [];
    refill(panel, "lesson",
      element("h2", { id: "lesson-title" }, say(title), " ", ...task),
      element("p", { className: "goal" }, say(goals[this.stage])),
      element("ul", { className: "conditions" }), ...hints,
      element("p", { role: "status", className: "after", hidden: !this.solved },
        this.solved ? element("strong", {}, `${say("Solved.")} `) : "", this.solved ? say(after) : ""), bar);
    this.tell();
  }

  /** The conditions of this stage; only what has changed is written anew. */
  tell() {
    const list = document.querySelector("#lesson .conditions");
    const now = this.stages?.[this.stage] ?? [];
    while (list.children.length > now.length) list.lastChild.remove();
    now.forEach((condition, place) => {
      const entry = list.children[place] ?? list.appendChild(element("li"));
      const met = condition.met || this.solved;
      const words = conditionWords(condition);
      if (entry.dataset.words === words && entry.dataset.met === String(met)) return;
      Object.assign(entry.dataset, { words, met });
      entry.replaceChildren(element("span", { className: "tick", "aria-hidden": "true" }, met ? "✓" : "○"), words,
        element("span", { className: "heard" }, `: ${say(met ? phrase("done") : phrase("not yet"))}`));
    });
  }
}
