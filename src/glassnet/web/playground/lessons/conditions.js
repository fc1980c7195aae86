// What lessons ask for, computed from the session's own state: how it stands, and whether that is enough.

import { canCheck, gradientCheck } from "../session/gradient_check.js";
import { LESSONS } from "./lessons.js";

const atLeast = (now, wanted) => ({ now, met: now >= wanted });
const atMost = (now, wanted) => ({ now, met: now <= wanted });

/** The gradient of the first layer beside that of the last, as the doctor sees it. */
function gradientShare(session) {
  const { layers } = session.examine();
  return layers.length ? layers[0].gradient / layers.at(-1).gradient : NaN;
}

/** How many hidden neurons pass no gradient on, whatever the row. */
function dead(session) {
  const { layers } = session.examine();
  return layers.length ? layers.reduce((sum, one) => sum + one.dead.length, 0) : NaN;
}

/** How many neurons of the first hidden layer do something that no other one does. */
function different({ program, parameters }) {
  const { shape: [inputs, outputs], start } = program.learned.find(({ name }) => name === "W");
  const column = (unit) => Array.from({ length: inputs }, (_, row) => parameters[start + row * outputs + unit].toPrecision(4)).join();
  return new Set(Array.from({ length: outputs }, (_, unit) => column(unit))).size;
}

/**
 * Each gives how it stands now, and whether that is what is wanted.
 * @type {Record<string, (session: import("../session/session.js").Session, wanted: number) => {now: number, met: boolean}>}
 */
export const CONDITIONS = {
  accuracy: ({ found }, wanted) => atLeast(found.test.score, wanted),
  trainAccuracy: ({ found }, wanted) => atLeast(found.train.score, wanted),
  r2: ({ found }, wanted) => atLeast(found.test.score, wanted),
  testLoss: ({ found }, wanted) => ({ now: found.test.loss, met: found.test.loss < wanted }),
  gap: ({ found }, wanted) => atLeast(found.test.loss / found.train.loss, wanted),
  epochs: ({ epoch }, wanted) => ({ now: epoch, met: epoch > 0 && epoch <= wanted }),
  atLeastEpochs: ({ epoch }, wanted) => atLeast(epoch, wanted),
  untrained: ({ epoch, at }) => ({ now: epoch, met: epoch === 0 && at === 0 }),
  neurons: ({ choices }, wanted) => atMost(choices.hidden.reduce((sum, { units }) => sum + units, 0), wanted),
  layers: ({ choices }, wanted) => atLeast(choices.hidden.length, wanted),
  noHidden: ({ choices }) => ({ now: choices.hidden.length, met: !choices.hidden.length }),
  diverged: (session) => ({ now: session.found.train.loss, met: session.diverged }),
  steady: (session) => ({ now: session.found.train.loss, met: !session.diverged }),
  faint: (session, wanted) => atMost(gradientShare(session), wanted),
  strong: (session, wanted) => atLeast(gradientShare(session), wanted),
  dead: (session, wanted) => atLeast(dead(session), wanted),
  alive: (session) => atMost(dead(session), 0),
  different: (session, wanted) => atLeast(different(session), wanted),
  gradientRight: (session, wanted) => {
    if (!canCheck(session.choices)) return { now: NaN, met: false };
    session.wrong ??= Math.max(...gradientCheck(session).map(({ error }) => error));
    return atMost(session.wrong, wanted);
  },
  rateFalls: ({ choices }) => ({ now: 0, met: choices.schedule !== "constant" }),
};

/** How a session stands in its lesson, stage by stage; null, if there is none. */
export function standing(session) {
  const lesson = LESSONS[session.choices.lesson];
  return lesson ? lesson.stages.map((stage) => stage.map(([kind, wanted]) =>
    ({ kind, wanted, ...CONDITIONS[kind](session, wanted) }))) : null;
}
