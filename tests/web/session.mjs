// Sessions of the playground in node: what is asked for on the command line, as JSON.
import fs from "fs";

const [web, what] = process.argv.slice(2);
const from = (name) => import(`${web}/${name}`);
const { Engine } = await from("engine.js");
const { Session } = await from("playground/session/session.js");
const { fromAddress, outputsOf, sound, toAddress } = await from("playground/session/choices.js");
const { backward, lossWords } = await from("playground/view/chain.js");
const { update } = await from("playground/view/update.js");
const { StepNumbers } = await from("playground/session/step_numbers.js");
const { band } = await from("playground/session/fine_map.js");
const { findRate } = await from("playground/session/rate_finder.js");
const { Surface } = await from("playground/session/surface.js");
const { apart } = await from("playground/view/chart.js");
const { DIFFERENCES, differenceName, differenceReason, soundSide, startOf } = await from("playground/session/differences.js");
const { CONDITIONS } = await from("playground/lessons/conditions.js");
const { LESSONS } = await from("playground/lessons/lessons.js");
const { Replay } = await from("playground/session/replay.js");
const { CONDITION_WORDS } = await from("playground/lessons/lesson.js");
const { initial } = await from("playground/session/random.js");
const { readFormula } = await from("playground/session/expression.js");
const { readTable, textOf } = await from("playground/session/custom_data.js");
const { axesWith, columnInputs, pointsOf } = await from("playground/session/own_table.js");
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const recipes = JSON.parse(fs.readFileSync(`${web}/recipes.json`));
const engine = await Engine.load(fs.readFileSync(`${web}/engine.wasm`), recipes);
const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? [...one] : one)));

/** A session that has trained for so many epochs, and what a twin in Python is made of. */
function trained({ choices, epochs = 0, mistake }) {
  const session = new Session(engine, sound(choices), mistake);
  session.run(Infinity, epochs);
  const { network, train, rows, targets } = session;
  return { session, twin: { network, choices: session.choices, X: rows(train), y: targets(train), start: [...session.beginning.parameters] } };
}

/** A table that is read, with its points; or what is wrong with it. */
async function read(text) {
  try {
    const { own, left } = readTable(await text());
    const found = sound({ table: "own", own });
    return { ...own, left, names: own.axes.map((place) => own.columns[place].name), classes: own.columns[own.axes[2]].classes, points: pointsOf(found).map(({ x, y, target }) => [x, y, target]) };
  } catch (error) {
    return error.message;
  }
}

/** Elements of a page as plain data. */
const made = (tag) => ({ tag, children: [], setAttribute() {}, append(...more) { this.children.push(...more); } });
globalThis.document = { createElement: made, createElementNS: (_, tag) => made(tag) };

