// <glassnet-playground>: the playground itself in a frame, with a state of its own and without what is not wanted.

import { element } from "../playground/element.js";
import { AttributeError, Part } from "./part.js";
import { say } from "./words.js";

export class PlaygroundPart extends Part {
  static attributes = ["state", "hide", "height"];

  read() {
    this.height = this.number("height", "760", 200, 4000);
    this.state = this.choices();
  }

  /** What stands behind the # of the address; the playground itself brings it into its ranges. */
  choices() {
    const text = this.text("state", "").replace(/^#/, "");
    const hide = this.list("hide", "");
    try {
      const found = text ? JSON.parse(text.startsWith("{") ? text : decodeURIComponent(text)) : {};
      return { ...found, ...(hide.length ? { hide } : {}) };
    } catch {
      throw new AttributeError(say("received", { rule: say("wantsState"), text }));
    }
  }

  get address() {
    const asked = new URLSearchParams({ language: this.language, theme: this.box.dataset.theme });
    const hash = Object.keys(this.state).length ? `#${encodeURIComponent(JSON.stringify(this.state))}` : "";
    const alone = new URL(this.file("")).protocol === "file:"; // modules are loaded from a server only
    return `${this.file(alone ? "playground.html" : "playground/index.html")}?${asked}${hash}`;
  }

  build() {
    const { address } = this;
    const frame = element("iframe", { src: address, title: say("playground"), loading: "lazy", height: String(this.height), allow: "clipboard-write" });
    this.box.replaceChildren(frame, element("p", { className: "quiet" }, element("a", { href: address, target: "_blank" }, say("open"))));
  }
}
