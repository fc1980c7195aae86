// One step in slow motion: beat by beat forward, to the loss, backward, and the update; on the picture, and in formulas.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { StepNumbers } from "../session/step_numbers.js";
import { backward, forward, lossWords } from "./chain.js";
import { button, element, refill, select, shown } from "./element.js";
import { largestOf } from "./heat.js";
import { cellsOf } from "./names.js";
import { update } from "./update.js";

const OTHER_LINK = phrase("Point at another link to see its numbers.");
const BEATS = {
  input: phrase("The inputs"),
  forward: phrase("Forward: {layer}"),
  loss: phrase("The loss"),
  backward: phrase("Backward: {layer}"),
  update: phrase("The update"),
};

export class Motion {
  page; panel; root; picture; seen; beats; told; listening;

  /**
   * @param {import("./picture.js").Picture} picture
   * @param {{ask: Function, questions: (motion: Motion) => Node[], rows: () => number, names: () => object, facts: () => object, close: Function, chosen: Function}} page
   * @param {Document|ShadowRoot} root Where its panel stands; keys pressed in there step back and forth.
   */
  constructor(picture, page, root = document) {
    Object.assign(this, { picture, page, root, panel: root.getElementById("motion"), open: false, listening: new AbortController() });
    root.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!way || !this.ready || event.target.closest("select, input, textarea, dialog")) return;
      event.preventDefault();
      this.go(this.beat + way);
    }, { signal: this.listening.signal });
  }

  /** Another one takes its place. */
  end() {
    this.open = false;
    this.listening.abort();
  }

  /** Whether there is a step to look at: the engine has to make it first. */
  get ready() {
    return this.open && Boolean(this.seen);
  }

  /** Begin to look at the next step, on one row or on the whole batch. */
  async start(row = this.row ?? 0) {
    this.open = true;
    this.row = row;
    this.beat ??= 0;
    await this.page.ask("slow", { row });
  }

  stop() {
    this.open = false;
    this.beat = this.seen = undefined;
    this.link = null;
    this.panel.hidden = true;
    this.root.getElementById("legend").hidden = false;
    this.picture.say(null);
    this.picture.label(null);
    this.page.close();
  }

  /** What came from the engine. */
  receive({ slowed, curves }) {
    this.seen = new StepNumbers(slowed);
    this.told = {};
    this.curves = curves;
    const { dense } = this.seen;
    this.beats = [
      { kind: "input" },
      ...dense.map((_, layer) => ({ kind: "forward", layer })),
      { kind: "loss" },
      ...dense.map((_, place) => ({ kind: "backward", layer: dense.length - 1 - place })),
      { kind: "update" },
    ];
    this.page.chosen(slowed.rows[0]);
    this.show();
  }

  go(beat) {
    this.beat = Math.max(0, Math.min(this.beats.length - 1, beat));
    this.show();
  }

  /** The link that is explained: the one under the pointer, or the heaviest into the neuron under it. */
  look(link) {
    if (!this.ready || !link || link.layer < 0) return;
    if (link.from === undefined) {
      const { inputs } = this.seen.dense[link.layer].sums;
      const size = (from) => Math.abs(this.seen.weight({ ...link, from }));
      link.from = Array.from({ length: inputs }, (_, from) => from).reduce((best, one) => (size(one) > size(best) ? one : best), 0);
    }
    this.link = link;
    this.show();
  }

  /** The link to explain at this beat. */
  at({ kind, layer }) {
    const { dense } = this.seen;
    const fits = this.link && this.link.layer < dense.length && this.link.from < dense[this.link.layer].sums.inputs
      && this.link.to < dense[this.link.layer].sums.outputs;
    if (fits && (layer === undefined || this.link.layer === layer)) return this.link;
    return { layer: layer ?? (kind === "update" ? dense.length - 1 : 0), from: 0, to: 0 };
  }

  show() {
    if (!this.ready) return;
    const beat = this.beats[this.beat];
    const link = this.at(beat);
    const { picture } = this;
    picture.say(this.numbers(beat));
    const back = beat.kind === "backward" || beat.kind === "update";
    const of = this.seen.links(beat.kind);
    if (back) picture.weigh(of, of.reduce((most, some) => Math.max(most, largestOf(some)), 1e-12));
    else picture.weigh(of);
    const active = { input: 0, loss: this.seen.dense.length }[beat.kind] ?? (beat.layer === undefined ? null : beat.layer + 1);
    picture.mark(beat.kind === "input" || beat.kind === "loss" ? null : link);
    picture.label(["forward", "backward", "update"].includes(beat.kind) ? { ...link, numbers: of[link.layer] } : null);
    this.panel.hidden = false;
    this.root.getElementById("legend").hidden = true;
    refill(this.panel, "motion", this.bar(beat), this.formulas(...this.words(beat, link)));
    picture.light(active ?? link.layer + 1, active !== null); // last, for it asks where the layer is
  }

  /** What stands in each neuron: activations as far as the step has come, gradients below them on the way back. */
  numbers(beat) {
    const place = this.beats.indexOf(beat);
    const reached = (kind, layer) => this.beats.findIndex((one) => one.kind === kind && one.layer === layer) <= place;
    return [this.toldOf(-1, false), ...this.seen.dense.map((_, layer) =>
      (reached("forward", layer) ? this.toldOf(layer, reached("backward", layer)) : null))];
  }

  /** The same of a layer, once and for all beats: what stands there already is not written again. */
  toldOf(layer, back) {
    const { seen } = this;
    const { inputs, outputs = inputs } = layer < 0 ? { inputs: seen.dense[0].sums.inputs } : seen.dense[layer].sums;
    this.told[`${layer} ${back}`] ??= Array.from({ length: outputs }, (_, unit) => {
      const found = [[layer < 0 ? seen.x(0, unit) : seen.a(layer, unit), "value"]];
      const d_z = back ? seen.d_z(layer, unit) : 0;
      if (back) found.push([d_z, d_z < 0 ? "back negative" : "back positive"]);
      return found;
    });
    return this.told[`${layer} ${back}`];
  }

  button = (key, words, action, disabled = false) => button(words, action, { disabled, "data-motion": key });

  bar(beat) {
    const layer = beat.layer === undefined ? "" : this.page.names().layer(beat.layer + 1);
    const title = say(BEATS[beat.kind], { layer });
    return element("div", {},
      element("h3", {}, `${this.beat + 1}/${this.beats.length} · ${title}`),
      element("div", { className: "bar" },
        this.button("back", say("← Back"), () => this.go(this.beat - 1), this.beat === 0),
        this.button("on", say("Next →"), () => this.go(this.beat + 1), this.beat === this.beats.length - 1),
        ...this.choices()));
  }

  /** What else there is to choose: on which rows, to make the step, to close. */
  choices() {
    const rows = select([["row", say("on one row")], ["batch", say("on the next batch")]], this.row === null ? "batch" : "row",
      (value) => this.start(value === "row" ? 0 : null), { "aria-label": say("Rows used"), "data-motion": "rows" });
    const most = this.page.rows();
    const number = element("input", { type: "number", inputMode: "numeric", min: 1, max: most, value: String((this.row ?? 0) + 1), disabled: this.row === null, "aria-label": say(phrase("row", "sample")), "data-motion": "row" });
    number.onchange = () => this.start(Math.max(1, Math.min(most, Math.round(number.valueAsNumber) || 1)) - 1);
    return [rows, number, ...this.page.questions(this),
      this.button("apply", say("Take this step"), () => { this.beat = 0; this.page.ask("apply", { row: this.row }); }),
      this.button("close", say("Close"), () => this.stop())];
  }

  /** What a reader may do at the first beat. */
  hints = [
    phrase("To choose another row, click a point on the map or enter a row number."), phrase("Use the left and right arrow keys to step back and forth."),
    phrase("When a neuron has the focus, the up and down arrow keys select one of its links."),
  ];

  /** They may be wider than a phone: a group to scroll in. */
  formulas(...lines) {
    const group = { className: "formulas", tabIndex: 0, role: "group", "aria-label": say("Formulas with numbers"), "aria-live": "polite" };
    return element("div", group, ...lines);
  }

  words(beat, link) {
    const names = this.page.names();
    const hint = (words) => element("p", { className: "quiet" }, say(words));
    if (beat.kind === "input") {
      const target = shown(this.seen.targets[0]);
      const words = say(this.row === null ? phrase("A batch of {rows} rows passes through the network. The numbers shown are those of its first row, whose target is {target}.") : phrase("One row passes through the network: its inputs are on the left, its target is {target}."), { rows: this.seen.batch, target });
      const cells = this.seen.points?.[0].cells; // of a network that is not the page's there are none
      const row = cells ? [element("p", {}, say("In the table: {cells}", { cells: cellsOf(this.page.facts(), cells).join(" · ") }))] : [];
      return [element("p", {}, words), ...row, ...this.hints.map(hint)];
    }
    if (beat.kind === "loss") return lossWords(this.seen, this.page.facts());
    if (beat.kind === "forward") return [...forward(this.seen, link, names, this.curves), hint(phrase("Point at another neuron to see its numbers."))];
    if (beat.kind === "backward") return [...backward(this.seen, link, names, this.page.facts()), element("p", {}, say(phrase("The lower number in a neuron is δ = ∂L/∂z. Links are now colored by the gradient of their weights."))), hint(OTHER_LINK)];
    const between = { from: names.unit(link.layer, link.from), to: names.unit(link.layer + 1, link.to) };
    return [element("p", {}, say("The weight of the link from {from} to {to}", between)), ...update(this.seen, link, this.page.facts()), hint(OTHER_LINK)];
  }
}
