// The answer on the page: its headline, its numbers, and the steps from the reference to it.

import { currentLanguage, say } from "../language.js";
import { phrase } from "../phrase.js";
import { byId, element } from "../playground/view/element.js";
import { answerText, cellText, changeText, decimalsOf, numberText, percentText, shareOf } from "./numbers.js";

/** So many classes, and so many reasons, are shown one by one. */
const MOST_CLASSES = 8, MOST_REASONS = 7;
/** Reasons in a sentence, each at least such a part of the whole way. */
const SPOKEN = 3, NEGLIGIBLE = 0.1;

/** What the number of this place is called in a sentence. */
export function whatIs(about, output) {
  const name = about.names[output];
  if (about.kind !== "number") return say(about.kind === "score" ? phrase("the score of “{name}”") : phrase("the probability of “{name}”"), { name });
  if (about.names.length === 1) return say("the prediction");
  return about.output === "quantiles" ? say("the {name} quantile", { name }) : say("prediction {name}", { name });
}

/** The place of the class that is predicted: the most probable one, or what the threshold or the costs of errors decide. */
export function placeOf({ positive, threshold, costs }, numbers) {
  if (numbers.length === 1) return 0;
  if (costs) {
    const expected = numbers.map((_, place) => costs.reduce((sum, row, truth) => sum + numbers[truth] * row[place], 0));
    return expected.indexOf(Math.min(...expected));
  }
  if (threshold === null) return numbers.indexOf(Math.max(...numbers));
  return numbers[positive] >= threshold ? positive : 1 - positive;
}

/** The headline: a class and how sure it is, or a number and its interval. */
export function showHeadline({ answer: about, target }, outputs, numbers) {
  byId("answer-title").textContent = target ? say("Prediction: {target}", { target }) : say("Prediction");
  const value = (name) => outputs[name]?.data[0];
  if (about.exclusive) {
    const label = outputs.label.data[0], place = placeOf(about, numbers);
    byId("says").textContent = typeof label === "string" ? label : about.names[place];
    byId("sure").textContent = about.kind === "score" ? say("score {value}", { value: numberText(numbers[place]) }) : say("probability {probability}", { probability: percentText(numbers[place]) });
    return;
  }
  byId("says").textContent = about.kind === "probability" || (about.names.length > 1 && about.output !== "quantiles")
    ? numbers.map((number) => answerText(about.kind, number)).join(" · ") : numberText(numbers[about.middle]);
  const [low, high] = outputs.lower ? [value("lower"), value("upper")] : about.output === "quantiles" ? [numbers[0], numbers.at(-1)] : [];
  byId("sure").textContent = low !== undefined ? say("{low} to {high} with a probability of {coverage}", { low: numberText(low), high: numberText(high), coverage: about.interval })
    : outputs.deviation ? say("give or take {value} (one standard deviation)", { value: numberText(value("deviation")) }) : "";
}

/** Bars of all classes, the likeliest first; or the number on the scale of training. */
export function showNumbers({ answer: about }, outputs, numbers) {
  byId("numbers").replaceChildren(...(about.kind === "number" ? scale(about, outputs, numbers) : classes(about, outputs, numbers)));
}

function classes(about, outputs, numbers) {
  if (about.kind === "score") return [];
  const order = numbers.map((_, place) => place);
  if (about.exclusive && order.length > 2) order.sort((one, other) => numbers[other] - numbers[one]);
  const bars = order.slice(0, MOST_CLASSES).map((place) => {
    const usual = about.usual?.[place];
    const tick = usual === undefined ? []
      : [element("span", { className: "tick", style: `--share: ${usual}`, title: say("{share} in the training data", { share: percentText(usual) }) })];
    return element("li", {}, element("span", { className: "name", textContent: about.names[place] }),
      element("span", { className: "track" }, element("span", { className: "fill", style: `--share: ${numbers[place]}` }), ...tick),
      element("span", { className: "number", textContent: percentText(numbers[place]) }));
  });
  const notes = [];
  if (about.usual) notes.push(say("The mark is the frequency in the training data."));
  if (about.threshold !== null)
    notes.push(say("“{name}” is predicted from a probability of {threshold} on.", { name: about.names[about.positive], threshold: percentText(about.threshold) }));
  if (about.costs) notes.push(say("The class with the lowest expected cost is predicted."));
  if (order.length > MOST_CLASSES) {
    const most = percentText(numbers[order[MOST_CLASSES - 1]]).replace("<", ""); // the sentence says "below"
    notes.push(say("{count} more, below {most}", { count: order.length - MOST_CLASSES, most }));
  }
  if (outputs.set) {
    const names = about.names.filter((_, place) => outputs.set.data[place]);
    notes.push(say(names.length ? phrase("With a probability of {coverage} it is one of: {names}") : phrase("At coverage {coverage}, no class fits this case: it is unlike the training data"), { coverage: about.interval, names: names.join(say(", ")) }));
  }
  return [element("ul", { className: "classes" }, ...bars), ...notes.map((textContent) => element("p", { className: "note", textContent }))];
}

