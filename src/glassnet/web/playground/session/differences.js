// What networks side by side may differ in, and how that is written: "optimizer=sgd", "mistake=zeros"; "" is the network as it is.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { ACTIVATIONS, changedLayers, OPTIMIZERS, RATES } from "./choices.js";
import { INITIALIZERS } from "./initializers.js";
import { MISTAKES } from "./mistakes.js";

/** What networks may differ in, and how that is written beside one of them. */
export const KINDS = {
  optimizer: { name: phrase("Optimizer"), with: phrase("optimizer: {value}") },
  activation: { name: phrase("Activation"), with: phrase("activation: {value}") },
  rate: { name: phrase("Learning rate"), with: phrase("learning rate: {value}") },
  initializer: { name: phrase("Initialization"), with: phrase("initialization: {value}") },
  seed: { name: phrase("Initial weights"), with: phrase("seed: {value}") },
  mistake: { name: phrase("Common mistakes") },
};
export const MOST_NETWORKS = 4;
export const USUAL = ["", "mistake=zeros"];

/** What there is to choose from, by what it changes. */
export const DIFFERENCES = {
  optimizer: OPTIMIZERS, activation: ACTIVATIONS, rate: RATES.map(String), initializer: Object.keys(INITIALIZERS),
  seed: ["1", "2", "3", "4"], mistake: Object.keys(MISTAKES),
};

const apart = (difference) => difference.split("=");

/** Differences of which each is one that there is, whatever came. */
export function soundSide(given) {
  const there = ([what, value]) => Object.hasOwn(DIFFERENCES, what) && DIFFERENCES[what].includes(value);
  const known = (one) => one === "" || (typeof one === "string" && there(apart(one)));
  const found = (Array.isArray(given) ? given : []).filter(known).slice(0, MOST_NETWORKS);
  return found.length > 1 ? found : null;
}

/** The order by which a network with this difference is started. */
export function startOf(page, difference) {
  const [what, value] = apart(difference);
  const choices = { ...page, moment: null }; // all begin at the beginning
  if (what === "mistake") return { choices, mistake: value };
  if (what === "activation") return { choices: { ...choices, hidden: changedLayers(choices.hidden, { activation: value }) } };
  return { choices: what ? { ...choices, [what]: ["optimizer", "initializer"].includes(what) ? value : Number(value) } : choices };
}

/** What a network with this difference is called. */
export function differenceName(difference) {
  const [what, value] = apart(difference);
  if (!what) return say("as set on the page");
  return what === "mistake" ? say(MISTAKES[value].name) : say(KINDS[what].with, { value });
}

/** Why a mistake is one; nothing of other differences. */
export function differenceReason(difference) {
  const [what, value] = apart(difference);
  return what === "mistake" ? say(MISTAKES[value].why) : "";
}
