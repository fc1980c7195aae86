// The engine, beside the page: trains for a slice of time whenever a frame is wanted, and says what it has come to.

import { Engine } from "../engine.js";
import { Session } from "./session.js";

let session = null;
const loaded = load();

async function load() {
  const [bytes, recipes] = await Promise.all([
    fetch(new URL("../engine.wasm", import.meta.url)).then((answer) => answer.arrayBuffer()),
    fetch(new URL("../recipes.json", import.meta.url)).then((answer) => answer.json()),
  ]);
  return Engine.load(bytes, recipes);
}

const orders = {
  start: ({ choices }, engine) => { session = new Session(engine, choices); },
  run: ({ milliseconds, epochs, steps }) => session.run(milliseconds, epochs ?? Infinity, steps ?? Infinity),
  goTo: ({ epoch }) => session.goTo(epoch),
  set: ({ place, value }) => session.setParameter(place, value),
  apply: ({ row }) => session.apply(row),
  slow: () => {},
  take: () => {},
};

onmessage = async ({ data }) => {
  try {
    const engine = await loaded;
    orders[data.order](data, engine);
    const answer = { number: data.number, frame: session.frame() };
    if (data.order === "start") answer.points = { train: session.train, test: session.test };
    if (data.order === "take") answer.program = session.asProgram();
    if (data.order === "slow" || data.order === "apply") {
      Object.assign(answer, { slowed: session.slowed(data.row ?? null), curves: session.curves() });
    }
    postMessage(answer);
  } catch (error) {
    postMessage({ number: data.number, error: error.message });
  }
};
