// Selects, sliders and boxes: what they show follows from the choices, what is chosen goes there.

import { ACTIVATIONS, lossesOf, OPTIMIZERS, RATES, SCHEDULES, STRENGTHS } from "../session/choices.js";
import { INITIALIZERS } from "../session/initializers.js";
import { TABLES } from "../session/tables.js";
import { say } from "../words/words.js";
import { element, shown } from "./element.js";
import { showInputs } from "./inputs.js";

const at = (id) => document.getElementById(id);
const PERCENT = ["share"];
const RANGES = ["rows", "noise", "share", "batch"];
const NUMBERS = ["rate", "strength"];
const TEXTS = ["table", "loss", "optimizer", "penalty", "schedule", "initializer"];
const TYPED = ["seed", "epochs", "lossBelow", "patience"];
const BOXES = ["tests", "discrete"];

/** @param {(part: object) => void} change */
export function bindControls(change, get) {
  for (const name of TEXTS) at(name).onchange = () => change({ [name]: at(name).value });
  for (const name of NUMBERS) at(name).onchange = () => change({ [name]: Number(at(name).value) });
  for (const name of BOXES) at(name).onchange = () => change({ [name]: at(name).checked });
  for (const name of TYPED) {
    at(name).onchange = () => change({ [name]: within(at(name)) });
  }
  for (const name of RANGES) {
    at(name).oninput = () => tell(name);
    at(name).onchange = () => change({ [name]: at(name).valueAsNumber });
  }
  at("activation").onchange = () => {
    const activation = at("activation").value;
    change({ hidden: get().hidden.map((one) => ({ ...one, activation })) });
  };
  at("regenerate").onclick = () => change({ draw: (get().draw + 1) % 1e6 });
  at("new-weights").onclick = () => change({ seed: (get().seed + 1) % 1e6 });
}

/** What is typed into a field, or the nearest that it takes; nothing is 0. */
function within({ valueAsNumber, min, max, step }) {
  const value = Number.isFinite(valueAsNumber) ? valueAsNumber : 0;
  return Math.max(Number(min), Math.min(Number(max), step === "any" ? value : Math.round(value)));
}

function tell(name) {
  const value = at(name).valueAsNumber;
  at(name).parentElement.querySelector("output").textContent = PERCENT.includes(name) ? `${Math.round(100 * value)}%` : shown(value);
}

function offer(id, entries, chosen) {
  at(id).replaceChildren(...entries.map(([value, words]) => element("option", { value, selected: value === chosen }, words)));
}

/** The data sets by what is learned from them. */
function offerTables({ table, own, ownNumbers }) {
  const tasks = [...Object.entries(TABLES).map(([name, { task }]) => [name, task]), ...(own ? [["own", ownNumbers ? "numbers" : "classes"]] : [])];
  at("table").replaceChildren(...["classes", "numbers"].map((task) => element("optgroup", { label: say(`task_${task}`) },
    ...tasks.filter(([, one]) => one === task).map(([value]) => element("option", { value, selected: value === table }, say(value))))));
}

/** Show what is chosen. */
export function showChoices(choices, change) {
  const named = (names) => names.map((name) => [name, say(name)]);
  offerTables(choices);
  offer("loss", named(lossesOf(choices)), choices.loss);
  offer("optimizer", OPTIMIZERS.map((name) => [name, name]), choices.optimizer);
  offer("schedule", SCHEDULES.map((name) => [name, name === "constant" ? say("constant") : name]), choices.schedule);
  const initializers = Object.keys(INITIALIZERS).map((name) => [name, name]);
  offer("initializer", [["auto", say("automatic")], ...initializers], choices.initializer);
  offer("penalty", [["none", say("none")], ["l1", "L1"], ["l2", "L2"]], choices.penalty);
  for (const [id, values] of Object.entries({ rate: RATES, strength: STRENGTHS })) {
    const all = [...new Set([...values, choices[id]])].sort((a, b) => a - b);
    offer(id, all.map((value) => [value, String(value)]), choices[id]);
  }
  at("strength").disabled = choices.penalty === "none";
  const used = [...new Set(choices.hidden.map(({ activation }) => activation))];
  const all = ACTIVATIONS.map((name) => [name, name]);
  offer("activation", used.length === 1 ? all : [["", say("various")], ...all], used.length === 1 ? used[0] : "");
  at("activation").disabled = !used.length;
  for (const name of RANGES) {
    at(name).value = choices[name];
    tell(name);
  }
  for (const name of ["rows", "noise", "regenerate"]) at(name).disabled = choices.table === "own";
  for (const name of BOXES) at(name).checked = choices[name];
  for (const name of TYPED) at(name).value = choices[name];
  showInputs(choices, change);
}
