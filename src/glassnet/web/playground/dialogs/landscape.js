// The dialog with a slice of the loss around the path of the training: where it went, and what lay beside it.

import { say, together } from "../../language.js";
import { SIDE } from "../session/surface.js";
import { cleared } from "../view/chart.js";
import { ARROWS, element, shown } from "../view/element.js";
import { css, signed, theColors } from "../view/heat.js";
import { failure } from "../view/notice.js";
import { openWide } from "./dialog.js";

const BANDS = 14; // of equal ratios of the loss, so that the lines between them are contours
const LEAST = 1e-9; // a loss that is as good as none
const SIZE = 420; // pixels that the picture is computed with

/** Go through the slice row by row, and draw it as it comes. @param {import("../session/remote.js").Remote} remote */
export async function openLandscape(remote) {
  const canvas = element("canvas", { id: "landscape", role: "img" });
  const words = element("p", { className: "quiet", "aria-live": "polite" }, say("Computing …"));
  const here = element("p", { className: "quiet", "aria-live": "polite" });
  let open = true;
  openWide(say("Loss surface"), () => { open = false; }, element("p", {}, say("Training loss on a plane in weight space, spanned by the two directions in which training moved most. Blue is high, gray is low; each band is the same ratio of the loss. The path starts at the hollow circle and ends at the filled one.")), canvas, here, words);
  try {
    const { surface } = await remote.ask("surface");
    const rows = surface.flat ? [] : await computed(remote, () => open, (some) => draw(canvas, surface, bands(some), some.length));
    if (rows.length === SIDE) tellAbout(surface, rows, { canvas, words, here });
    else if (open) {
      canvas.remove();
      words.textContent = say("Training has not moved in two directions yet. Train for at least three epochs, then try again.");
    }
  } catch (error) {
    words.textContent = failure(error);
  }
}

/** The losses of the slice, each row as it comes; fewer rows, where nobody looks on, or the network is another one by now. */
async function computed(remote, wanted, come) {
  const rows = [];
  while (rows.length < SIDE && wanted()) {
    const { losses } = await remote.ask("surfaceRow", { row: rows.length });
    if (!losses) break;
    rows.push(losses);
    if (rows.length > 1) come(rows);
  }
  return rows;
}

/** What there is to see, in words; and the loss at the place that a pointer or the arrow keys are at. */
function tellAbout(surface, rows, { canvas, words, here }) {
  const all = rows.flat().filter(Number.isFinite);
  const [low, high] = [Math.min(...all, surface.loss), Math.max(...all)];
  const facts = {
    low: shown(low), high: shown(high), loss: shown(surface.loss), epoch: surface.epochs.at(-1),
    first: Math.round(100 * surface.shares[0]), second: Math.round(100 * surface.shares[1]),
  };
  words.textContent = say("Loss from {low} to {high}; currently {loss}, after epoch {epoch}. The two directions account for {first}% and {second}% of the movement.", facts);
  Object.assign(canvas, { tabIndex: 0 }).setAttribute("role", "application");
  canvas.setAttribute("aria-label", together(words.textContent, say("Use the arrow keys to read the loss at other points.")));
  const picture = bands(rows);
  let place = [SIDE >> 1, SIDE >> 1];
  const point = (now) => {
    place = now.map((one) => Math.max(0, Math.min(SIDE - 1, one)));
    const [column, row] = place;
    draw(canvas, surface, picture, SIDE, place);
    here.textContent = say("Loss here: {loss}", { loss: shown(rows[row][column]) });
  };
  canvas.onpointermove = ({ offsetX, offsetY }) =>
    point([offsetX / canvas.clientWidth, 1 - offsetY / canvas.clientHeight].map((share) => Math.round(share * (SIDE - 1))));
  canvas.onpointerleave = () => {
    draw(canvas, surface, picture, SIDE);
    here.textContent = "";
  };
  canvas.onkeydown = (event) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    point(place.map((one, axis) => one + way[axis]));
  };
}

/** How much the loss is between the points of the slice. */
function between(rows, x, y) {
  const [left, down] = [Math.min(SIDE - 2, Math.floor(x)), Math.min(rows.length - 2, Math.floor(y))];
  const [across, up] = [x - left, y - down];
  const along = (row) => row[left] + across * (row[left + 1] - row[left]);
  return along(rows[down]) + up * (along(rows[down + 1]) - along(rows[down]));
}

/** The path over a picture of so many rows of the slice, from the bottom; and a ring around the place that is pointed at. */
function draw(canvas, { along, first, second }, picture, rows, pointed = null) {
  const { context, width, height } = cleared(canvas);
  const tall = (rows - 1) / (SIDE - 1);
  context.drawImage(picture, 0, height * (1 - tall), width, height * tall);
  const place = ([x, y]) => [
    ((x - first[0]) / (first.at(-1) - first[0])) * width, height - ((y - second[0]) / (second.at(-1) - second[0])) * height];
  const { paper, negative, ink } = theColors();
  for (const [color, wide] of [[paper, 6], [css(negative), 3]]) {
    Object.assign(context, { strokeStyle: color, fillStyle: color, lineWidth: wide, lineJoin: "round" });
    context.beginPath();
    for (const one of along) context.lineTo(...place(one));
    context.stroke();
    for (const one of along) {
      context.beginPath();
      context.arc(...place(one), wide, 0, 2 * Math.PI);
      context.fill();
    }
  }
  const mark = (one, fill) => {
    context.beginPath();
    context.arc(...place(one), 8, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: fill, strokeStyle: ink, lineWidth: 2.5 });
    context.fill();
    context.stroke();
  };
  mark(along[0], paper);
  mark([0, 0], css(negative));
  if (!pointed) return;
  context.beginPath();
  context.arc(...place([first[pointed[0]], second[pointed[1]]]), 11, 0, 2 * Math.PI);
  context.stroke();
}

/** The rows that are known as a picture: bands of the loss, light where it is low. */
function bands(rows) {
  const logs = rows.flat().filter((loss) => Number.isFinite(loss) && loss > 0).map(Math.log);
  const [low, high] = logs.length ? [Math.min(...logs), Math.max(...logs)] : [0, 1];
  const tall = Math.max(1, Math.round((SIZE * (rows.length - 1)) / (SIDE - 1)));
  const canvas = element("canvas", { width: SIZE, height: tall });
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIZE, tall);
  const colors = Array.from({ length: BANDS + 1 }, (_, band) => [...signed(band / BANDS).map(Math.round), 255]);
  for (let place = 0; place < SIZE * tall; place++) {
    const x = ((place % SIZE) / (SIZE - 1)) * (SIDE - 1);
    const y = (rows.length - 1) * (1 - Math.floor(place / SIZE) / Math.max(1, tall - 1));
    const loss = Math.log(Math.max(between(rows, x, y), LEAST));
    const band = Number.isFinite(loss) ? Math.floor(Math.max(0, Math.min(0.999, (loss - low) / (high - low || 1))) * BANDS) : BANDS;
    image.data.set(colors[band], 4 * place);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
