// The dialog with a slice of the loss around the path of the training: where it went, and what lay beside it.

import { openWide } from "./card.js";
import { cleared } from "./curve.js";
import { element, shown } from "./element.js";
import { css, signed, theColors } from "./heat.js";
import { SIDE } from "./surface.js";
import { say } from "./words.js";

const BANDS = 14; // of equal ratios of the loss, so that the lines between them are contours
const SIZE = 420; // pixels that the picture is computed with

/** Go through the slice row by row, and draw it as it comes. @param {import("./remote.js").Remote} remote */
export async function openLandscape(remote) {
  const canvas = element("canvas", { id: "landscape", role: "img" });
  const words = element("p", { className: "quiet", "aria-live": "polite" }, say("surfaceComputing"));
  const here = element("p", { className: "quiet" });
  let open = true;
  openWide(say("surface"), () => { open = false; }, element("p", {}, say("surfaceWords")), canvas, here, words);
  const { surface } = await remote.ask("surface");
  if (surface.flat) {
    canvas.remove();
    words.textContent = say("surfaceFlat");
    return;
  }
  const rows = [];
  for (let row = 0; row < SIDE && open; row++) {
    rows.push((await remote.ask("surfaceRow", { row })).losses);
    draw(canvas, surface, rows);
  }
  if (!open) return;
  const all = rows.flat().filter(Number.isFinite);
  const [low, high] = [Math.min(...all, surface.loss), Math.max(...all)];
  const facts = {
    low: shown(low), high: shown(high), loss: shown(surface.loss), epoch: surface.epochs.at(-1),
    first: Math.round(100 * surface.shares[0]), second: Math.round(100 * surface.shares[1]),
  };
  words.textContent = say("surfaceSaid", facts);
  canvas.setAttribute("aria-label", words.textContent);
  canvas.onpointermove = ({ offsetX, offsetY }) => {
    const [column, row] = [offsetX / canvas.clientWidth, 1 - offsetY / canvas.clientHeight].map((share) =>
      Math.max(0, Math.min(SIDE - 1, Math.round(share * (SIDE - 1)))));
    here.textContent = say("surfaceHere", { loss: shown(rows[row][column]) });
  };
  canvas.onpointerleave = () => { here.textContent = ""; };
}

/** How much the loss is between the points of the slice. */
function between(rows, x, y) {
  const [left, down] = [Math.min(SIDE - 2, Math.floor(x)), Math.min(rows.length - 2, Math.floor(y))];
  const [across, up] = [x - left, y - down];
  const along = (row) => row[left] + across * (row[left + 1] - row[left]);
  return along(rows[down]) + up * (along(rows[down + 1]) - along(rows[down]));
}

function draw(canvas, { along, first, second }, rows) {
  const { context, width, height } = cleared(canvas);
  if (rows.length > 1) context.drawImage(bands(rows), 0, height * (1 - (rows.length - 1) / (SIDE - 1)), width, height * ((rows.length - 1) / (SIDE - 1)));
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
}

/** The rows that are known as a picture: bands of the loss, light where it is low. */
function bands(rows) {
  const finite = rows.flat().filter((loss) => Number.isFinite(loss) && loss > 0);
  const [low, high] = [Math.log(Math.min(...finite)), Math.log(Math.max(...finite))];
  const tall = Math.max(1, Math.round((SIZE * (rows.length - 1)) / (SIDE - 1)));
  const canvas = element("canvas", { width: SIZE, height: tall });
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIZE, tall);
  const colors = Array.from({ length: BANDS + 1 }, (_, band) => [...signed(band / BANDS).map(Math.round), 255]);
  for (let place = 0; place < SIZE * tall; place++) {
    const x = ((place % SIZE) / (SIZE - 1)) * (SIDE - 1);
    const y = (rows.length - 1) * (1 - Math.floor(place / SIZE) / Math.max(1, tall - 1));
    const loss = Math.log(Math.max(between(rows, x, y), 1e-12));
    const band = Number.isFinite(loss) ? Math.floor(Math.max(0, Math.min(0.999, (loss - low) / (high - low || 1))) * BANDS) : BANDS;
    image.data.set(colors[band], 4 * place);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
