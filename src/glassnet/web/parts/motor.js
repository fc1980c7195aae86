// What moves by itself.

/** What runs frame after frame until it says that it is over; of readers who want no motion, all at once. */
export class Motor {
  constructor(step, ended) {
    Object.assign(this, { step, ended, running: 0 });
  }

  get runs() {
    return this.running !== 0;
  }

  start() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      while (this.step(false)); // all of it unseen, then as it ended
      this.ended();
      return;
    }
    const frame = () => {
      this.running = this.step(true) ? requestAnimationFrame(frame) : 0;
      if (!this.running) this.ended();
    };
    this.running = requestAnimationFrame(frame);
  }

  stop() {
    cancelAnimationFrame(this.running);
    this.running = 0;
  }
}
