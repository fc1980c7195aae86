// One task on the page: what is given, the question, the answer and what it tells, hints one after the other, the solution.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { indexed } from "../../parts/diagram.js";
import { Net } from "../../parts/net.js";
import { LOSSES } from "../session/choices.js";
import { readNumber } from "../session/expression.js";
import { button, element, math, refill, shown } from "../view/element.js";
import { byLoss, line, over, power, row } from "../view/formula.js";
import { unitName } from "../view/names.js";
import { ACTIVATIONS } from "../view/rules.js";
import { letter, pieces } from "../view/tree.js";
import { factsOf, seenOf } from "./drawing.js";
import { judge } from "./judging.js";
import { questionOf } from "./questions.js";
import { ASKED, GIVEN, MISTAKES, RULE } from "./words.js";

const [HINTS, BROAD] = [3, 4]; // how many there are; units of a layer whose matrix needs the width of the page

/** What is asked for, as it stands left of the equals sign. */
const left = ({ name, asked }) => (name === "g" ? byLoss(asked.from === null ? "b" : "w") : letter(name));

/** A weight is replaced by what its rule says; every other number is equal to its formula. */
const becomes = ({ name }) => (name === "theta" ? "←" : "=");

const bracket = (sign) => math("mo", { stretchy: "true", symmetric: "true" }, sign);

/** A vector or a matrix: of rows, or one row. */
function matrix(numbers) {
  const rows = Array.isArray(numbers[0]) ? numbers : [numbers];
  if (rows.length === 1 && rows[0].length === 1) return rows[0][0];
  return row(bracket("("), math("mtable", {}, ...rows.map((some) => math("mtr", {}, ...some.map((one) => math("mtd", {}, row(one)))))), bracket(")"));
}

/** The names of neurons and links of a question. @param {{widths: number[], inputs?: string[]}} of @param {import("./questions.js").Asked} asked */
function namesOf({ widths, inputs: own }, { layer, from, to }) {
  const inputs = own ?? Array.from({ length: widths[0] }, (_, place) => indexed("x", place, widths[0]));
  const unit = (at, place) => unitName(at, place, widths.length - 1, inputs);
  return {
    inputs, unit,
    to: layer === undefined ? "" : unit(layer + 1, to), from: layer === undefined || from === undefined || from === null ? "" : unit(layer, from),
  };
}

export class Exercise {
  hints; tries; solved; revealed; verdict; typed;

  /** @param {object} step From `pose` or `stepOf`. @param {import("./questions.js").Asked} asked */
  constructor(step, asked) {
    this.step = step;
    this.seen = seenOf(step);
    this.facts = factsOf(step.asked);
    this.question = questionOf(this.seen, asked, this.facts);
    Object.assign(this, { hints: 0, tries: 0, solved: false, revealed: false, verdict: null });
  }

  get names() {
    return namesOf(this.step.asked, this.question.asked); // in the language of the moment
  }

  /** Whether it was solved at once. */
  get alone() {
    return this.solved && this.tries === 1 && !this.hints && !this.revealed;
  }

  /** The question in words. */
  words() {
    const { kind, asked } = this.question;
    const { batch } = this.seen;
    const bias = kind === "gradient" && asked.from === null ? "biasGradient" : kind;
    const name = batch > 1 ? `batch${bias[0].toUpperCase()}${bias.slice(1)}` : bias;
    const { to, from } = this.names;
    return say(ASKED[name] ?? ASKED[kind], { to, from, number: (asked.to ?? 0) + 1, rows: batch, optimizer: this.facts.optimizer });
  }

  /** Activation and loss, where the question depends on them. */
  functions() {
    const { kind, asked } = this.question;
    const { activations, loss } = this.facts;
    const f = asked.layer === undefined ? null : activations[asked.layer];
    const found = [];
    const sigmoid = row("σ", "(", "z", ")", "=", over("1", row("1", "+", power("e", row("−", "z")))));
    if (f && ["a", "delta"].includes(kind)) found.push([row("f", "(", "z", ")"), say("the activation function"), f === "sigmoid" ? sigmoid : row(...pieces(ACTIVATIONS[f].value, {}, {}))]);
    if (kind === "loss" || (this.seen.batch > 1) || (kind === "delta" && asked.layer === this.seen.dense.length - 1)) found.push([row("L"), say("the loss"), element("span", {}, say(LOSSES[loss] ?? loss))]);
    if (kind === "loss" && "score" in Object.fromEntries(this.question.given)) found.push([row("σ"), say("the sigmoid"), sigmoid]);
    return found;
  }

