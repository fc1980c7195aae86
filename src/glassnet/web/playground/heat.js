// Colours of numbers, from negative over the middle to positive, and of classes; and maps painted in them.

let colors = null;
let mixed = null;

const parse = (text) => [1, 3, 5].map((place) => parseInt(text.slice(place, place + 2), 16));

/** The colours of the theme that an element stands in, as the style sheet says them. */
export function readColors(place = document.documentElement) {
  mixed = null;
  const style = getComputedStyle(place);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  colors = {
    positive: parse(of("positive")), negative: parse(of("negative")), middle: parse(of("middle")),
    ink: of("ink"), quiet: of("quiet"), paper: of("paper"), sheet: parse(of("paper")),
    classes: Array.from({ length: 8 }, (_, place) => parse(of(`class-${place + 1}`))),
  };
}

export function theColors() {
  if (!colors) readColors();
  return colors;
}

const mix = (from, to, share) => from.map((value, place) => value + share * (to[place] - value));

/** The colour of a number from -1 to 1. */
export function signed(value) {
  const { positive, negative, middle } = theColors();
  return mix(middle, value < 0 ? negative : positive, 0.9 * Math.min(1, Math.abs(value)));
}

/** A colour as a pixel of a canvas. */
export const pixel = ([red, green, blue]) =>
  ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;

/** The same for 511 steps from -1 to 1, each as a pixel. */
export function shades() {
  mixed ??= Uint32Array.from({ length: 511 }, (_, step) => pixel(signed((step - 255) / 255)));
  return mixed;
}

export const css = (color) => `rgb(${color.map(Math.round).join(" ")})`;

/** The colour of a class; of two, those of signs. */
export function ofClass(number, classes) {
  const { classes: all, positive, negative } = theColors();
  return classes === 2 ? [negative, positive][number] : all[number % all.length];
}

/** A square of pixels of this side in a canvas, and how to show it. */
function square(canvas, side) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  return { image, show: () => context.putImageData(image, 0, 0) };
}

/** Paint one pixel for each place of a square of this side. */
function paint(canvas, side, color) {
  const { image, show } = square(canvas, side);
  for (let place = 0; place < side * side; place++) {
    const [red, green, blue] = color(place);
    image.data.set([red, green, blue, 255], 4 * place);
  }
  show();
}

/** What a unit answers: a column of a table of numbers, scaled by the largest; gives whether it varies at all. */
export function unitMap(canvas, side, numbers, column, columns) {
  let [low, high] = [Infinity, -Infinity];
  for (let place = column; place < numbers.length; place += columns) {
    low = Math.min(low, numbers[place]);
    high = Math.max(high, numbers[place]);
  }
  const largest = Math.max(Math.abs(low), Math.abs(high), 1e-9);
  const { image, show } = square(canvas, side);
  const [pixels, colored] = [new Uint32Array(image.data.buffer), shades()];
  const scale = 255 / largest;
  for (let place = 0; place < pixels.length; place++) {
    pixels[place] = colored[255 + Math.round(scale * numbers[place * columns + column])];
  }
  show();
  return high - low > 1e-6 * largest;
}

/** What the network answers: one number in the colours of signs, or the likeliest class, as strong as it is sure. */
export function answerMap(canvas, side, answers, { classes, outputs, loss }, discrete) {
  const { middle } = theColors();
  paint(canvas, side, (place) => {
    if (outputs === 1) {
      const value = loss === "binary_cross_entropy" ? 2 * answers[place] - 1 : answers[place];
      const decided = classes ? Math.sign(value) : Math.round(2 * value) / 2;
      return signed(discrete ? decided : value);
    }
    const of = answers.subarray(place * outputs, (place + 1) * outputs);
    const best = of.indexOf(Math.max(...of));
    const sure = (of[best] - 1 / outputs) / (1 - 1 / outputs);
    return mix(middle, ofClass(best, classes), discrete ? 0.9 : 0.9 * Math.max(0, sure));
  });
}
