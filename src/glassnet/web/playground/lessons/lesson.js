// The lesson at hand: its task, how it stands, hints, and what there was to see; the list of all, and what has been solved.

import { open } from "../dialogs/dialog.js";
import { byId, element, shown } from "../view/element.js";
import { LESSON_WORDS } from "../words/lesson_words.js";
import { say as sayPage, sayer } from "../words/words.js";
import { LESSONS } from "./lessons.js";

const say = sayer(LESSON_WORDS);

const KEPT = "lessons"; // under which the browser keeps what has been solved
const PERCENT = ["accuracy", "trainAccuracy"];
const NAMES = Object.keys(LESSONS);
/** A condition in words, with what is wanted and what there is now. */
export function conditionWords({ kind, wanted, now }) {
  const number = (one) => (PERCENT.includes(kind) ? String(Math.round(1000 * one) / 10) : shown(one ?? 0));
  return say(`condition_${kind}`, { wanted: number(wanted), now: Number.isFinite(now) ? number(now) : "–" });
}

export class Lesson {
  page; stage; hints;

  /** @param {{begin: (lesson: string) => void, memory: {get: Function, set: Function}}} page */
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

  /** The list of all lessons. */
  list() {
    const { done } = this;
    const entries = NAMES.map((name) => {
      const solved = done.includes(name);
      const mark = element("span", { className: "tick", "aria-hidden": "true" }, solved ? "✓" : "○");
      const button = element("button", { onclick: () => this.choose(name) }, mark, say(`lesson_${name}`),
        element("span", { className: "heard" }, ` (${say(solved ? "lessonSolved" : "lessonOpen")})`));
      button.dataset.lesson = name;
      return element("li", {}, button);
    });
    open(sayPage("lessons"), element("p", { className: "quiet" }, say("lessonsWords")),
      element("p", {}, say("lessonsDone", { done: done.length, all: NAMES.length })),
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
    const { stages, hints: most } = LESSONS[this.name];
    const key = `lesson_${this.name}`;
    const button = (kind, words, action) => {
      const made = element("button", { onclick: action }, words);
      made.dataset.lesson = kind;
      return made;
    };
    const focused = document.activeElement?.dataset?.lesson;
    const next = NAMES[NAMES.indexOf(this.name) + 1];
    const hints = Array.from({ length: this.hints }, (_, number) => element("p", { className: "hint" }, say(`${key}_hint${number + 1}`)));
    const bar = element("div", { className: "bar" },
      ...(this.hints < most && !this.solved
        ? [button("hint", say("lessonHint", { number: this.hints + 1, all: most }), () => { this.hints += 1; this.show(); })] : []),
      button("again", say("lessonAgain"), () => this.choose(this.name)),
      ...(next ? [button("next", say("lessonNext"), () => this.choose(next))] : []),
      button("leave", say("lessonLeave"), () => this.page.begin("")));
    const task = stages.length > 1 ? [element("span", { className: "quiet" }, say("lessonStage", { number: this.stage + 1, all: stages.length }))] : [];
    panel.replaceChildren(
      element("h2", { id: "lesson-title" }, say(key), " ", ...task),
      element("p", { className: "goal" }, say(`${key}_goal${this.stage + 1}`)),
      element("ul", { className: "conditions" }), ...hints,
      element("p", { role: "status", className: "after", hidden: !this.solved },
        this.solved ? element("strong", {}, `${say("lessonWell")} `) : "", this.solved ? say(`${key}_after`) : ""), bar);
    if (focused) panel.querySelector(`[data-lesson="${focused}"]`)?.focus();
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
      const words = `${conditionWords(condition)}`;
      if (entry.dataset.words === words && entry.dataset.met === String(met)) return;
      Object.assign(entry.dataset, { words, met });
      entry.replaceChildren(element("span", { className: "tick", "aria-hidden": "true" }, met ? "✓" : "○"), words,
        element("span", { className: "heard" }, `: ${say(met ? "lessonMet" : "lessonNotMet")}`));
    });
  }
}
