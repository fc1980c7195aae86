// The doctor beside the network: marks on units that learn no more, a table of the layers, and each trouble in words, with
// remedies as buttons.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { changedLayers, RATES } from "../session/choices.js";
import { button, byId, drawn, element, refill, shown } from "./element.js";
import { layerName } from "./names.js";
import { warn } from "./notice.js";

const WIDE = 84; // of the bars
const [LEAST, MOST] = [-8, 0]; // powers of ten that the bars show
const OFTEN = 2000; // milliseconds between two tellings of the same troubles while it trains

const SEVERITIES = { serious: phrase("Serious."), warning: phrase("Warning."), note: phrase("Note.") };
const FINDINGS = {
  diverged: phrase("Training has diverged: the updates were so large that each increased the loss, until it was inf or NaN. After epoch {epoch}, it was still {loss}; the largest weight, {size}, was in {layer}."),
  dead: phrase("{layer}: {count} of {units} units are dead (†). Their activation {activation} is flat for every row, so no gradient reaches their weights and they cannot recover. Usually an update was too large."),
  saturated: phrase("{layer}: {count} of {units} units are saturated (▲), at the limit of {activation} for nearly all rows. It is flat there, so hardly any gradient passes. Their weighted sums are too large."),
  vanishing: phrase("{layer}: the gradient vanishes. It is about {size} times smaller than at the output, because in backpropagation it is multiplied by the slope of every layer; dead units stop it altogether. This layer hardly learns."),
  exploding: phrase("{layer}: the gradient explodes. It is about {size} times larger than at the output, so no learning rate suits all layers."),
  long: phrase("{layer}: one step changes the weights by {size}. About 0.1% is typical; steps this large overshoot."),
  short: phrase("One step changes the weights by at most {size}, and the loss has hardly fallen. About 0.1% is typical: the learning rate is too low."),
};
/** Of the table of layers: names, and what they mean. */
const COLUMNS = [
  [phrase("Layer"), phrase("Hidden layers and the output")],
  [phrase("Gradient"), phrase("Size of the gradient ∂L/∂z of a row at this layer; the bar compares it with the output layer, in powers of ten")],
  [phrase("Step / weights"), phrase("Relative change of the weights in one step")],
  [phrase("Idle units"), phrase("Dead units (†) are inactive for all rows; saturated units (▲) are at the limit of their activation")],
];

/** A share in percent, in as many digits as count. */
const percent = (share) => `${shown(100 * share, 2)}%`;

/** The power of ten that is nearest, to read aloud as well. */
const power = (value) => `10${String(Math.round(Math.log10(value))).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}`;

/** A length from 10⁻⁸ to 1 as a bar, by its power of ten. */
function bar(value) {
  const share = Math.max(0, Math.min(1, (Math.log10(Math.max(value, 1e-30)) - LEAST) / (MOST - LEAST)));
  return drawn("svg", { class: "bar-of", width: WIDE, height: 10, "aria-hidden": "true" },
    drawn("rect", { class: "rail", width: WIDE, height: 10, rx: 3 }),
    drawn("rect", { class: "level", width: Math.max(1, share * WIDE).toFixed(1), height: 10, rx: 3 }));
}

export class Doctor {
  picture; page; health; changed;

  /**
   * @param {import("./picture.js").Picture} picture
   * @param {{change: Function, choices: () => object}} page
   */
  constructor(picture, page) {
    Object.assign(this, { picture, page, said: "", when: -Infinity });
    this.spoken = element("div", { "aria-live": "polite" });
    this.layers = element("div", { className: "scrolling", tabIndex: 0, role: "group" });
    byId("doctor").append(this.spoken, this.layers);
  }

  /**
   * What the engine has found; it is shown by the next look.
   * @param {{layers: object[], findings: import("../session/examine.js").Finding[]}|undefined} health
   */
  update(health) {
    if (health) Object.assign(this, { health, changed: true });
  }

  /** @param {boolean} settled Whether training does not go on at once. */
  look(settled = false) {
    if (!this.changed) return;
    this.changed = false;
    const { health } = this;
    this.picture.health = Object.fromEntries(health.layers.flatMap(({ dead, saturated }, layer) => [
      ...dead.map((unit) => [`${layer + 1}-${unit}`, "dead"]),
      ...saturated.map((unit) => [`${layer + 1}-${unit}`, "saturated"]),
    ]));
    const { findings, layers } = health;
    const said = JSON.stringify(findings.map(({ kind, severity, layer }) => [kind, severity, layer]));
    if (settled || said !== this.said || performance.now() > this.when + OFTEN) this.speak(findings, said !== this.said);
    this.said = said;
    this.layers.setAttribute("aria-label", say("Diagnosis of each layer"));
    this.layers.replaceChildren(...(layers.length ? [this.table()] : []));
  }