  given() {
    const { given } = this.question;
    const entries = given.filter(([name]) => name !== "batch").map(([name, numbers]) => {
      const [sign, words] = GIVEN[name];
      return [/\w{2}/.test(sign) ? letter(sign) : row(sign), say(words), matrix(numbers)];
    });
    const list = element("dl", { className: "given" }, ...[...this.functions(), ...entries].flatMap(([sign, words, numbers]) => [
      element("dt", {}, math("math", {}, sign), " ", element("span", { className: "quiet" }, words)),
      element("dd", {}, numbers instanceof HTMLElement ? numbers : line(numbers)),
    ]));
    const box = element("div", { className: "given-box", tabIndex: 0, role: "group", "aria-label": say("What is given") }, list);
    const [batch] = given.filter(([name]) => name === "batch");
    return batch ? [box, this.batch(batch)] : [box];
  }

  /** The rows of a batch as a table. @param {any} given Their numbers, and the letters above them. */
  batch([, rows, letters]) {
    const head = ["", ...letters].map((one) => element("th", { scope: "col" }, one ? element("i", {}, one) : element("span", {}, say(phrase("row", "sample")))));
    const lines = rows.map((numbers, place) => element("tr", {}, element("th", { scope: "row" }, String(place + 1)), ...numbers.map((one) => element("td", {}, shown(one)))));
    return element("table", { className: "rows-given" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...lines));
  }

  /** The network as far as the step has come, with the neuron or the link that is asked for. */
  picture() {
    const { seen, question: { kind, asked } } = this;
    const { widths } = this.step.asked;
    const none = () => {};
    const { inputs, unit: name } = this.names;
    const net = new Net({ widths, inputs, name }, { look: none, link: none });
    const last = widths.length - 2;
    const back = ["delta", "gradient", "update", "next"].includes(kind);
    const layer = asked.layer ?? last;
    const unknown = (at, unit) => at === layer && unit === asked.to && !["loss", "p"].includes(kind);
    const whole = seen.batch > 1;
    net.say(whole ? widths.map((count, at) => Array(count).fill([[at ? "a" : "x", "value"]])) : widths.map((count, at) => Array.from({ length: count }, (_, unit) => {
      if (at === 0) return [[seen.x(0, unit), "value"]];
      const here = at - 1;
      if (!back) return unknown(here, unit) ? [["?", "value asked"]] : here < layer || kind === "loss" || kind === "p" ? [[seen.a(here, unit), "value"]] : [];
      const found = kind === "next" ? [] : [[seen.a(here, unit), "value"]];
      const known = kind === "delta" ? here > layer : kind === "gradient" && here >= layer;
      if (kind === "delta" && unknown(here, unit)) found.push(["?", "back asked"]);
      else if (known) found.push([seen.d_z(here, unit), "back"]);
      return kind === "next" && unknown(here, unit) ? [["?", "value asked"]] : found;
    })));
    net.weigh(seen.links("forward"));
    if (asked.from !== undefined && asked.from !== null) net.mark(asked);
    if (["z", "update", "next"].includes(kind)) net.label({ layer, from: asked.from, to: asked.to, numbers: seen.links("forward")[layer] });
    if (asked.layer !== undefined) net.light(asked.layer + 1);
    if (asked.from === undefined && asked.to !== undefined) net.columns[layer + 1].nodes[asked.to].group.classList.add("wanted");
    net.svg.style.minWidth = `${9 * widths.length - 5}rem`; // below it letters are too small: it scrolls
    for (const node of net.svg.querySelectorAll("[tabindex]")) node.removeAttribute("tabindex"); // there is nothing to do with one
    return element("div", { className: "net-box", tabIndex: 0, role: "group", "aria-label": say("Network") }, net.svg);
  }

  formula(letters) {
    const { tree, known } = this.question;
    return pieces(tree, known, letters ? {} : null);
  }

  /** The hints so far: the rule, the formula, and that with its numbers. */
  shownHints() {
    const { question, seen, hints } = this;
    const { kind, asked } = question;
    const rule = kind === "delta" && asked.layer === seen.dense.length - 1 ? "deltaOut" : kind === "gradient" && seen.batch > 1 ? "batchGradient" : kind;
    const all = [
      () => element("p", { className: "hint" }, say(RULE[rule])),
      () => element("div", { className: "hint" }, line(left(question), becomes(question), ...this.formula(true))),
      () => element("div", { className: "hint" }, line(left(question), becomes(question), ...this.formula(false), "=", "?")),
    ];
    return all.slice(0, hints).map((make) => make());
  }

