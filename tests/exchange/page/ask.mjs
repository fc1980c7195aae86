// The scripts of a page in node, without a page: each question on the standard input is answered as JSON.
import fs from "fs";

const [web] = process.argv.slice(2);
const { Graph } = await import(`${web}/model/graph.js`);
const { Model } = await import(`${web}/model/questions.js`);
const { asTyped, changeText, decimalsOf, fromTyped } = await import(`${web}/model/numbers.js`);
const { placeOf } = await import(`${web}/model/answer.js`);
const { tried } = await import(`${web}/model/curves.js`);
const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => (Number.isFinite(one) || typeof one !== "number" ? one : String(one))));
const list = ({ shape, data }) => ({ shape, data: [...data] });

const answers = {
  evaluate: async ({ graph, cells, rows }) => {
    const numbers = (each) => each.map((cell) => (typeof cell === "string" && cell === "NaN" ? NaN : cell));
    const outputs = (await Graph.read(graph)).evaluate(cells.map(numbers), rows);
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, list(value)]));
  },
  outputs: async ({ about, rows }) => {
    const outputs = new Model(await Graph.read(about.graph), about.answer).outputs(rows);
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, list(value)]));
  },
  reasons: async ({ about, row, reference, output }) => new Model(await Graph.read(about.graph), about.answer).contributions(row, reference, output),
  curves: async ({ about, row, cells, output }) => new Model(await Graph.read(about.graph), about.answer).changed(row, cells, output),
  places: async ({ about, rows }) => {
    const model = new Model(await Graph.read(about.graph), about.answer);
    return (await model.answers(rows)).map((numbers) => about.answer.names[placeOf(about.answer, numbers)]);
  },
  tried: async (field) => tried(field),
  changes: async ({ kind, changes }) => changes.map((change) => changeText(kind, change, decimalsOf(kind, changes))),
  typed: async (cells) => cells.map(([kind, cell]) => [asTyped[kind](cell), fromTyped[kind](asTyped[kind](cell))]),
};
const found = [];
for (const { what, question } of JSON.parse(fs.readFileSync(0, "utf8"))) found.push(plain(await answers[what](question)));
console.log(JSON.stringify(found));
