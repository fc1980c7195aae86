// Side by side: two to four networks that differ in one thing each, on the same rows, epoch by epoch; their maps, and their
// losses in one picture. Each has a worker of its own.

import { say, together } from "../../language.js";
import { phrase } from "../../phrase.js";
import { differenceName, differenceReason, DIFFERENCES, KINDS, MOST_NETWORKS, soundSide, startOf, USUAL } from "../session/differences.js";
import { Remote } from "../session/remote.js";
import { GRID } from "../session/tables.js";
import { drawCurves } from "../view/chart.js";
import { button, element, options, shown } from "../view/element.js";
import { answerMap, theColors } from "../view/heat.js";
import { failure } from "../view/notice.js";
import { lossSeries, paintPoints, scoreText } from "../view/output.js";
import { SPEEDS } from "../view/player.js";
import { openWide } from "./dialog.js";

const [QUICK, SLOW] = [10, 20]; // milliseconds of an answer: below, more epochs are asked for at once; above, fewer
const MOST_EPOCHS = 32;
const ABOUT = 0.05; // losses that differ by less than this share of themselves are about the same
const HEADROOM = 1.3; // the picture reaches above the largest loss at the start; what diverges leaves it
const letter = (place) => "ABCD"[place];

/** @param {{choices: object, facts: object, change: (side: string[]|undefined) => void}} page */
export function openComparison(page) {
  new Side(page).open(soundSide(page.choices.side) ?? USUAL);
}

class Side {
  networks; change; choices; facts; round; verdict;

  constructor({ choices, facts, change }) {
    Object.assign(this, { choices, facts, change, networks: [], playing: false, round: 0, epochs: 1, busy: Promise.resolve() });
  }

  open(differences) {
    this.play = element("button", { id: "side-play", className: "main", "aria-pressed": "false", onclick: () => this.toggle() },
      element("span", { className: "icon", "aria-hidden": "true" }), element("span", { className: "word" }));
    this.more = button(say("Add a network"), () => this.arrange([...this.differences(), ""]), { id: "side-more" });
    this.epoch = element("output", { id: "side-epoch", "aria-live": "off" }, "0");
    this.speed = element("select", { id: "side-speed", "aria-label": say("Speed") }, ...options(["speedEpoch", "speedFull"].map((name) => [name, say(SPEEDS[name])]), "speedEpoch"));
    this.curve = element("canvas", { id: "side-curve", role: "img" });
    this.verdict = element("p", { id: "side-verdict", "aria-live": "polite" });
    this.grid = element("div", { className: "side" });
    openWide(say("Side by side"), () => this.end(), element("p", { className: "quiet" }, say("Each network has the same settings, data and seed, except for one difference. Solid lines: training loss; dashed lines: test loss.")),
      element("div", { className: "bar" }, this.play,
        button(say("One epoch"), () => { this.pause(); this.run(1); }, { id: "side-epoch-button" }),
        button(say("Reset"), () => { this.pause(); this.arrange(this.differences()); }, { id: "side-reset" }),
        element("p", { className: "epoch" }, say("Epoch"), " ", this.epoch), this.speed, this.more),
      this.curve, this.verdict, this.grid);
    this.show();
    return this.arrange(differences);
  }

  end() {
    this.playing = false;
    this.ended = true;
    for (const { remote } of this.networks) remote.end();
    this.change(undefined);
  }

  differences() {
    return this.networks.map(({ difference }) => difference);
  }

  /** Networks with these differences, all of them from the start. */
  async arrange(differences) {
    this.change(differences);
    while (this.networks.length < differences.length) this.networks.push({ remote: new Remote() });
    for (const { remote } of this.networks.splice(differences.length)) remote.end();
    differences.forEach((difference, place) => Object.assign(this.networks[place], { difference, ...this.card(place, difference) }));
    this.grid.replaceChildren(...this.networks.map(({ card }) => card));
    this.more.disabled = differences.length >= MOST_NETWORKS;
    this.epochs = 1;
    await this.ask((one) => one.remote.ask("start", { ...startOf(this.choices, one.difference), slim: true }));
    for (const { dots } of this.networks) paintPoints(dots, { points: this.networks[0].points, tests: false, classes: this.facts.classes, radius: 2.2 });
    this.tell();
  }

