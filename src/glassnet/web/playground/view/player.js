// Training that goes on by itself, slice after slice: until it is paused, or to the moment that a link leads to; the slider of time.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { byId, options } from "./element.js";

const SLICE = 12; // milliseconds of training for each frame
/** How fast: what it is called, and how much is trained in a frame. */
export const SPEEDS = { speedStep: phrase("one step per frame"), speedEpoch: phrase("one epoch per frame"), speedFull: phrase("full speed") };
const FRAMES = { speedStep: { steps: 1 }, speedEpoch: { epochs: 1 }, speedFull: {} };

export class Player {
  playing; following; round; page;

  /**
   * @param {{slice: (order: string, details: object) => Promise<any>, drawn: () => Promise<any>, begin: () => void,
   *   ended: () => void}} page What a slice comes to is drawn later: `drawn` waits for it.
   */
  constructor(page) {
    Object.assign(this, { page, playing: false, following: false, round: 0 });
    byId("play").onclick = () => this.toggle();
  }

  get speed() {
    return byId("speed").value || "speedEpoch";
  }

  /** Whether training goes on by itself. */
  get going() {
    return this.playing || this.following;
  }

  stop() {
    this.playing = false;
    this.show();
  }

  async toggle() {
    this.page.begin();
    this.playing = !this.playing;
    this.show();
    this.round += 1; // whoever pauses and goes on at once begins another
    const mine = this.round;
    while (this.playing && mine === this.round) {
      await this.page.slice("run", { milliseconds: SLICE, ...FRAMES[this.speed] });
      if (this.speed !== "speedFull" || document.hidden) await this.page.drawn();
    }
    if (mine === this.round) this.page.ended();
  }

  /** The rest of the way to a moment, as long as it is wanted. */
  async follow(answer, wanted) {
    if (!answer.ahead) return;
    this.following = true;
    while (answer?.ahead && wanted()) answer = await this.page.slice("replay", { milliseconds: SLICE });
    this.following = false;
    this.page.ended();
  }

  /** The button in the reader's language, and the speeds. */
  show() {
    const { playing, speed } = this;
    byId("play").setAttribute("aria-pressed", String(playing));
    byId("play").querySelector(".word").textContent = say(playing ? phrase("Pause") : phrase("Train"));
    const words = Object.values(SPEEDS).map((name) => say(name));
    if (words.join("") === byId("speed").textContent) return;
    byId("speed").replaceChildren(...options(Object.keys(SPEEDS).map((name, place) => [name, words[place]]), speed));
  }
}

export class Time {
  /** @param {(epoch: number) => void} go */
  constructor(go) {
    this.epochs = [0];
    byId("time").oninput = () => go(this.epochs[byId("time").valueAsNumber]);
  }

  show({ curve, epoch }) {
    const slider = byId("time");
    this.epochs = curve.map(([one]) => one);
    slider.max = Math.max(0, this.epochs.length - 1);
    slider.value = Math.max(0, this.epochs.findLastIndex((one) => one <= epoch));
    const words = say("epoch {epoch}", { epoch });
    slider.setAttribute("aria-valuetext", words);
    byId("moment").textContent = words;
  }
}
