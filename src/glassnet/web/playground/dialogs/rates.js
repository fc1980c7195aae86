// The dialog with the learning-rate finder: the loss over growing rates; a click on the curve takes that rate.

import { say, together } from "../../language.js";
import { phrase } from "../../phrase.js";
import { RATES } from "../session/choices.js";
import { plot } from "../view/chart.js";
import { button, drawn, element, options, shown, through } from "../view/element.js";
import { failure } from "../view/notice.js";
import { openWide } from "./dialog.js";

const HEIGHT = 256; // pixels

/** Two digits that count: a rate between those that the page offers. */
const rounded = (rate) => Number(rate.toPrecision(2));

/** @param {import("../session/remote.js").Remote} remote @param {(rate: number) => void} take */
export async function openRates(remote, choices, take) {
  const place = element("div");
  const words = element("p", { "aria-live": "polite" }, say("Computing …"));
  const bar = element("div", { className: "bar" });
  const close = openWide(say("Find learning rate"), () => {}, element("p", {}, say("A short training from the initial weights, in which the learning rate grows with every batch. Dots are batch losses, the line is their moving average. Click the curve to choose a learning rate.")), place, words, bar);
  const { rates: found } = await remote.ask("rates").catch((error) => ({ rates: { reason: failure(error) } }));
  const { rates, losses, smoothed, suggestion, exploded, reason } = found;
  if (reason) {
    words.textContent = reason;
    return;
  }
  if (!losses.length) {
    words.textContent = say("The loss is not finite from the start. Check the inputs.");
    return;
  }
  const end = say(exploded ? phrase("The loss diverges at {rate}.") : phrase("The loss did not diverge up to {rate}."), { rate: shown(rates.at(-1), 2) });
  words.textContent = together(suggestion ? say("Suggestion: {rate} (solid vertical line), a tenth of the learning rate with the lowest average loss ({lowest}).", { rate: rounded(suggestion), lowest: shown(10 * suggestion, 2) }) : say("No suggestion: the loss never fell clearly below its initial value."),
    end, say("Current setting: {rate} (dotted line).", { rate: choices.rate }));
  const use = (rate) => {
    close();
    take(rate);
  };
  const select = element("select", { "aria-label": say("Learning rate") }, ...options(RATES.map((rate) => [rate, String(rate)]), choices.rate));
  if (suggestion) bar.append(button(say("Use {rate}", { rate: rounded(suggestion) }), () => use(rounded(suggestion)), { id: "take-rate", className: "main" }));
  bar.append(select, button(say("Use this learning rate"), () => use(Number(select.value)), { id: "take-chosen" }));
  place.append(picture({ rates, losses, smoothed, suggestion, current: choices.rate, width: place.clientWidth, label: words.textContent, use }));
}

/** The losses by rate, with a line at the present rate and at the suggested one; `use` gets the rate that is clicked. */
function picture({ rates, losses, smoothed, suggestion, current, width, label, use }) {
  const half = smoothed.slice(0, Math.max(1, Math.floor(smoothed.length / 2)));
  const [least, most] = [Math.min(...smoothed), Math.max(...half)];
  const room = 0.2 * (most - least) || 1; // the explosion itself would flatten all else
  const xs = rates.map(Math.log10);
  /** @type {[number, number]} */
  const ends = [xs[0], xs.length > 1 ? xs.at(-1) : xs[0] + 1];
  const tick = (power) => (Number.isInteger(power) ? String(Number((10 ** power).toPrecision(1))) : "");
  const { svg, inside, x, y, at, inner } = plot({ width, height: HEIGHT, xs: ends, ys: [least - room, most + 2 * room], label, tick });
  const rule = (kind, rate) => drawn("path", { class: `rule ${kind}`, d: rate ? `M${x(Math.log10(rate))},${inner.top}V${inner.bottom}` : "" });
  const [pointed, words] = [rule("pointed", null), drawn("text", { y: inner.top + 12, class: "pointed" })];
  inside.append(...losses.map((loss, place) => drawn("circle", { class: "dot", cx: x(xs[place]), cy: y(loss), r: 1.8 })),
    drawn("path", { class: "curve", d: through(smoothed.map((loss, place) => [x(xs[place]), y(loss)])) }),
    rule("current", current), rule("suggested", suggestion), pointed, words);
  const rateAt = (event) => rounded(10 ** Math.max(ends[0], Math.min(ends[1], at(event)[0])));
  const point = (event) => {
    const rate = event ? rateAt(event) : null;
    pointed.setAttribute("d", rule("", rate).getAttribute("d"));
    words.textContent = rate ? String(rate) : "";
    const place = rate ? x(Math.log10(rate)) : 0;
    const left = place > width / 2;
    words.setAttribute("x", String(place + (left ? -6 : 6)));
    words.setAttribute("text-anchor", left ? "end" : "start");
  };
  svg.id = "range";
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("click", (event) => use(rateAt(event)));
  return svg;
}