  /** One network: what it differs in, its map with the points, and its numbers. */
  card(place, difference) {
    const select = element("select", { "aria-label": say("Difference of network {name}", { name: letter(place) }) },
      element("option", { value: "", selected: !difference }, say("as set on the page")),
      ...Object.entries(DIFFERENCES).map(([what, values]) => element("optgroup", { label: say(KINDS[what].name) },
        ...values.map((value) => `${what}=${value}`).map((one) =>
          element("option", { value: one, selected: one === difference }, differenceName(one))))));
    select.onchange = () => {
      this.pause();
      this.arrange(this.differences().map((one, other) => (other === place ? select.value : one)));
    };
    const remove = button("×", () => {
      this.pause();
      this.arrange(this.differences().filter((_, other) => other !== place));
    }, { className: "small", "aria-label": say("Remove network {name}", { name: letter(place) }), disabled: this.networks.length < 3 });
    const map = element("canvas", { role: "img", "aria-label": say("Output of network {name} at each point", { name: letter(place) }) });
    const dots = element("canvas", { "aria-hidden": "true" });
    const numbers = element("dl", { className: "scores" });
    const badge = element("span", { className: `badge color-${place + 1}`, "aria-hidden": "true" }, letter(place));
    const card = element("section", { "aria-label": say("Network {name}", { name: letter(place) }) },
      element("div", { className: "bar" }, badge, select, remove),
      element("b", { className: "chosen", "aria-hidden": "true" }, select.selectedOptions[0].textContent), element("p", { className: "quiet" }, differenceReason(difference)),
      element("div", { className: "plane" }, map, dots), numbers);
    return { card, map, dots, numbers };
  }

  /** Ask all networks at once; what they answer is theirs. Orders wait for each other. */
  ask(order) {
    const asked = this.networks;
    this.busy = this.busy.then(() => Promise.all(asked.map(async (one) => Object.assign(one, await order(one))))).then(() => {
      if (!this.ended) this.draw();
    }).catch((error) => {
      this.pause();
      this.verdict.textContent = failure(error);
    });
    return this.busy;
  }

  run(epochs) {
    return this.ask((one) => one.remote.ask("run", { epochs, slim: true })).then(() => this.playing || this.tell());
  }

  pause() {
    this.playing = false;
    this.show();
  }

  show() {
    this.play.setAttribute("aria-pressed", String(this.playing));
    this.play.querySelector(".word").textContent = say(this.playing ? phrase("Pause") : phrase("Train"));
  }

  async toggle() {
    this.playing = !this.playing;
    this.show();
    const mine = (this.round += 1); // whoever pauses and goes on at once begins another
    while (this.playing && mine === this.round) {
      const began = performance.now();
      await this.run(this.speed.value === "speedFull" ? this.epochs : 1);
      const took = performance.now() - began;
      if (took < QUICK) this.epochs = Math.min(MOST_EPOCHS, 2 * this.epochs);
      if (took > SLOW) this.epochs = Math.max(1, this.epochs / 2);
      await new Promise(requestAnimationFrame);
    }
    if (!this.ended && mine === this.round) this.tell();
  }

  /** Whether all have answered: one that came just now may not have. */
  get complete() {
    return this.networks.every(({ frame }) => frame);
  }

  draw() {
    const { classes } = theColors();
    if (!this.complete) return;
    const frames = this.networks.map(({ frame }) => frame);
    this.epoch.textContent = Math.max(...frames.map(({ epoch }) => epoch));
    const start = Math.max(...frames.map(({ curve }) => curve[0]).map(([, train, test]) => Math.max(train, test)).filter(Number.isFinite));
    drawCurves(this.curve, frames.flatMap(({ curve }, place) => lossSeries(curve, [classes[place], classes[place]], letter(place))), HEADROOM * start);
    this.networks.forEach(({ frame, map, numbers }) => {
      answerMap(map, GRID, frame.answers, this.facts, this.choices.discrete);
      const { train, test } = frame.found;
      const facts = [[phrase("Training loss"), shown(train.loss)], [phrase("Test loss"), shown(test.loss)],
        [this.facts.classes ? phrase("Test accuracy") : phrase("Test R²"), scoreText(test.score, this.facts.classes)]];
      if (!numbers.children.length) numbers.append(...facts.map(([name]) => element("div", {}, element("dt", {}, say(name)), element("dd"))));
      facts.forEach(([, value], place) => { numbers.children[place].lastChild.textContent = frame.diverged ? "–" : value; });
    });
  }

  /** Who is ahead, and who has diverged. */
  tell() {
    if (!this.complete) return;
    const named = this.networks.map(({ difference, frame }, place) =>
      ({ name: letter(place), what: differenceName(difference), diverged: frame.diverged, loss: frame.found.test.loss }));
    const epoch = this.epoch.textContent;
    const lost = named.filter(({ diverged, loss }) => diverged || !Number.isFinite(loss));
    const going = named.filter((one) => !lost.includes(one)).sort((one, other) => one.loss - other.loss);
    const words = lost.map((one) => say("Network {name} ({what}) has diverged: its loss is inf or NaN.", one));
    if (epoch === "0") words.push(say("Press Train to start them all."));
    else if (going.length > 1 && going.at(-1).loss - going[0].loss <= ABOUT * going.at(-1).loss) words.unshift(say("After epoch {epoch}, all networks have about the same test loss.", { epoch }));
    else if (going.length) words.unshift(say("After epoch {epoch}, network {name} ({what}) has the lowest test loss: {loss}.", { epoch, ...going[0], loss: shown(going[0].loss) }));
    this.verdict.textContent = together(...words);
    this.curve.setAttribute("aria-label", together(say("Losses of all networks over the epochs."), ...words));
  }
}
