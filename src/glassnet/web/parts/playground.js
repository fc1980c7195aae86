// <glassnet-playground>: the playground itself in a frame, with a state of its own and without what is not wanted.

import { say } from "../language.js";
import { element } from "../playground/view/element.js";
import { AttributeError, Part } from "./part.js";

/** Which element of the playground's page shows a symbol of a text. */
const IN_FRAME = {
  w: "links", a: "columns", p: "plane", L: "train-loss", test: "test-loss", alpha: "rate", lambda: "strength",
};

export class PlaygroundPart extends Part {
  static attributes = ["state", "hide", "height"];
  static symbols = ["w", "a", "p", "L", "test", "alpha", "lambda"];

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
      throw new AttributeError(say("{rule}. Received: {text}.", { rule: say("state must be the part after # of a playground address, or the same as JSON"), text }));
    }
  }

  get address() {
    const asked = new URLSearchParams({ language: this.language, theme: this.box.dataset.theme });
    const hash = Object.keys(this.state).length ? `#${encodeURIComponent(JSON.stringify(this.state))}` : "";
    const alone = new URL(this.file("")).protocol === "file:"; // modules are loaded from a server only
    return `${this.file(alone ? "index.html" : "playground/index.html")}?${asked}${hash}`;
  }

  light(symbol) {
    this.shadowRoot.querySelector("iframe")?.contentWindow.postMessage({ light: IN_FRAME[symbol] ?? "" }, "*");
  }

  build() {
    const { address } = this;
    const frame = element("iframe", { src: address, title: say("Playground"), loading: "lazy", height: String(this.height), allow: "clipboard-write" });
    this.box.replaceChildren(frame, element("p", { className: "quiet" }, element("a", { href: address, target: "_blank" }, say("Open the playground on a separate page"))));
  }
}
