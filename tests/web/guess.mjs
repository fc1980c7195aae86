// What the playground says of guesses, and reads of curves, in node: what is asked for on the command line, as JSON.
import fs from "fs";

const [web, what] = process.argv.slice(2);
const from = (name) => import(`${web}/${name}`);
const { inLanguage, say } = await from("language.js");
const { lossWords, mapWords } = await from("playground/session/guess.js");
const { boundaryOf, classesBetween } = await from("playground/session/regions.js");
const { readCurve } = await from("playground/session/expression.js");
const { GRID, gridPoints, points, wrongWith } = await from("playground/session/tables.js");
const { fromAddress, sound, toAddress } = await from("playground/session/choices.js");
const places = (all) => all.map(([x, y]) => ({ x, y }));

const answers = {
  loss: ({ guess, found, language = "en" }) => {
    inLanguage(language);
    return lossWords(guess, found.map(([epoch, loss]) => [epoch, loss ?? Infinity]), (loss) => loss.toFixed(2));
  },
  map: ({ guess, found, language = "en" }) => {
    inLanguage(language);
    return mapWords(guess, found, (one) => say("class {number}", { number: one }));
  },
  regions: ({ lines, rows }) => ({ grid: gridPoints(), classes: classesBetween(lines.map(places), rows.map(([x, y, target]) => ({ x, y, target }))) }),
  boundary: ({ outputs, loss, centers }) => boundaryOf(gridPoints().flatMap(({ x, y }) => centers.map(([a, b, sign]) => sign * ((x - a) ** 2 + (y - b) ** 2 - 1))), { outputs, loss }),
  curve: ({ text, at }) => {
    const wrong = wrongWith(readCurve, text);
    return wrong ? { words: say(wrong.message, wrong.values), place: wrong.place } : { values: at.map(readCurve(text, 3)) };
  },
  table: (choices) => ({ points: points(sound(choices)), again: fromAddress(`#${toAddress(sound(choices))}`).curve }),
  size: () => GRID,
};
const found = [];
for (const one of JSON.parse(fs.readFileSync(0, "utf8"))) found.push(answers[what](one));
console.log(JSON.stringify(found));
