// A moment that a link leads to: the training again, and whatever a reader's hand has done on the way.

const MOST_EPOCHS = 1e6;
const MOST_HANDS = 500;

const count = (value, most) => (Number.isInteger(value) && value >= 0 && value <= most ? value : 0);

/** A moment of which nothing is out of range; null: there is none. */
export function soundMoment(given, parameters, rows) {
  if (!given || typeof given !== "object") return null;
  const point = (one) => ({ epoch: count(one?.epoch, MOST_EPOCHS), at: count(one?.at, rows) });
  const hands = (Array.isArray(given.hands) ? given.hands : []).slice(0, MOST_HANDS).map((one) => {
    if (Number.isInteger(one?.row)) return { ...point(one), row: count(one.row, rows - 1) };
    return { ...point(one), place: count(one?.place, parameters - 1), value: Number.isFinite(one?.value) ? one.value : 0 };
  });
  return { ...point(given), hands };
}

/** The way of a session that has just begun to a moment; it may be long, so it is gone in stretches. */
export class Replay {
  session; stops;

  /** @param {import("./session.js").Session} session */
  constructor(session, given) {
    const moment = soundMoment(given, session.program.parameters, session.train.length);
    Object.assign(this, { session, stops: moment ? [...moment.hands, moment] : [], goal: moment?.epoch ?? 0 });
  }

  /** Whether there is more to go. */
  get goes() {
    return this.stops.length > 0;
  }

  /** Go on for so long, at most to the moment itself. */
  advance(milliseconds = Infinity) {
    const end = performance.now() + milliseconds;
    const { session, stops } = this;
    while (stops.length && this.train(stops[0], end)) {
      const { place, value, row } = stops.shift();
      if (row !== undefined) session.apply(row);
      else if (place !== undefined) session.setParameter(place, value);
    }
    session.hold();
  }

  /** To an epoch, and so many rows of the next; false where time is over before. */
  train({ epoch, at }, end) {
    const { session } = this;
    while (session.epoch < epoch && !session.diverged) {
      session.steps(Infinity);
      if (performance.now() > end) return false;
    }
    if (session.epoch === epoch && at > session.at) session.steps(Math.ceil((at - session.at) / session.batch));
    return true;
  }
}
