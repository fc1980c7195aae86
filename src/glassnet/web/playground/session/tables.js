// Toy tables: points of the square from -3 to 3, each with a class or a number; the grid of the plane at which maps are drawn.

import { phrase } from "../../phrase.js";
import { FormulaError, readCurve, readFormula } from "./expression.js";
import { normalFrom, uniformFrom } from "./random.js";

/** Half the side of the square that points are in. */
export const REACH = 3;
const WIDE = 0.92 * REACH;

/** @typedef {{x: number, y: number, target: number}} Point A class from 0 on, or a number from -1 to 1. */

/** A point at an angle and a distance from the middle. */
const polar = (radius, angle) => ({ x: radius * Math.cos(angle), y: radius * Math.sin(angle) });

/** A point of the plane, each as likely as another. */
const anywhere = (uniform) => ({ x: (2 * uniform() - 1) * WIDE, y: (2 * uniform() - 1) * WIDE });

/** @type {Record<string, {name: string, task: "classes"|"numbers", classes?: number, draw: Function}>} */
export const TABLES = {
  spirals: {
    name: phrase("two spirals"), task: "classes", classes: 2,
    draw: ({ row, rows }) => {
      const target = row % 2;
      const along = Math.floor(row / 2) / (rows / 2);
      return { ...polar(WIDE * along, 1.3 * along * 2 * Math.PI + Math.PI * target), target, spread: 0.5 };
    },
  },
  circle: {
    name: phrase("circle"), task: "classes", classes: 2,
    draw: ({ uniform, row }) => {
      const target = row % 2;
      const radius = target ? WIDE * (0.7 + 0.3 * uniform()) : WIDE * 0.5 * Math.sqrt(uniform());
      return { ...polar(radius, 2 * Math.PI * uniform()), target };
    },
  },
  xor: {
    name: phrase("XOR"), task: "classes", classes: 2,
    draw: ({ uniform }) => {
      const { x, y } = anywhere(uniform);
      const gap = 0.12;
      return { x: x + Math.sign(x) * gap, y: y + Math.sign(y) * gap, target: Number(x * y < 0) };
    },
  },
  gaussians: {
    name: phrase("two Gaussians"), task: "classes", classes: 2,
    draw: ({ normal, row }) => {
      const target = row % 2;
      const middle = target ? -1.2 : 1.2;
      return { x: middle + 0.5 * normal(), y: middle + 0.5 * normal(), target };
    },
  },
  moons: {
    name: phrase("moons"), task: "classes", classes: 2,
    draw: ({ uniform, row }) => {
      const target = row % 2;
      const { x, y } = polar(1.7, Math.PI * uniform());
      return target ? { x: 0.85 - x, y: 0.35 - y, target } : { x: x - 0.85, y: y - 0.35, target };
    },
  },
  rings: {
    name: phrase("three rings"), task: "classes", classes: 3,
    draw: ({ uniform, row }) => {
      const target = row % 3;
      return { ...polar(WIDE * [0.22, 0.58, 0.94][target] + 0.2 * (uniform() - 0.5), 2 * Math.PI * uniform()), target };
    },
  },
  checkerboard: {
    name: phrase("checkerboard"), task: "classes", classes: 2,
    draw: ({ uniform }) => {
      const { x, y } = anywhere(uniform);
      return { x, y, target: (Math.floor((2 * (x + REACH)) / REACH) + Math.floor((2 * (y + REACH)) / REACH)) % 2 };
    },
  },
  curve: {
    name: phrase("above or below f(x)"), task: "classes", classes: 2,
    draw: ({ uniform, curve }) => {
      const { x, y } = anywhere(uniform);
      return { x, y, target: Number(y > curve(x)) };
    },
  },
  blobs: {
    name: phrase("five blobs"), task: "classes", classes: 5,
    draw: ({ normal, row }) => {
      const target = row % 5;
      const { x, y } = polar(1.9, (2 * Math.PI * target) / 5 + 0.3);
      return { x: x + 0.42 * normal(), y: y + 0.42 * normal(), target };
    },
  },
  plane: {
    name: phrase("plane"), task: "numbers",
    draw: ({ uniform }) => {
      const { x, y } = anywhere(uniform);
      return { x, y, target: (x + y) / (2 * REACH) };
    },
  },
  hills: {
    name: phrase("hills"), task: "numbers",
    draw: ({ uniform }) => {
      const { x, y } = anywhere(uniform);
      const hill = (a, b, sign) => sign * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / 0.9);
      const all = [hill(-1.8, 1.2, 1), hill(0, 1.2, -1), hill(1.8, 1.2, 1), hill(-1.8, -1.2, -1), hill(0, -1.2, 1)];
      return { x, y, target: all.reduce((sum, one) => sum + one, hill(1.8, -1.2, -1)) };
    },
  },
  sine: {
    name: phrase("noisy sine"), task: "numbers",
    draw: ({ uniform }) => {
      const { x, y } = anywhere(uniform);
      return { x, y, target: 0.9 * Math.sin(2 * x) };
    },
  },
};

/**
 * Points of a toy table; noise moves points of classes, and targets that are numbers.
 * @param {{table: string, rows: number, noise: number, draw: number, curve: string}} choices
 * @returns {Point[]}
 */
export function points({ table, rows, noise, draw: seed, curve: formula }) {
  const { task, draw } = TABLES[table];
  const curve = table === "curve" ? readCurve(formula, REACH) : null;
  const uniform = uniformFrom(seed);
  const normal = normalFrom(uniform);
  return Array.from({ length: rows }, (_, row) => {
    const { x, y, target, spread = 1 } = draw({ uniform, normal, row, rows, curve });
    const [dx, dy, dt] = [normal(), normal(), normal()].map((one) => noise * one);
    if (task === "numbers") return { x, y, target: target + 0.6 * dt };
    return { x: x + spread * dx, y: y + spread * dy, target };
  });
}

/** The inputs that can be made of a point. */
export const INPUTS = {
  x1: (x) => x,
  x2: (x, y) => y,
  "x1^2": (x) => x * x,
  "x2^2": (x, y) => y * y,
  "x1*x2": (x, y) => x * y,
  "sin 2x1": (x) => Math.sin(2 * x),
  "sin 2x2": (x, y) => Math.sin(2 * y),
};

/** What is wrong with a formula, as `read` finds it; null, where it can be read. */
export function wrongWith(read, text) {
  try {
    read(text, REACH);
    return null;
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    return error;
  }
}

const known = new Map();

/**
 * An input by its name, or a formula of the reader's own; null: it cannot be read.
 * @returns {((x: number, y: number) => number) | null}
 */
export function inputOf(name) {
  if (Object.hasOwn(INPUTS, name)) return INPUTS[name];
  if (!known.has(name) && !wrongWith(readFormula, name)) known.set(name, readFormula(name, REACH));
  return known.get(name) ?? null;
}

/** Points along a side of the maps of a frame. */
export const GRID = 40;

/** Points of a grid with so many along a side, line by line: all, or some of them. @returns {{x: number, y: number}[]} */
export function gridPoints(side = GRID, from = 0, count = side * side) {
  return Array.from({ length: count }, (_, place) => ({
    x: ((((from + place) % side) + 0.5) / side) * 2 * REACH - REACH,
    y: REACH - ((Math.floor((from + place) / side) + 0.5) / side) * 2 * REACH,
  }));
}