function scale(about, outputs, numbers) {
  if (!about.usual) return [];
  const [least, middle, most] = about.usual;
  const [from, to] = outputs.lower ? [outputs.lower.data[0], outputs.upper.data[0]]
    : about.output === "quantiles" ? [numbers[0], numbers.at(-1)]
    : outputs.deviation ? [-1, 1].map((sign) => numbers[0] + sign * outputs.deviation.data[0]) : [numbers[0], numbers[0]];
  const low = Math.min(least, ...numbers), high = Math.max(most, ...numbers);
  const along = (value) => Math.min(1, Math.max(0, high > low ? shareOf(value, [low, high]) : 0));
  const part = (className, shares) =>
    element("span", { className, style: Object.entries(shares).map(([name, value]) => `--${name}: ${along(value)}`).join("; ") });
  const track = element("div", { className: "scale", role: "img", "aria-label": say("The median in the training data is {value}", { value: numberText(middle) }) },
    part("reach", { from, to }), part("tick", { share: middle }), part("dot", { x: numbers[about.middle] }));
  const ends = element("p", { className: "ends note" }, ...[low, high].map((value) => element("span", { textContent: numberText(value) })));
  return [track, ends, element("p", { className: "note", textContent: say("The median in the training data is {value}", { value: numberText(middle) }) })];
}

/** From the answer for the reference to that for the row: the largest contributions one by one, and a sentence. */
export function showReasons({ answer: about, fields }, row, { base, value, values }, reference, output) {
  const { kind } = about;
  const order = values.map((_, place) => place).filter((place) => values[place] !== 0)
    .sort((one, other) => Math.abs(values[other]) - Math.abs(values[one]));
  const main = order.slice(0, MOST_REASONS), rest = order.slice(MOST_REASONS);
  const steps = main.map((place) => ({ name: fields[place].name, cell: cellText(fields[place], row[place]), change: values[place] }));
  if (rest.length) steps.push({ name: say("all other columns ({count})", { count: rest.length }), cell: "", change: rest.reduce((sum, place) => sum + values[place], 0) });
  const reached = steps.reduce((all, { change }) => [...all, all.at(-1) + change], [base]);
  const low = Math.min(...reached), span = Math.max(...reached) - low || 1;
  const along = (number) => (number - low) / span;
  const decimals = decimalsOf(kind, values);
  const end = (name, number) => line("end", name, "", [number, number], answerText(kind, number));
  const line = (look, name, cell, [from, to], text) => {
    const [left, right] = [along(Math.min(from, to)), along(Math.max(from, to))];
    const bar = element("span", { className: `step ${look}`, style: `--from: ${left}; --to: ${right}` });
    return element("li", { className: look }, element("span", { className: "name" }, name, ...(cell ? [element("span", { className: "cell", textContent: ` ${cell}` })] : [])),
      element("span", { className: "track" }, bar), element("span", { className: "number", textContent: text }));
  };
  const drawnSteps = steps.map(({ name, cell, change }, n) => line(change > 0 ? "up" : "down", name, cell, [reached[n], reached[n + 1]], changeText(kind, change, decimals)));
  byId("steps").replaceChildren(...(order.length ? [end(reference, base), ...drawnSteps, end(say("this case"), value)] : []));
  byId("steps-note").textContent = order.length ? say(kind === "probability" ? phrase("Bars are percentage points: contributions sum exactly to the difference from the {reference}.") : phrase("Contributions sum exactly to the difference from the {reference}."), { reference }) : "";
  byId("sentence").textContent = sentence({ about, fields, row, values, order, base, value, output });
}

function sentence({ about, fields, row, values, order, base, value, output }) {
  if (!order.length) return say("This is the reference case. Change a value to see its contribution.");
  const toward = order.filter((place) => values[place] > 0 === value > base);
  const enough = toward.slice(0, SPOKEN).filter((place, n) => n === 0 || Math.abs(values[place]) >= NEGLIGIBLE * Math.abs(values[toward[0]]));
  const decimals = decimalsOf(about.kind, values);
  const reasons = enough.map((place) => say("{column} is {cell} ({change})", { column: fields[place].name, cell: cellText(fields[place], row[place]), change: changeText(about.kind, values[place], decimals) }));
  const [answer, other] = [value, base].map((number) => answerText(about.kind, number));
  const what = whatIs(about, output);
  const spoken = [reasons.slice(0, -1).join(say(", ")), reasons.at(-1)].filter(Boolean).join(say(" and "));
  const first = currentLanguage() === "en" ? what[0].toUpperCase() : what[0]; // in Chinese the name of a class may come first
  return say("{what} is {answer} rather than {base}, mostly because {reasons}.", { what: first + what.slice(1), answer, base: other, reasons: spoken });
}
