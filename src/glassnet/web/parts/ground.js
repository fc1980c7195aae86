// A surface seen from above, as bands of equal height, and what lies on it: paths and balls.

import { follow, near, plot } from "../playground/view/chart.js";
import { drawn, element, through } from "../playground/view/element.js";
import { rgb, theColors } from "../playground/view/heat.js";
import { lowest } from "./descent.js";

const BANDS = 14;
const [WIDTH, HEIGHT] = [560, 380];

export class Ground {
  /**
   * @param {object} surface Of two numbers.
   * @param {{label: string, put: (place: number[]) => void}} of What a click does.
   */
  constructor(surface, { label, put }) {
    const [xs, ys] = surface.reach;
    this.field = plot({ width: WIDTH, height: HEIGHT, xs, ys, label, x: "x", y: "y", bare: true });
    const { svg, inside, inner } = this.field;
    const canvas = element("canvas", { width: inner.right - inner.left, height: inner.bottom - inner.top });
    this.paint(canvas, surface);
    inside.append(drawn("image", { href: canvas.toDataURL(), x: inner.left, y: inner.top,
      width: inner.right - inner.left, height: inner.bottom - inner.top, preserveAspectRatio: "none" }));
    this.above = drawn("g");
    inside.append(this.above);
    follow(svg, (event) => {
      const [x, y] = this.field.at(event);
      put([Math.max(xs[0], Math.min(xs[1], x)), Math.max(ys[0], Math.min(ys[1], y))]);
    });
  }

  /** Bands from the paper's colour to the ink's, on a scale of powers, with thin edges. */
  paint(canvas, surface) {
    const { x, y, inner } = this.field;
    const { width, height } = canvas;
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const low = lowest(surface);
    const heights = Float64Array.from({ length: width * height }, (_, place) =>
      Math.log1p(Math.max(0, surface.f(x.back(inner.left + (place % width) + 0.5),
        y.back(inner.top + Math.floor(place / width) + 0.5)) - low)));
    const most = heights.reduce((largest, one) => Math.max(largest, one), 1e-9);
    const [paper, ink] = [theColors().paper, theColors().ink].map(rgb);
    const band = (place) => Math.min(BANDS - 1, Math.floor((BANDS * heights[place]) / most));
    for (let place = 0; place < heights.length; place++) {
      const edge = (place % width && band(place) !== band(place - 1)) || (place >= width && band(place) !== band(place - width));
      const share = (0.38 * band(place)) / BANDS + (edge ? 0.1 : 0);
      image.data.set([...paper.map((one, color) => one + share * (ink[color] - one)), 255], 4 * place);
    }
    context.putImageData(image, 0, 0);
  }

  /** Paths with a ball at the end of each: `[places, class]`. */
  show(paths) {
    const { x, y } = this.field;
    this.above.replaceChildren(...paths.flatMap(([places, kind]) => {
      /** @type {[number, number][]} */
      const points = places.map(([px, py]) => [near(x(px)), near(y(py))]);
      const circle = ([cx, cy], properties) => drawn("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), ...properties });
      return [
        drawn("path", { class: "halo", d: through(points) }), drawn("path", { class: `path ${kind}`, d: through(points) }),
        ...(points.length < 80 ? points.map((one) => circle(one, { class: `stop ${kind}`, r: 2.2 })) : []),
        circle(points.at(-1), { class: `ball ${kind}`, "data-symbol": "theta", r: 8 }),
      ];
    }));
  }
}
