// Colours of numbers, from negative over the middle to positive, and of classes; and maps painted in them.

import { likeliest } from "../session/scores.js";

const SURE = 255; // steps from a class that is as likely as any to one that is certain
const PALE = 0.65; // how strong a certain class is in a map: as strong as its points, it would hide them

let colors = null;
let mixed = null;

/** A colour as the style sheet writes it, as three numbers. */
export const rgb = (text) => [1, 3, 5].map((place) => parseInt(text.slice(place, place + 2), 16));

/** The colours of the theme that an element stands in, as the style sheet says them. */
export function readColors(place = document.documentElement) {
  mixed = null;
  const style = getComputedStyle(place);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  colors = {
    positive: rgb(of("positive")), negative: rgb(of("negative")), middle: rgb(of("middle")),
    ink: of("ink"), quiet: of("quiet"), paper: of("paper"), sheet: rgb(of("paper")),
    classes: Array.from({ length: 8 }, (_, place) => rgb(of(`class-${place + 1}`))),
  };
}

export function theColors() {
  if (!colors) readColors();
  return colors;
}

/** The largest of some numbers, whatever their signs: what colours are scaled by. */
export function largestOf(numbers) {
  let most = 0;
  for (let place = 0; place < numbers.length; place++) if (Math.abs(numbers[place]) > most) most = Math.abs(numbers[place]);
  return most;
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

const squares = new WeakMap(); // of canvases that maps are painted in, again and again

/** The pixels of a canvas with this side, and how to show them. */
function square(canvas, side) {
  if (canvas.width !== side || !squares.has(canvas)) {
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    const image = context.createImageData(side, side);
    squares.set(canvas, { pixels: new Uint32Array(image.data.buffer), show: () => context.putImageData(image, 0, 0) });
  }
  return squares.get(canvas);
}

/** Of a column of a table of numbers the factor that brings it to the steps of `shades`, and whether it varies at all. */
export function scaleOf(numbers, column, columns) {
  let [low, high] = [Infinity, -Infinity];
  for (let place = column; place < numbers.length; place += columns) {
    const number = numbers[place];
    if (number < low) low = number;
    if (number > high) high = number;
  }
  const largest = Math.max(Math.abs(low), Math.abs(high), 1e-9);
  return { factor: 255 / largest, varies: high - low > 1e-6 * largest };
}

/** What a unit answers: a column of a table of numbers, scaled by the largest. */
export function unitMap(canvas, side, numbers, column, columns) {
  const { factor } = scaleOf(numbers, column, columns);
  const { pixels, show } = square(canvas, side);
  const colored = shades();
  for (let place = 0; place < pixels.length; place++) {
    pixels[place] = colored[255 + Math.round(factor * numbers[place * columns + column])];
  }
  show();
}

/** The colours of a class from the middle on, the surer the stronger, each as a pixel. */
function shadesOf(number, classes) {
  const known = (theColors().shades ??= new Map());
  const name = `${number} of ${classes}`;
  if (!known.has(name)) {
    const [from, to] = [theColors().middle, ofClass(number, classes)];
    known.set(name, Uint32Array.from({ length: SURE + 1 }, (_, step) => pixel(mix(from, to, (PALE * step) / SURE))));
  }
  return known.get(name);
}

/** The likeliest class of each point, as strong as it is sure. */
function classMap(pixels, answers, { classes, outputs }, discrete) {
  const all = Array.from({ length: outputs }, (_, number) => shadesOf(number, classes));
  const none = pixel(theColors().sheet);
  for (let place = 0; place < pixels.length; place++) {
    const start = place * outputs;
    const best = likeliest(answers, start, outputs);
    const sure = (answers[start + best] - 1 / outputs) / (1 - 1 / outputs);
    const step = Math.round(SURE * Math.max(0, sure));
    pixels[place] = Number.isNaN(step) ? none : all[best][discrete ? SURE : step]; // what has diverged has no answer
  }
}

/** What the network answers: one number in the colours of signs, or the likeliest class. */
export function answerMap(canvas, side, answers, facts, discrete) {
  const { classes, outputs, loss } = facts;
  const { pixels, show } = square(canvas, side);
  if (outputs > 1) classMap(pixels, answers, facts, discrete);
  else {
    const colored = shades();
    const none = pixel(theColors().sheet);
    const strength = 255 * (classes ? PALE : 1); // numbers have the colour of points with the same target
    for (let place = 0; place < pixels.length; place++) {
      const value = loss === "binary_cross_entropy" ? 2 * answers[place] - 1 : answers[place];
      const decided = discrete && classes ? Math.sign(value) : value;
      pixels[place] = colored[255 + Math.round(strength * Math.max(-1, Math.min(1, decided)))] ?? none;
    }
  }
  show();
}
