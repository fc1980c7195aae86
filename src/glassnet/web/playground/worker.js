// The engine, beside the page: trains for a slice of time whenever a frame is wanted, and says what it has come to.

import { hasVectors, loadEngine } from "../loading.js";
import { readTable, TableError, textOf } from "./session/custom_data.js";
import { band } from "./session/fine_map.js";
import { findRate } from "./session/rate_finder.js";
import { Replay } from "./session/replay.js";
import { Session } from "./session/session.js";
import { Surface } from "./session/surface.js";
import { pose } from "./workout/drawing.js";

const BETWEEN = 250; // milliseconds between two examinations while it trains
const LEAST = 4; // milliseconds of training for each frame, however long the frame itself takes
const AT_ONCE = 300; // milliseconds of the way to a moment before the page is shown
const UNSEEN = ["surface", "surfaceRow", "rates", "pose", "band", "table"]; // orders whose answer has no frame
const STAYING = ["replay", "look", ...UNSEEN]; // orders that do not end the way to a moment

let session = null;
let surface = null;
let way = null; // to the moment that a link leads to
let examined = -Infinity;
let cost = 0; // milliseconds of a frame, a moving average
const loaded = loadEngine(new URL("../", import.meta.url));

/** What each order does; what it gives goes into the answer. */
const orders = {
  start: ({ choices, mistake }, engine) => {
    surface = null; // it was of the session before, whose memory is this one's now
    session = new Session(engine, choices, mistake);
    way = new Replay(session, choices.moment);
    way.advance(AT_ONCE);
    return { points: { train: session.train, test: session.test }, choices: session.choices, scalar: !hasVectors() };
  },
  replay: ({ milliseconds }) => way?.advance(milliseconds),
  run: ({ milliseconds, epochs, steps }) =>
    session.run(Math.max(LEAST, (milliseconds ?? Infinity) - cost), epochs ?? Infinity, steps ?? Infinity),
  goTo: ({ epoch }) => session.goTo(epoch),
  set: ({ place, value }) => session.setParameter(place, value),
  look: () => session.holdAt(),
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
  surfaceRow: ({ row }) => ({ losses: surface?.row(row) }),
  rates: () => ({ rates: findRate(session) }),
  band: (wanted) => ({ band: band(session, wanted) }),
  pose: ({ name, seed }, engine) => ({ posed: pose(engine, { name, seed }) }),
  table: readFile,
};

/** A large file takes a second, in which the page can be used. */
async function readFile({ file }) {
  try {
    return readTable(await textOf(file));
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    return { wrong: { words: error.message, values: error.values } };
  }
}

function slowed({ row }) {
  return { slowed: session.slowed(row ?? null), curves: session.curves() };
}

/** What is drawn; while it trains the network is examined now and then only. */
function seen({ order, slim }) {
  if (UNSEEN.includes(order)) return {};
  const began = performance.now();
  const answer = { frame: session.frame(!slim), ahead: way?.goes ? way.goal : null };
  cost += (performance.now() - began - cost) / 8;
  const settled = order !== "run" && order !== "replay";
  if (!slim && (settled || session.diverged || began - examined > BETWEEN)) {
    examined = began;
    answer.health = session.examine();
  }
  return answer;
}

onmessage = async ({ data }) => {
  let cause = "engine"; // until it is there
  try {
    const engine = await loaded;
    cause = "";
    if (!STAYING.includes(data.order)) way = null; // whoever does something else stays where the way has come to
    const given = await orders[data.order](data, engine);
    const answer = { number: data.number, ...given, ...seen(data) };
    const { maps = [], answers, parameters } = answer.frame ?? {};
    postMessage(answer, [...maps, answers, parameters, ...(answer.band?.tables ?? [])].flatMap((one) => (one ? [one.buffer] : [])));
  } catch (error) {
    postMessage({ number: data.number, error: error.message, cause });
  }
};
