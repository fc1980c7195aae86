// What the loss surfaces are called.

import { say } from "../language.js";
import { phrase } from "../phrase.js";

const NAMES = {
  parabola: phrase("parabola"),
  valleys: phrase("two valleys"),
  plateau: phrase("plateau"),
  bowl: phrase("bowl"),
  ravine: phrase("ravine"),
  saddle: phrase("saddle"),
  basins: phrase("two basins"),
  rosenbrock: phrase("Rosenbrock's valley"),
};

/** In the language of the reader. @param {string} surface A name of `SURFACES`. */
export const surfaceName = (surface) => say(NAMES[surface]);
