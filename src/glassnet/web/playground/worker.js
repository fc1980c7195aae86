// The engine, beside the page: trains for a slice of time whenever a frame is wanted, and says what it has come to.

import { loadEngine } from "../loading.js";
import { findRate } from "./rates.js";
import { replay } from "./replay.js";
import { Session } from "./session.js";
import { Surface } from "./surface.js";

const BETWEEN = 250; // milliseconds between two examinations while it trains
const LEAST = 4; // milliseconds of training for each frame, however long the frame itself takes
const UNSEEN = ["surface", "surfaceRow", "rates"]; // orders whose answer has no frame

let session = null;
let surface = null;
let examined = -Infinity;
let cost = 0; // milliseconds of a frame, a moving average
const loaded = loadEngine(new URL("../", import.meta.url));

/** What each order does; what it gives goes into the answer. */
const orders = {
  start: ({ choices, mistake }, engine) => {
    session = new Session(engine, choices, mistake);
    if (choices.moment) replay(session, choices.moment);
    return { points: { train: session.train, test: session.test }, choices: session.choices };
  },
  run: ({ milliseconds, epochs, steps }) =>
    session.run(Math.max(LEAST, (milliseconds ?? Infinity) - cost), epochs ?? Infinity, steps ?? Infinity),
  goTo: ({ epoch }) => session.goTo(epoch),
  set: ({ place, value }) => session.setParameter(place, value),
  look: () => {},
  slow: slowed,
  apply: ({ row }) => {
    session.apply(row);
    return slowed({ row });
  },
  take: () => ({ program: session.asProgram(), moment: session.moment() }),
  check: () => ({ checked: session.checked() }),
  surface: () => {
    surface = new Surface(session);
    return { surface: surface.outline };
  },
  surfaceRow: ({ row }) => ({ losses: surface.row(row) }),
  rates: () => ({ rates: findRate(session) }),
};

function slowed({ row }) {
  return { slowed: session.slowed(row ?? null), curves: session.curves() };
}

/** What is drawn; while it trains the network is examined now and then only. */
function seen({ order, slim }) {
  if (UNSEEN.includes(order)) return {};
  const began = performance.now();
  const answer = { frame: session.frame(!slim) };
  cost += (performance.now() - began - cost) / 8;
  if (!slim && (order !== "run" || session.diverged || began - examined > BETWEEN)) {
    examined = began;
    answer.health = session.examine();
  }
  return answer;
}

onmessage = async ({ data }) => {
  try {
    const engine = await loaded;
    const given = orders[data.order](data, engine);
    const answer = { number: data.number, ...given, ...seen(data) };
    const { maps = [], answers, parameters } = answer.frame ?? {};
    postMessage(answer, [...maps, answers, parameters].flatMap((one) => (one ? [one.buffer] : [])));
  } catch (error) {
    postMessage({ number: data.number, error: error.message });
  }
};
