// Selects, sliders and boxes: what they show follows from the choices, what is chosen goes there.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { ACTIVATIONS, changedLayers, classesOf, LOSSES, lossesOf, OPTIMIZERS, RATES, SCHEDULES, STRENGTHS } from "../session/choices.js";
import { INITIALIZERS } from "../session/initializers.js";
import { TABLES } from "../session/tables.js";
import { byId, element, options, shown } from "./element.js";
import { showInputs } from "./inputs.js";
import { showOwn } from "./own.js";

const PERCENT = ["share"];
const RANGES = ["rows", "noise", "share", "batch"];
const NUMBERS = ["rate", "strength"];
const TEXTS = ["table", "loss", "optimizer", "penalty", "schedule", "initializer"];
const TYPED = ["seed", "epochs", "lossBelow", "patience"];
const BOXES = ["tests", "discrete"];

/** @param {(part: object) => void} change */
export function bindControls(change, get) {
  for (const name of TEXTS) byId(name).onchange = () => change({ [name]: byId(name).value });
  for (const name of NUMBERS) byId(name).onchange = () => change({ [name]: Number(byId(name).value) });
  for (const name of BOXES) byId(name).onchange = () => change({ [name]: byId(name).checked });
  for (const name of TYPED) {
    byId(name).onchange = () => change({ [name]: within(byId(name)) });
  }
  for (const name of RANGES) {
    byId(name).oninput = () => tell(name);
    byId(name).onchange = () => change({ [name]: byId(name).valueAsNumber });
  }
  byId("activation").onchange = () => change({ hidden: changedLayers(get().hidden, { activation: byId("activation").value }) });
  byId("regenerate").onclick = () => change({ draw: (get().draw + 1) % 1e6 });
  byId("new-weights").onclick = () => change({ seed: (get().seed + 1) % 1e6 });
}

/** What is typed into a field, or the nearest that it takes; nothing is 0. */
function within({ valueAsNumber, min, max, step }) {
  const value = Number.isFinite(valueAsNumber) ? valueAsNumber : 0;
  return Math.max(Number(min), Math.min(Number(max), step === "any" ? value : Math.round(value)));
}

function tell(name) {
  const value = byId(name).valueAsNumber;
  byId(name).parentElement.querySelector("output").textContent = PERCENT.includes(name) ? `${Math.round(100 * value)}%` : shown(value);
}

function offer(id, entries, chosen) {
  byId(id).replaceChildren(...options(entries, chosen));
}

/** The data sets by what is learned from them. */
function offerTables({ table, own }) {
  const tasks = [...Object.entries(TABLES).map(([value, { name, task }]) => ({ value, name, task })),
    ...(own ? [{ value: "own", name: phrase("my own data"), task: classesOf({ table: "own", own }) ? "classes" : "numbers" }] : [])];
  byId("table").replaceChildren(...[["classes", say("Classification")], ["numbers", say("Regression")]].map(([wanted, label]) => element("optgroup", { label },
    ...tasks.filter(({ task }) => task === wanted).map(({ value, name }) => element("option", { value, selected: value === table }, say(name))))));
}

/** Show what is chosen. */
export function showChoices(choices, change) {
  offerTables(choices);
  offer("loss", lossesOf(choices).map((name) => [name, say(LOSSES[name])]), choices.loss);
  offer("optimizer", OPTIMIZERS.map((name) => [name, name]), choices.optimizer);
  offer("schedule", SCHEDULES.map((name) => [name, name === "constant" ? say("constant") : name]), choices.schedule);
  const initializers = Object.keys(INITIALIZERS).map((name) => [name, name]);
  offer("initializer", [["auto", say("automatic")], ...initializers], choices.initializer);
  offer("penalty", [["none", say("none")], ["l1", "L1"], ["l2", "L2"]], choices.penalty);
  for (const [id, values] of Object.entries({ rate: RATES, strength: STRENGTHS })) {
    const all = [...new Set([...values, choices[id]])].sort((a, b) => a - b);
    offer(id, all.map((value) => [value, String(value)]), choices[id]);
  }
  byId("strength").disabled = choices.penalty === "none";
  const used = [...new Set(choices.hidden.map(({ activation }) => activation))];
  const all = ACTIVATIONS.map((name) => [name, name]);
  offer("activation", used.length === 1 ? all : [["", used.length ? say("mixed") : say("none")], ...all], used.length === 1 ? used[0] : "");
  byId("activation").disabled = !used.length;
  for (const name of RANGES) {
    byId(name).value = choices[name];
    tell(name);
  }
  for (const name of BOXES) byId(name).checked = choices[name];
  for (const name of TYPED) byId(name).value = choices[name];
  showInputs(choices, change);
  showOwn(choices, change);
}
