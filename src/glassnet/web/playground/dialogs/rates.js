// The dialog with the learning-rate finder: the loss over growing rates; a click on the curve takes that rate.

import { RATES } from "../session/choices.js";
import { cleared } from "../view/chart.js";
import { element, shown } from "../view/element.js";
import { css, theColors } from "../view/heat.js";
import { failure } from "../view/notice.js";
import { say, together } from "../words/words.js";
import { openWide } from "./dialog.js";

const EDGE = { left: 46, right: 12, top: 12, bottom: 30 };
const NARROW = 520; // pixels

/** Two digits that count: a rate between those that the page offers. */
const rounded = (rate) => Number(rate.toPrecision(2));

/** @param {import("../session/remote.js").Remote} remote @param {(rate: number) => void} take */
export async function openRates(remote, choices, take) {
  const canvas = element("canvas", { id: "range", role: "img" });
  const words = element("p", { "aria-live": "polite" }, say("ratesComputing"));
  const bar = element("div", { className: "bar" });
  const close = openWide(say("rates"), () => {}, element("p", {}, say("ratesWords")), canvas, words, bar);
  const { rates: found } = await remote.ask("rates").catch((error) => ({ rates: { reason: failure(error) } }));
  const { rates, losses, smoothed, suggestion, exploded, reason } = found;
  if (reason) {
    words.textContent = reason;
    return;
  }
  if (!losses.length) {
    canvas.remove();
    words.textContent = say("ratesNone");
    return;
  }
  const end = say(exploded ? "ratesExploded" : "ratesReached", { rate: shown(rates.at(-1), 2) });
  words.textContent = together(suggestion ? say("ratesSuggested", { rate: rounded(suggestion), lowest: shown(10 * suggestion, 2) }) : say("ratesNever"),
    end, say("ratesNow", { rate: choices.rate }));
  canvas.setAttribute("aria-label", words.textContent);
  const use = (rate) => {
    close();
    take(rate);
  };
  const select = element("select", { "aria-label": say("rate") }, ...RATES.map((rate) =>
    element("option", { value: rate, selected: rate === choices.rate }, String(rate))));
  const chosen = element("button", { id: "take-chosen", onclick: () => use(Number(select.value)) }, say("ratesChosen"));
  if (suggestion) bar.append(element("button", { id: "take-rate", className: "main", onclick: () => use(rounded(suggestion)) }, say("ratesUse", { rate: rounded(suggestion) })));
  bar.append(select, chosen);
  const show = (pointed = null) => draw(canvas, { rates, losses, smoothed, suggestion, current: choices.rate, pointed });
  canvas.onpointermove = ({ offsetX }) => show(rateAt(canvas, offsetX, rates));
  canvas.onpointerleave = () => show();
  canvas.onclick = ({ offsetX }) => use(rounded(rateAt(canvas, offsetX, rates)));
  show();
}

/** The rate below a place of the picture. */
function rateAt(canvas, x, rates) {
  const share = Math.max(0, Math.min(1, (x - EDGE.left) / (canvas.clientWidth - EDGE.left - EDGE.right)));
  return rates[0] * (rates.at(-1) / rates[0]) ** share;
}

function draw(canvas, { rates, losses, smoothed, suggestion, current, pointed }) {
  const { context, width, height } = cleared(canvas);
  const { ink, quiet, classes, negative } = theColors();
  const half = smoothed.slice(0, Math.max(1, Math.floor(smoothed.length / 2)));
  const [least, most] = [Math.min(...smoothed), Math.max(...half)];
  const room = 0.2 * (most - least) || 1; // the explosion itself would flatten all else
  const [low, high] = [least - room, most + 2 * room];
  const [from, to] = [Math.log10(rates[0]), Math.log10(rates.at(-1))];
  const x = (rate) => EDGE.left + ((Math.log10(rate) - from) / (to - from || 1)) * (width - EDGE.left - EDGE.right);
  const y = (loss) => height - EDGE.bottom - ((loss - low) / (high - low)) * (height - EDGE.bottom - EDGE.top);
  Object.assign(context, { font: "13px system-ui, sans-serif", fillStyle: quiet, strokeStyle: quiet, lineWidth: 1, textBaseline: "middle" });
  context.strokeRect(EDGE.left, EDGE.top, width - EDGE.left - EDGE.right, height - EDGE.top - EDGE.bottom);
  context.textAlign = "center";
  const every = width < NARROW ? 2 : 1; // of the powers of ten, so that they do not touch
  for (let power = Math.ceil(from); power <= to + 1e-9; power += every) context.fillText(String(Number((10 ** power).toPrecision(1))), x(10 ** power), height - 14);
  context.textAlign = "right";
  for (const loss of [least, most]) context.fillText(shown(loss, 2), EDGE.left - 6, y(loss));
  context.save();
  context.beginPath();
  context.rect(EDGE.left, EDGE.top, width - EDGE.left - EDGE.right, height - EDGE.top - EDGE.bottom);
  context.clip();
  losses.forEach((loss, place) => {
    context.beginPath();
    context.arc(x(rates[place]), y(loss), 1.8, 0, 2 * Math.PI);
    context.fill();
  });
  Object.assign(context, { strokeStyle: css(classes[0]), lineWidth: 2.5 });
  context.beginPath();
  smoothed.forEach((loss, place) => context.lineTo(x(rates[place]), y(loss)));
  context.stroke();
  const rule = (rate, color, dash) => {
    if (!rate) return;
    Object.assign(context, { strokeStyle: color, lineWidth: 2 });
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x(rate), EDGE.top);
    context.lineTo(x(rate), height - EDGE.bottom);
    context.stroke();
    context.setLineDash([]);
  };
  rule(current, quiet, [2, 3]);
  rule(suggestion, css(negative), []);
  rule(pointed, ink, [6, 3]);
  context.restore();
  if (!pointed) return;
  Object.assign(context, { fillStyle: ink, textAlign: x(pointed) > width / 2 ? "right" : "left" });
  context.fillText(String(rounded(pointed)), x(pointed) + (x(pointed) > width / 2 ? -6 : 6), EDGE.top + 12);
}
