// The range test of the learning rate: one short training from the start, in which the rate grows from batch to batch until the
// loss explodes (Smith 2017, section 3.3). The rules are those of the library's `find_learning_rate`.

import { ema, ema_unbiased, exploded, has_fallen, RANGE_TEST } from "./limits.js";
import { trainingOf } from "./slow_step.js";
import { length, mean } from "./vectors.js";

const LOWEST = 1e-5;
const { highest: HIGHEST, steps: STEPS, smoothing: SMOOTHING, sure: SURE } = RANGE_TEST;

/** Rates, the loss of each batch before its step, and the moving average of those. @param {import("./session.js").Session} session */
export function findRate(session) {
  const { engine, train, choices, batch, beginning } = session;
  const top = engine.top;
  const training = trainingOf(session, beginning, train, batch);
  const rates = Array.from({ length: STEPS }, (_, step) => LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1)));
  const [losses, smoothed] = [[], []];
  let [average, order, epoch, ended] = [0, [], 0, false];
  for (const rate of rates) {
    if (order.length < batch) order = engine.shuffled(choices.seed, ++epoch, train.length);
    const loss = training.steps(order.splice(0, batch), batch, [rate]);
    if (!Number.isFinite(loss)) {
      ended = true;
      break;
    }
    average = ema(average, loss, 1 - SMOOTHING);
    losses.push(loss);
    smoothed.push(ema_unbiased(average, SMOOTHING, losses.length));
    ended = exploded(smoothed.at(-1), Math.min(...smoothed), Math.max(...smoothed.slice(0, SURE)));
    if (ended) break;
  }
  engine.top = top;
  return { rates: rates.slice(0, losses.length), losses, smoothed, exploded: ended, suggestion: suggest(rates, losses, smoothed) };
}

/** A tenth of the rate with the lowest smoothed loss, if by then it has fallen by more than it wavers. */
function suggest(rates, losses, smoothed) {
  if (losses.length < SURE) return null;
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  const start = losses.slice(0, SURE);
  const begin = mean(start);
  const spread = length(start.map((loss) => loss - begin)) / Math.sqrt(SURE);
  return has_fallen(begin, spread, smoothed[lowest]) ? rates[lowest] / 10 : null;
}
