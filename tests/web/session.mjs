// Sessions of the playground in node: what is asked for on the command line, as JSON.
import fs from "fs";

const [web, what] = process.argv.slice(2);
const from = (name) => import(`${web}/${name}`);
const { Engine } = await from("engine.js");
const { Session } = await from("playground/session.js");
const { fromAddress, sound, toAddress } = await from("playground/choices.js");
const { readTable } = await from("playground/own.js");
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const recipes = JSON.parse(fs.readFileSync(`${web}/recipes.json`));
const engine = await Engine.load(fs.readFileSync(`${web}/engine.wasm`), recipes);
const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? [...one] : one)));

const answers = {
  train: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    const { network, train, rows, targets } = session;
    const found = { network, choices: session.choices, X: rows(train), y: targets(train), start: [...session.parameters] };
    session.run(Infinity, epochs);
    return { ...found, parameters: session.parameters, statistics: session.statistics, found: session.found };
  },
  rewind: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    const once = [...session.parameters];
    session.goTo(Math.floor(epochs / 3));
    const back = session.found;
    session.run(Infinity, epochs - session.epoch);
    return { once, again: session.parameters, back };
  },
  slowed: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    const seen = session.slowed();
    session.apply();
    return { network: session.network, choices: session.choices, seen, parameters: session.parameters };
  },
  program: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    return { program: session.asProgram(), parameters: session.parameters };
  },
  table: (text) => {
    try {
      return readTable(text);
    } catch (error) {
      return error.message;
    }
  },
  address: (choices) => fromAddress(`#${toAddress(sound(choices))}`),
  sound: (choices) => sound(choices),
};
console.log(JSON.stringify(given.map((one) => plain(answers[what](one)))));
