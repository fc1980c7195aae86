// What moves by itself.

import { say } from "../language.js";
import { button } from "../playground/view/element.js";

/** What runs step after step until it says that it is over; of readers who want no motion, all at once. Its button starts and pauses it. */
export class Motor {
  /** @param {{words: string, step: () => boolean, show: () => void, pace: number, begin?: () => void}} of `pace`: frames for each step. */
  constructor({ words, step, show, pace, begin = () => {} }) {
    Object.assign(this, { words, step, show, pace, begin, running: 0 });
    this.button = button(words, () => (this.runs ? this.stop() : this.start()), { className: "main" });
  }

  get runs() {
    return this.running !== 0;
  }

  start() {
    this.begin();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      while (this.step()); // all of it unseen, then as it ended
      this.show();
      return;
    }
    this.button.textContent = say("Pause");
    let frames = 0;
    const frame = () => {
      frames += 1;
      const more = frames % this.pace !== 0 || this.step();
      this.running = more ? requestAnimationFrame(frame) : 0;
      if (!more) this.stop();
      if (frames % this.pace === 0) this.show();
    };
    this.running = requestAnimationFrame(frame);
  }

  stop() {
    cancelAnimationFrame(this.running);
    this.running = 0;
    this.button.textContent = this.words;
  }
}
