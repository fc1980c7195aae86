// The step in slow motion asks back: the number that it explains is to be worked out, of the reader's own network.

import { say } from "../../language.js";
import { BY_HAND, readAsked } from "../workout/asking.js";
import { Exercise } from "../workout/exercise.js";
import { button, element, select } from "../view/element.js";
import { ACTIVATIONS, LOSSES } from "../view/rules.js";
import { openWide } from "./dialog.js";

const MOST_UNITS = 8; // of more, a formula is no more work for a hand

/** The network of a step, as tasks describe theirs; null: it has what they do not write out. */
function described(seen, { hidden, loss, optimizer, penalty, forgotten }, inputs) {
  const widths = [seen.dense[0].sums.inputs, ...seen.dense.map(({ sums }) => sums.outputs)];
  const plain = seen.dense.every((one) => one.plain) && !forgotten && Math.max(...widths) <= MOST_UNITS;
  const activations = [...hidden.map(({ activation }) => activation), "identity"];
  return plain && { widths, activations, loss, optimizer, penalty, inputs, row: Array(widths[0]).fill(0) };
}

/** What can be asked at a beat of slow motion, of the link that it explains. */
function questionsAt({ kind }, { layer, from, to }, of) {
  const last = of.widths.length - 2;
  const [neuron, link] = [`${layer + 1}.${to + 1}`, `${layer + 1}.${from + 1}.${to + 1}`];
  const texts = { forward: [`z ${neuron}`, `a ${neuron}`], loss: ["loss", "p 1"], backward: [`delta ${neuron}`, `gradient ${link}`], update: [`update ${link}`] }[kind] ?? [];
  const known = (name) => name === "identity" || Object.hasOwn(ACTIVATIONS, name);
  const written = {
    z: true, gradient: true, a: known(of.activations[layer]), p: true, delta: known(of.activations[layer]) && (layer < last || Boolean(LOSSES[of.loss]?.slope)),
    loss: LOSSES[of.loss]?.values.length === 0, update: BY_HAND.includes(of.optimizer) && of.penalty === "none",
  };
  return texts.filter((text) => written[text.split(" ")[0]]).map((text) => readAsked(text, of)).filter(Boolean);
}

/** The questions of this beat; none, where the network or the number has no formula that is written out. */
export function stepQuestions(motion, choices, inputs) {
  const beat = motion.beats[motion.beat];
  const of = motion.seen.batch === 1 && described(motion.seen, choices, inputs);
  return of ? questionsAt(beat, motion.at(beat), of).map((asked) => new Exercise({ asked: of, slowed: motion.seen.slowed, later: motion.seen.slowed }, asked)) : [];
}

/** Ask them in a dialog, one at a time. @param {Exercise[]} exercises */
export function openStepQuestions(exercises) {
  const place = element("div", { className: "exercise" });
  let chosen = 0;
  const show = () => {
    exercises[chosen].show(place, () => {}, () => []);
    place.querySelector("input").focus();
  };
  const entries = exercises.map((one, number) => /** @type {[string, string]} */ ([String(number), one.words()]));
  const choice = exercises.length > 1 ? [select(entries, "0", (value) => { chosen = Number(value); show(); }, { "aria-label": say("Question"), "data-workout": "task" })] : [];
  openWide(say("Work it out"), () => {}, element("div", { className: "workout" }, element("div", { className: "workout-head" }, ...choice), place));
  show();
}

/** The button of slow motion that asks. */
export const askButton = (motion, choices, inputs) => {
  const exercises = stepQuestions(motion, choices, inputs);
  return exercises.length ? [button(say("Work it out"), () => openStepQuestions(exercises), { "data-motion": "ask" })] : [];
};
