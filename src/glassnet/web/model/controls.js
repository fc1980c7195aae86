// A field of the form: what sets one column, with its what-if curve, and the box that says it is not known.

import { say } from "../language.js";
import { drawn, element } from "../playground/view/element.js";
import { curveText, drawBars, drawLine, heightOn, MOST_LEVELS } from "./curves.js";
import { answerText, asTyped, atShare, cellText, changeText, decimalsOf, fromTyped, OTHER, rounded, shareOf, stepOf } from "./numbers.js";

/** Up to so many choices lie open. */
const MOST_OPEN = 5;
const TYPES = { number: "number", duration: "number", date: "date", datetime: "datetime-local", time: "time" };

/**
 * The control of a column. `changed` is called with each new cell.
 * It has a root to put on the page, `set` for another cell, and `show` for its curve.
 */
export function control(field, place, changed) {
  const inside = field.kind === "boolean" ? opened(field, place, [1, 0])
    : field.kind === "text" ? written(field, place)
    : !field.levels ? ordered(field, place)
    : field.levels.length + field.other > MOST_LEVELS ? typed(field, place)
    : field.levels.length + field.other > MOST_OPEN ? listed(field, place)
    : opened(field, place, choices(field));
  const box = element("input", { type: "checkbox" });
  const unknown = element("label", { className: "unknown", title: field.gaps ? "" : say("This column was never missing in the training data") },
    box, ` ${say("unknown")}`, element("span", { className: "hidden", textContent: ` (${field.name})` }));
  const isGroup = inside.group;
  const root = element("div", { className: "field", ...(isGroup ? { role: "radiogroup", "aria-labelledby": `name-${place}` } : {}) },
    element("div", { className: "head" },
      element(isGroup ? "span" : "label", { id: `name-${place}`, className: "name", textContent: field.name, ...(isGroup ? {} : { htmlFor: `value-${place}` }) }),
      ...(inside.beside ?? []), unknown),
    ...inside.below);
  let last = field.usual;
  const set = (cell) => {
    if (cell !== null) last = cell;
    box.checked = cell === null;
    root.classList.toggle("is-unknown", cell === null);
    inside.set(cell ?? last, cell === null);
  };
  inside.hear((cell) => { last = cell; changed(cell); });
  box.addEventListener("change", () => {
    set(box.checked ? null : last);
    changed(box.checked ? null : last);
  });
  return { root, set, show: inside.show ?? (() => {}), showWords: inside.showWords };
}

const choices = (field) => [...field.levels, ...(field.other ? [""] : [])];
const toCell = (field, choice) => (choice === "" && field.other ? OTHER : choice);

/** A slider below its curve, and beside it a box to type in. */
function ordered(field, place) {
  const box = element("input", { id: `value-${place}`, type: TYPES[field.kind], step: field.kind === "number" ? "any" : "1" });
  if (field.kind === "duration") box.step = "any";
  const note = element("p", { className: "warning", role: "status", hidden: true });
  const slides = field.ends && field.ends[0] < field.ends[1];
  const [low, high] = field.ends ?? [0, 0];
  const slider = element("input", { type: "range", min: String(low), max: String(high), step: slides ? String(stepOf(field)) : "1", "aria-label": say("{column}, slider", { column: field.name }) });
  const svg = drawn("svg", { role: "img", "aria-label": field.name, preserveAspectRatio: "none" });
  const dot = element("span", { className: "dot", hidden: true }); // until there is a curve
  const picture = element("div", { className: "picture" }, svg, dot);
  const check = (cell) => {
    const bad = Number.isNaN(cell), far = slides && (cell < low || cell > high);
    note.hidden = !bad && !far;
    note.textContent = bad ? say("not a number") : far ? say("outside the training range {low} to {high}", { low: cellText(field, low), high: cellText(field, high) }) : "";
    box.setAttribute("aria-invalid", String(bad));
  };
  const along = (cell) => Math.min(1, Math.max(0, shareOf(cell, [low, high])));
  return {
    beside: [box],
    below: slides ? [element("div", { className: "slide" }, picture, slider), note] : [note],
    set: (cell, unknown) => {
      box.value = unknown ? "" : asTyped[field.kind](cell);
      slider.value = String(cell);
      slider.setAttribute("aria-valuetext", unknown ? say("unknown") : cellText(field, cell));
      box.disabled = slider.disabled = unknown;
      check(cell);
    },
    hear: (tell) => {
      slider.addEventListener("input", () => {
        const cell = rounded(field, Number(slider.value));
        box.value = asTyped[field.kind](cell);
        slider.setAttribute("aria-valuetext", cellText(field, cell));
        check(cell);
        tell(cell);
      });
      box.addEventListener("input", () => {
        const cell = fromTyped[field.kind](box.value);
        check(cell);
        if (Number.isNaN(cell)) return;
        slider.value = String(cell);
        tell(cell);
      });
    },
    show: slides && (({ cells, values, scale, now, cell, kind, what }) => {
      drawLine(svg, field, cells, values, scale, now);
      svg.setAttribute("aria-label", curveText(field, cells, values, kind, what));
      dot.hidden = cell === null || cell < low || cell > high;
      dot.style.setProperty("--x", along(cell));
      dot.style.setProperty("--y", heightOn(scale)(now));
    }),
  };
}