/** What is written within it has its numbers with all their digits; people get three. */
function withEveryDigit(write) {
  const { toPrecision, toExponential } = Number.prototype;
  Object.assign(Number.prototype, {
    toPrecision() { return String(this); },
    toExponential() { return toExponential.call(this); },
  });
  try {
    return write();
  } finally {
    Object.assign(Number.prototype, { toPrecision, toExponential });
  }
}

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
  kept: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    const kept = session.timeline.moments.map(({ found }) => found.epoch);
    const once = [...session.parameters];
    session.goTo(Math.floor(epochs / 2) + 1);
    const back = session.epoch;
    session.run(Infinity, epochs - back);
    return { kept, back, once, again: session.parameters };
  },
  slowed: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    const seen = session.slowed();
    session.apply();
    return { network: session.network, choices: session.choices, seen, parameters: session.parameters };
  },
  program: ({ choices, epochs, steps = 0 }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    if (steps) session.run(Infinity, 1, steps);
    return { program: session.asProgram(), parameters: session.parameters, found: session.found };
  },
  written: ({ choices, epochs, links, rows }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    const { loss, optimizer, penalty, strength, hidden } = session.choices;
    const facts = { loss, optimizer, penalty, strength, outputs: outputsOf(session.choices) };
    const slowed = session.slowed();
    const names = { unit: () => "", activation: (layer) => hidden[layer]?.activation };
    const last = new StepNumbers(slowed).dense.length - 1;
    return withEveryDigit(() => ({
      slowed,
      losses: rows.map((row) => lossWords(new StepNumbers(slowed, row), facts)),
      slopes: rows.map((row) => backward(new StepNumbers(slowed, row), { layer: last, from: 0, to: 0 }, names, facts)),
      updates: links.map((link) => update(new StepNumbers(slowed), link, facts)),
    }));
  },
  apart: ({ ends, height }) => apart(ends, height),
  examine: (given) => {
    const { session, twin } = trained(given);
    return { ...twin, health: session.examine(), parameters: session.parameters };
  },
  watched: ({ choices, epochs }) => [false, true].map((watched) => {
    const session = new Session(engine, sound(choices));
    for (let epoch = 0; epoch < epochs; epoch++) {
      session.run(Infinity, 1);
      if (watched) session.examine();
    }
    return [...session.parameters];
  }),
  step: (given) => {
    const { session, twin } = trained(given);
    const before = [...session.parameters];
    session.run(Infinity, Infinity, 1);
    return { ...twin, before, after: session.parameters, moved: session.moved, learned: session.program.learned, order: Array.from(session.order, Number) };
  },
  bands: ({ side, of, ...given }) => {
    const { session } = trained(given);
    const bands = [];
    for (let from = 0; from < side * side; from += bands.at(-1).count) bands.push(band(session, { side, from, of }));
    const tables = bands[0].tables.map((_, place) => bands.flatMap(({ tables: some }) => [...some[place]]));
    const { answers, maps } = session.frame();
    return { counts: bands.map(({ count }) => count), tables, answers, maps, grid: session.grid };
  },
  surface: (given) => {
    const { session, twin } = trained(given);
    const path = session.timeline.moments.map(({ state }) => [...state.parameters]);
    const surface = new Surface(session);
    const losses = surface.flat ? [] : [0, 15, 30].map((row) => surface.row(row));
    return { ...twin, path, ...surface.outline, losses, parameters: session.parameters };
  },
  rates: (given) => {
    const { session } = trained(given);
    const before = [...session.parameters];
    return { ...findRate(session), before, after: session.parameters };
  },
  differences: (choices) => Object.entries(DIFFERENCES).flatMap(([what, values]) => values.map((value) => `${what}=${value}`))
    .map((one) => ({ one, name: differenceName(one), reason: differenceReason(one), start: startOf(sound(choices), one) })),
  table: (text) => read(() => text),
  bytes: ({ bytes }) => read(() => textOf(new Blob([new Uint8Array(bytes)]))),
  axes: (text) => {
    const { own } = readTable(text);
    const rows = (axes) => pointsOf({ own: { ...own, axes }, inputs: ["x1", "x2"] }).length;
    return { usual: own.axes, third: axesWith(own, 0, 2), exchanged: axesWith(own, 0, 1), predicted: axesWith(own, 2, 0), rows: [own.axes, [2, 1, 3]].map(rows) };
  },
  columns: (text) => {
    const { own } = readTable(text);
    const session = new Session(engine, sound({ table: "own", own, inputs: columnInputs(own), hidden: [] }));
    const { grid } = session;
    const { X } = session.slowed(2);
    const { grid: held } = session;
    session.holdAt();
    return { network: session.network, X: session.rows([...session.train, ...session.test]), grid, held, again: session.grid, row: session.rows([session.train[2]]), slowed: X, program: session.asProgram() };
  },
  back: ({ choices, place, value }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, 2);
    session.setParameter(place, value);
    session.run(Infinity, 4);
    const once = { ...session.moment(), parameters: [...session.parameters] };
    session.goTo(1);
    const before = session.moment();
    session.goTo(6);
    return { once, before, again: { ...session.moment(), parameters: session.parameters } };
  },
  infinite: (choices) => {
    const session = new Session(engine, sound(choices));
    session.setParameter(0, 3e38);
    session.run(Infinity, 3);
    session.goTo(0);
    const { diverged, found } = session.frame();
    return { diverged, loss: String(found.train.loss), findings: session.examine().findings, rates: findRate(session) };
  },
  read: (text) => fromAddress(text),
  side: (given) => soundSide(given),
  address: (choices) => fromAddress(`#${toAddress(sound(choices))}`),
  sound: (choices) => sound(choices),
  lesson: ({ lesson, stages }) => {
    const session = new Session(engine, sound({ lesson }));
    const begins = session.frame().lesson[0].every(({ met }) => met);
    let choices = session.choices;
    return { begins, stages: stages.map(({ part = {}, set = [], epochs = 0 }, stage) => {
      choices = sound({ ...choices, ...part });
      const now = new Session(engine, choices);
      set.forEach((value, place) => now.setParameter(place, value));
      const met = () => now.frame().lesson[stage].every((one) => one.met);
      while (!met() && now.epoch < epochs && !now.diverged) now.run(Infinity, 1);
      return { met: met(), epoch: now.epoch, conditions: now.frame().lesson[stage], last: stage + 1 === now.frame().lesson.length };
    }) };
  },
  lessons: () => ({ lessons: LESSONS, conditions: Object.keys(CONDITIONS), words: Object.keys(CONDITION_WORDS) }),
  moment: ({ choices, epochs, place, value, more }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    session.setParameter(place, value);
    session.run(Infinity, 1, 3);
    session.apply(5);
    session.run(Infinity, more);
    session.run(Infinity, 1, 2);
    const address = toAddress({ ...session.choices, moment: session.moment() });
    const other = new Session(engine, fromAddress(`#${address}`));
    const way = new Replay(other, other.choices.moment);
    while (way.goes) way.advance(0); // an epoch at a time
    return { once: session.parameters, again: other.parameters, epoch: [session.epoch, other.epoch], at: [session.at, other.at] };
  },
  factors: ({ schedule, progress }) => engine.factors(schedule, progress),
  schedules: () => Object.fromEntries(Object.entries(recipes.schedules).map(([name, { values }]) => [name, values])),
  weights: ({ initializer, shape }) => initial([{ kind: "weight", begins: "", shape, start: 0, stop: shape[0] * shape[1] }], 3, initializer),
  formula: ({ text, points }) => {
    try {
      const f = readFormula(text, 3);
      return points.map(([x, y]) => f(x, y));
    } catch (error) {
      return error.message;
    }
  },
  checked: ({ set = [], ...given }) => {
    const { session, twin } = trained(given);
    set.forEach((value, place) => session.setParameter(place, value));
    const parameters = [...session.parameters];
    return { ...twin, parameters, checked: session.checked(), same: parameters.every((one, place) => one === session.parameters[place]) };
  },
  scores: (given) => {
    const { choices, program, judges, test, found } = trained(given).session;
    const { answers } = judges[1].evaluate();
    return { ...found.test, answers, targets: test.map(({ target }) => target), outputs: program.outputs, loss: choices.loss };
  },
  stops: ({ choices, epochs }) => {
    const session = new Session(engine, sound(choices));
    session.run(Infinity, epochs);
    const first = { epoch: session.epoch, stopped: session.stopped, found: session.found };
    session.run(Infinity, 3);
    return { ...first, later: session.epoch };
  },
};
const found = [];
for (const one of given) found.push(plain(await answers[what](one)));
console.log(JSON.stringify(found));
