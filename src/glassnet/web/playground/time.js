// The slider of time: the epochs that one can come back to, one step of the slider each.

import { say } from "./words.js";

const at = (id) => document.getElementById(id);

export class Time {
  /** @param {(epoch: number) => void} go */
  constructor(go) {
    this.epochs = [0];
    at("time").oninput = () => go(this.epochs[at("time").valueAsNumber]);
  }

  show({ curve, epoch }) {
    const slider = at("time");
    this.epochs = curve.map(([one]) => one);
    slider.max = Math.max(0, this.epochs.length - 1);
    slider.value = Math.max(0, this.epochs.findLastIndex((one) => one <= epoch));
    const words = say("moment", { epoch });
    slider.setAttribute("aria-valuetext", words);
    at("moment").textContent = words;
  }
}