/** Few choices, all to be seen, each with the answer that it would give. */
function opened(field, place, options) {
  const tiles = options.map((option) => {
    const radio = element("input", { type: "radio", name: `value-${place}`, value: option });
    const bar = element("span", { className: "fill" }), share = element("span", { className: "share" });
    const name = element("span", { className: "option", textContent: cellText(field, option) });
    return { option, radio, bar, share, root: element("label", { className: "tile" }, radio, name, share, bar) };
  });
  const longest = Math.max(...options.flatMap((option) => cellText(field, option).split(/[\s-]/)).map((word) => word.length));
  const all = element("div", { className: "tiles", style: `--longest: ${longest}` }, ...tiles.map((tile) => tile.root));
  return {
    group: true,
    below: [all],
    set: (cell, unknown) => tiles.forEach(({ option, radio }) => {
      radio.checked = !unknown && toCell(field, option) === cell;
      radio.disabled = unknown;
    }),
    hear: (tell) => tiles.forEach(({ option, radio }) => radio.addEventListener("change", () => tell(toCell(field, option)))),
    show: ({ cells, values, scale, kind }) => tiles.forEach(({ option, bar, share }) => {
      const at = cells.indexOf(option);
      share.textContent = at < 0 ? "" : answerText(kind, values[at]);
      bar.style.setProperty("--share", at < 0 ? 0 : heightOn(scale)(values[at]));
    }),
  };
}

/** More choices in a list, with a bar for each. */
function listed(field, place) {
  const select = element("select", { id: `value-${place}` },
    ...choices(field).map((level) => element("option", { value: level, textContent: cellText(field, level) })));
  const svg = drawn("svg", { role: "img", "aria-label": field.name, preserveAspectRatio: "none" });
  let tellAll = () => {};
  svg.addEventListener("click", (event) => {
    const level = field.levels[event.target.dataset?.cell];
    if (level === undefined || select.disabled) return;
    select.value = level;
    tellAll(level);
  });
  return {
    beside: [select],
    below: [element("div", { className: "picture bars" }, svg)],
    set: (cell, unknown) => {
      select.value = cell === OTHER ? "" : cell;
      select.disabled = unknown;
    },
    hear: (tell) => {
      tellAll = tell;
      select.addEventListener("change", () => tell(toCell(field, select.value)));
    },
    show: ({ cells, values, scale, cell, kind, what }) => {
      drawBars(svg, field, cells, values, scale, cell);
      svg.setAttribute("aria-label", curveText(field, cells, values, kind, what));
    },
  };
}

/** A text of any length, and below it its words, shaded by what each adds. */
function written(field, place) {
  const box = element("textarea", { id: `value-${place}`, rows: 3, placeholder: say("Type or paste a text"), "aria-describedby": `note-${place}` });
  const words = element("p", { className: "words", lang: "" }), note = element("p", { id: `note-${place}`, className: "note" });
  return {
    below: [box, words, note],
    set: (cell, unknown) => {
      box.value = unknown ? "" : cell;
      box.disabled = unknown;
    },
    hear: (tell) => box.addEventListener("input", () => tell(box.value)),
    showWords: (pieces, what) => {
      const largest = Math.max(...pieces.map(({ score }) => Math.abs(score)), 1e-9), decimals = decimalsOf("score", [largest]);
      words.replaceChildren(...pieces.map(({ piece, score }) => (piece.trim() === "" ? piece
        : element("mark", { className: score > 0 ? "up" : score < 0 ? "down" : "", style: `--share: ${Math.abs(score) / largest}`, title: changeText("score", score, decimals), textContent: piece }))));
      const total = pieces.reduce((sum, { score }) => sum + score, 0);
      note.textContent = pieces.length ? say("Words are shaded by what each adds to the score behind {what}: blue raises it; orange, underlined, lowers it. Together: {total}.", { what, total: changeText("score", total, decimals) }) : "";
    },
  };
}

/** Very many levels are typed, with proposals. */
function typed(field, place) {
  const box = element("input", { id: `value-${place}`, type: "text", "aria-describedby": `note-${place}` });
  box.setAttribute("list", `levels-${place}`);
  const note = element("p", { id: `note-${place}`, className: "note" });
  const proposals = element("datalist", { id: `levels-${place}` }, ...field.levels.map((level) => element("option", { value: level })));
  const check = (cell) => { note.textContent = field.levels.includes(cell) ? say("{count} known values", { count: field.levels.length }) : say("not a value seen in training"); };
  return {
    beside: [box],
    below: [proposals, note],
    set: (cell, unknown) => {
      box.value = unknown || cell === OTHER ? "" : cell;
      box.disabled = unknown;
      check(cell);
    },
    hear: (tell) => box.addEventListener("input", () => {
      check(box.value);
      tell(box.value);
    }),
  };
}

/** A cell of a column by chance: each level as likely as another, half of the numbers below the middle. */
export function anyCell(field, uniform) {
  if (field.kind === "boolean") return Number(uniform() < 0.5);
  if (field.levels) return field.levels[Math.floor(uniform() * field.levels.length)] ?? null;
  if (!field.ends || field.ends[0] === field.ends[1]) return field.usual;
  const [low, high] = field.ends, share = uniform() ** 2;
  const cell = atShare(share, [field.usual, uniform() < 0.5 ? low : high]);
  return rounded(field, cell);
}