  /** All of it anew, in another language. */
  show() {
    this.update(this.health);
    this.look(true);
  }

  /** Each trouble in words; the button with the focus keeps it. */
  speak(findings, aloud) {
    this.when = performance.now();
    this.spoken.setAttribute("aria-live", aloud ? "polite" : "off"); // the same troubles in other numbers are not read aloud
    const items = findings.map((one) => element("li", { className: one.severity },
      element("strong", {}, say(SEVERITIES[one.severity])), " ", this.words(one), element("div", { className: "bar" }, ...this.remedies(one))));
    refill(this.spoken, "remedy",
      findings.length ? element("ul", {}, ...items) : element("p", {}, say("No problems: gradients reach every layer, and no unit is dead or saturated.")));
  }

  name(layer) {
    return layerName(layer + 1, this.page.choices().hidden.length + 1);
  }

  words({ kind, layer, value, count, units, activation, epoch, loss }) {
    const size = kind === "diverged" ? shown(value, 2) : ["vanishing", "exploding"].includes(kind) ? power(value) : percent(value);
    return say(FINDINGS[kind], { layer: this.name(layer), count, units, activation, size, epoch, loss: shown(loss ?? 0) });
  }

  /** The layers: gradient, length of a step, and units that learn no more. */
  table() {
    const head = COLUMNS.map(([name, hint]) => element("th", { scope: "col", title: say(hint) }, say(name)));
    const last = this.health.layers.at(-1).gradient;
    const rows = this.health.layers.map((one, layer) => element("tr", {},
      element("th", { scope: "row" }, this.name(layer)),
      element("td", {}, bar(last ? one.gradient / last : 0), " ", shown(one.gradient, 2)),
      element("td", {}, ...(one.moved === undefined ? ["–"] : [bar(one.moved), " ", percent(one.moved)])),
      element("td", {}, this.idle(one))));
    return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
  }

  idle({ dead, saturated }) {
    if (dead.length) return say("{count} dead †", { count: dead.length });
    return saturated.length ? say("{count} saturated ▲", { count: saturated.length }) : "0";
  }

  button = (key, words, part) => button(words, () => this.page.change(part), { "data-remedy": key });

  /** A smaller learning rate, by a factor. */
  slower(factor = 10) {
    const { rate } = this.page.choices();
    const wanted = RATES.findLast((one) => one <= rate / factor * 1.001) ?? rate / factor;
    return [this.button("slower", say("Set learning rate {rate} and reset", { rate: wanted }), { rate: wanted })];
  }

  faster() {
    const { rate } = this.page.choices();
    const wanted = RATES.find((one) => one >= 10 * rate * 0.999) ?? 10 * rate;
    return this.button("faster", say("Set learning rate {rate} and reset", { rate: wanted }), { rate: wanted });
  }

  /** Whether training has diverged, above everything else. */
  warn(diverged) {
    if (diverged) warn(say("Training has diverged: the loss is inf or NaN. Usually the learning rate is too high: lower it and reset."), ...this.slower());
    else warn("");
  }

  remedies({ kind, layer }) {
    const { hidden, inputs } = this.page.choices();
    const all = (part) => ({ hidden: changedLayers(hidden, part) });
    const only = (part) => ({ hidden: changedLayers(hidden, part, layer) });
    const fits = hidden.some(({ units }, place) => units === (place ? hidden[place - 1].units : inputs.length));
    const better = this.health.layers.some(({ dead }) => dead.length) ? "leaky_relu" : "relu";
    const offers = {
      diverged: () => this.slower(),
      long: () => this.slower(3),
      short: () => [this.faster()],
      dead: () => [this.button("leaky", say("{activation} in {layer}", { activation: "leaky_relu", layer: this.name(layer) }), only({ activation: "leaky_relu" })),
        ...this.slower(3)],
      saturated: () => [...this.slower(3),
        this.button("relu", say("{activation} in {layer}", { activation: "relu", layer: this.name(layer) }), only({ activation: "relu" }))],
      vanishing: () => [this.button("others", say("{activation} in all hidden layers", { activation: better }), all({ activation: better })),
        ...(fits ? [this.button("skips", say("Residual connections"), all({ skip: true }))] : [])],
      exploding: () => [this.button("norms", say("Layer normalization"), all({ norm: "layer_norm" })), ...this.slower()],
    };
    return offers[kind]();
  }
}
