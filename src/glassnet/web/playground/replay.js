// A moment that a link leads to: the training again, and whatever a reader's hand has done on the way.

const MOST_EPOCHS = 20_000;
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

/** Bring a session that has just begun to a moment. @param {import("./session.js").Session} session */
export function replay(session, given) {
  const moment = soundMoment(given, session.program.parameters, session.train.length);
  if (!moment) return;
  const train = ({ epoch, at }) => {
    while (session.epoch < epoch && !session.diverged) session.steps(Infinity);
    if (session.epoch === epoch && at > session.at) session.steps(Math.ceil((at - session.at) / session.batch));
  };
  for (const hand of moment.hands) {
    train(hand);
    if (hand.row === undefined) session.setParameter(hand.place, hand.value);
    else session.apply(hand.row);
  }
  train(moment);
}