  /** The formula in letters, filled in, and the result. */
  solution() {
    const { question } = this;
    return element("div", { className: "solution", tabIndex: 0, role: "group", "aria-label": say("Solution") }, line(left(question), becomes(question), ...this.formula(true)),
      line(row("="), ...this.formula(false)), line(row("="), question.answer));
  }

  /** Look at an answer. */
  check(text) {
    const number = readNumber(text);
    if (Number.isNaN(number)) {
      this.verdict = { unread: true };
      return;
    }
    if (!this.solved) this.tries += 1;
    this.verdict = judge(this.question, number, text.trim());
    this.solved ||= this.verdict.right && !this.revealed;
  }

  verdictWords() {
    const { verdict } = this;
    if (!verdict) return [];
    if (verdict.unread) return [element("p", {}, say("This is no number. Enter one, such as −0.182, or an expression that leads to it, such as 2*(0.62-1)*0.24."))];
    if (verdict.right) return [element("p", {}, element("strong", {}, say("Right.")), " ", say("In the engine's memory: {number}.", { number: shown(this.question.answer, 7) }))];
    if (verdict.short) return [element("p", {}, say("Right as far as it goes. Give three significant digits."))];
    if (!verdict.mistakes.length) return [element("p", {}, say("Not right, and none of the known mistakes leads to this number. Check the arithmetic, or take a hint."))];
    const names = verdict.mistakes.map((name) => say(MISTAKES[name]));
    if (names.length === 1) return [element("p", { "data-mistake": verdict.mistakes[0] }, say("Not right."), " ", names[0])];
    return [element("p", {}, say("Not right. Several mistakes lead to this number; one of these:")), element("ul", {}, ...names.map((one) => element("li", {}, one)))];
  }

  /**
   * Show it in a box, anew after each answer. @param {HTMLElement} box @param {() => void} changed What else may have to be shown anew.
   * @param {() => Node[]} further More buttons.
   */
  show(box, changed, further) {
    const again = () => { this.show(box, changed, further); changed(); };
    const input = element("input", { type: "text", inputMode: "text", autocomplete: "off", spellcheck: false, "data-workout": "answer", "aria-label": say("Your answer"), value: this.typed ?? "" });
    input.oninput = () => { this.typed = input.value; };
    const form = element("form", { className: "answer" }, element("span", { "aria-hidden": "true" }, math("math", {}, row(left(this.question), "="))), input,
      element("button", { type: "submit", className: "main", "data-workout": "check" }, say("Check")));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.check(input.value);
      this.tell(box);
      changed();
      buttons();
    };
    const bar = element("div", { className: "bar" });
    const buttons = () => refill(bar, "workout",
      ...(this.hints < HINTS && !this.solved && !this.revealed ? [button(say("Hint {number} of {all}", { number: this.hints + 1, all: HINTS }), () => { this.hints += 1; again(); }, { "data-workout": "hint" })] : []),
      ...(this.revealed ? [] : [button(say("Show the solution"), () => { this.revealed = true; again(); }, { "data-workout": "solution" })]), ...further());
    buttons();
    const shownHints = this.shownHints();
    const scrolls = shownHints.length ? { tabIndex: 0, role: "group", "aria-label": say("Hints") } : {};
    box.classList.toggle("broad", Math.max(...this.step.asked.widths) > BROAD);
    refill(box, "workout", this.picture(), ...this.given(),
      element("p", { className: "question" }, this.words(), " ", element("span", { className: "quiet" }, say("Three significant digits, or an expression such as 2*0.38*0.24."))),
      form, element("div", { className: "verdict", role: "status", "aria-live": "polite" }),
      element("div", { className: "hints", "aria-live": "polite", ...scrolls }, ...shownHints), ...(this.revealed ? [this.solution()] : []), bar);
    const [frame, wanted] = [box.querySelector(".net-box"), box.querySelector(".net .wanted, .net .marked")];
    if (wanted) frame.scrollLeft += Math.max(0, wanted.getBoundingClientRect().right + 8 - frame.getBoundingClientRect().right);
    this.tell(box);
  }

  /** What the answer was. */
  tell(box) {
    const place = box.querySelector(".verdict");
    place.dataset.right = String(Boolean(this.verdict?.right));
    place.replaceChildren(...this.verdictWords());
  }
}
