// "Guess first": the loss or the boundary that a reader expects is drawn before training; then both lie in one picture, and words say
// what differs.

import { say, together } from "../../language.js";
import { phrase } from "../../phrase.js";
import { LESSONS } from "../lessons/lessons.js";
import { readCurve } from "../session/expression.js";
import { HANDLES, lossAt, lossWords, mapWords } from "../session/guess.js";
import { boundary, boundaryOf, classesBetween } from "../session/regions.js";
import { classAt } from "../session/scores.js";
import { GRID, REACH } from "../session/tables.js";
import { curve, follow, near, plot, scale } from "./chart.js";
import { moved, short, Strokes } from "./drawable.js";
import { ARROWS, button, byId, drawn, element, refill, select, shown, through } from "./element.js";
import { className } from "./names.js";

const SPANS = [10, 20, 50, 100, 200, 500, 1000];
const USUAL = 100; // epochs
const [HEIGHT, FARTHEST] = [170, 3]; // pixels; how many times the loss at the beginning the chart shows
const HIGH = 1.5; // how many times it a guess may be
const STEPS = 20; // of an arrow key from the bottom to the top
const NEXT = 0.08; // how far apart points of a stroke are
const SIDE = 600; // of the map, in the units of what lies over it
const across = scale([-REACH, REACH], [0, SIDE]);
const KINDS = { loss: phrase("Training loss"), boundary: phrase("Decision boundary") };

const onMap = (places) => through(places.map(({ x, y }) => [across(x), across(-y)]));

/** A line of the legend, and what it is. */
const keyed = (kind, words) => element("span", {}, drawn("svg", { class: "stroke", width: 28, height: 12, viewBox: "0 0 28 12", "aria-hidden": "true" },
  drawn("path", { class: kind, d: "M2,6H26" })), words);

export class Guess {
  page; frame; facts; points; from; drawnFor;
  /** @type {[number, number]} */
  pulled;

  /** @param {{choices: () => object, train: () => void, drawing: () => void}} page `drawing` hears that the map is wanted for drawing. */
  constructor(page) {
    Object.assign(this, { page, kind: "", span: USUAL, cross: { x: 0, y: 0 } });
    this.forget(0);
    byId("guess").onclick = () => this.look(this.kind ? "" : "loss");
    this.box = byId("guess-chart");
    follow(this.box, (event) => this.pull(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
    new Strokes({
      active: () => this.strokes,
      begin: (at) => { this.stroke = [at]; },
      on: (at) => {
        const last = this.stroke.at(-1);
        if (Math.hypot(at.x - last.x, at.y - last.y) > NEXT) this.stroke.push(at);
        this.drawMap();
      },
      end: () => this.lift(this.stroke),
      key: (event) => this.corner(event),
    });
  }

  /** Nothing is guessed any more; the next guess is of what comes after an epoch. */
  forget(from) {
    Object.assign(this, { from, losses: null, lines: [], stroke: [], corners: [], classes: null });
  }

  /** Training begins anew: a guess stays where its data, its loss and its beginning do. */
  begin(choices) {
    const { table, curve: formula, rows, noise, share, draw, own, loss, lesson } = choices;
    const about = JSON.stringify([table, table === "curve" && formula, rows, noise, share, draw, own, loss]);
    if (about !== this.about || lesson !== this.lesson || this.from > 0) this.forget(0);
    this.about = about;
    if (lesson === this.lesson) return;
    this.lesson = lesson;
    const wanted = LESSONS[lesson]?.guess;
    this.span = wanted?.epochs ?? (choices.epochs || USUAL);
    this.look(wanted?.kind ?? "");
  }

  /** A lesson begins again, even if it is the same. */
  anew() {
    this.lesson = null;
  }

  /** Whether a guess may be drawn: training has not come to what it is about. */
  get open() {
    return Boolean(this.frame) && this.frame.epoch <= this.from;
  }

  /** Whether the map is drawn on. */
  get strokes() {
    return this.kind === "boundary" && this.open;
  }

  /** Guess the loss, the boundary, or put it away (""). */
  look(kind) {
    this.kind = kind;
    if (kind === "boundary") this.page.drawing();
    this.show();
  }

  /** What has come meanwhile. */
  update(frame, facts, points) {
    Object.assign(this, { frame, facts, points });
    if (this.kind === "boundary" && !facts.classes) this.kind = "loss";
    this.show();
  }

  /** The curve that is expected, from the loss on that there is. @returns {import("../session/guess.js").Rows} */
  get rows() {
    const losses = [this.start, ...(this.losses ?? Array(HANDLES).fill(this.start))];
    return losses.map((loss, place) => [this.epochOf(place - 1), loss]);
  }

  epochOf = (place) => this.from + (this.span * (place + 1)) / HANDLES;

  /** @returns {import("../session/guess.js").Rows} */
  get found() {
    return this.frame.curve.map(([epoch, train]) => [epoch, train]);
  }

  get start() {
    const loss = lossAt(this.found, this.from);
    return Number.isFinite(loss) ? loss : 1;
  }

  get most() {
    return HIGH * this.start || 1;
  }

  /** The losses with one of them changed, within the chart. */
  with(place, loss) {
    this.losses = this.rows.slice(1).map(([, one], other) => (other === place ? Math.max(0, Math.min(this.most, short(loss))) : one));
  }

  /** The curve is drawn: points that the pointer passes are where it is; those that no stroke has come to yet go on level. */
  pull(event) {
    if (!this.open) return;
    if (event.type === "pointerdown") this.fresh = !this.losses;
    const [epoch, loss] = this.chart.at(event);
    /** @type {[number, number]} */
    const last = event.type === "pointerdown" ? [epoch, loss] : this.pulled;
    this.pulled = [epoch, loss];
    /** @type {[number, number][]} */
    const path = [last, this.pulled].sort(([one], [other]) => one - other);
    for (let place = 0; place < HANDLES; place++) {
      const at = this.epochOf(place);
      if (at > path[0][0] && at < path[1][0]) this.with(place, lossAt(path, at));
    }
    const nearest = Math.max(0, Math.min(HANDLES - 1, Math.round(((epoch - this.from) / this.span) * HANDLES) - 1));
    for (let place = nearest; place < (this.fresh ? HANDLES : nearest + 1); place++) this.with(place, loss);
    this.show();
  }

  /** The arrow keys move a point up and down, or go to the next one. */
  key(event) {
    const place = Number(event.target.dataset?.handle ?? NaN);
    const [right, up] = ARROWS[event.key] ?? [0, 0];
    if (Number.isNaN(place) || !(right || up)) return;
    event.preventDefault();
    event.stopPropagation();
    if (up) this.with(place, this.rows[place + 1][1] + (up * this.most) / STEPS);
    this.show();
    this.box.querySelector(`[data-handle="${place + right}"]`)?.focus();
  }

  /** A line on the map is done. */
  lift(line) {
    this.stroke = [];
    if (line.length > 1) this.lines = [...this.lines, line];
    this.show();
  }

  /** The arrow keys move the cursor, Enter sets a corner of the line; at the last corner it ends it. */
  corner(event) {
    const cross = moved(this.cross, event);
    if (cross) this.cross = cross;
    else if (event.key === "Backspace") this.corners = this.corners.slice(0, -1);
    else if (event.key !== "Enter" && event.key !== " ") return false;
    else if (this.corners.at(-1) === this.cross) {
      const line = this.corners;
      this.corners = [];
      this.lift(line);
    } else this.corners = [...this.corners, this.cross];
    this.show();
    return true;
  }

  /** What differs, in sentences. */
  get words() {
    if (!this.kind || !this.frame || this.open) return [];
    if (this.kind === "loss") return this.losses ? lossWords(this.rows, this.found, shown) : [];
    return this.lines.length ? mapWords(this.expected, Array.from({ length: GRID * GRID }, (_, row) => classAt(this.frame.answers, row, this.facts)),
      (one) => className(this.facts, one)) : [];
  }

  /** The classes that the lines mean. */
  get expected() {
    if (this.classes?.of !== this.lines) this.classes = { of: this.lines, map: classesBetween(this.lines, this.points) };
    return this.classes.map;
  }

  show() {
    byId("guess").setAttribute("aria-pressed", String(Boolean(this.kind)));
    byId("guessing").hidden = !this.kind;
    this.box.hidden = this.kind !== "loss";
    byId("curve").hidden = this.kind === "loss";
    if (!this.frame) return;
    if (this.used !== this.strokes) Strokes.use(this.strokes, say("Drawing area: the arrow keys move the cursor, Enter sets a corner of the line; Enter again ends it"));
    this.used = this.strokes;
    this.drawMap();
    if (!this.kind) return;
    if (this.kind === "loss") this.drawChart();
    this.showPanel();
    const words = this.words.length || this.open ? this.words : [say("You drew nothing before these epochs. Press “Guess again” to draw what comes next.")];
    const text = together(...words);
    if (byId("guess-words").textContent !== text) byId("guess-words").textContent = text;
  }

  /** What can be done, where that is something else than before. */
  showPanel() {
    const { kind, open, facts, span } = this;
    const drawn = kind === "loss" ? Boolean(this.losses) : this.lines.length + this.corners.length > 0;
    const state = JSON.stringify([kind, open, drawn, facts.classes > 0, span, document.documentElement.lang, this.frame.diverged]);
    if (state === this.drawnFor) return;
    this.drawnFor = state;
    const kinds = Object.keys(KINDS).filter((one) => one === "loss" || facts.classes);
    const pressed = (one) => ({ "aria-pressed": one === kind, "data-guess": one });
    const again = () => { this.forget(this.frame.epoch); this.show(); };
    const spans = [...new Set([...SPANS, span])].sort((one, other) => one - other);
    const ask = kind === "loss" ? say("Draw the training loss that you expect over the next epochs: in the chart, or with the arrow keys at its points. Then train.")
      : say("Draw the boundary that you expect on the map; with the arrow keys, Enter sets corners. Each side counts as the class of most of its points. Then train.");
    refill(byId("guessing"), "guess",
      element("div", { className: "bar" }, ...kinds.map((one) => button(say(KINDS[one]), () => this.look(one), pressed(one)))),
      ...(open ? [element("p", {}, ask)] : []),
      ...(open && kind === "loss" ? [element("label", { className: "typed" }, say("Epochs"),
        select(spans.map((one) => [one, String(one)]), span, (value) => { this.span = Number(value); this.show(); }, { "data-guess": "span" }))] : []),
      element("p", { id: "guess-words" }),
      element("p", { className: "key quiet" }, keyed("guess", say("your guess")),
        ...(kind === "loss" ? [keyed("train", say("Training loss")), keyed("test", say("Test loss"))] : open ? [] : [keyed("found", say("the network's boundary"))])),
      element("div", { className: "bar" },
        ...(open ? [button(say("Train"), this.page.train, { "data-guess": "train", className: "small" })] : []),
        button(say(open ? phrase("Clear") : phrase("Guess again")), again, { "data-guess": "again", disabled: open ? !drawn : this.frame.diverged, className: "small" }),
        button(say(open && !drawn ? phrase("Skip") : phrase("Close")), () => this.look(""), { "data-guess": "skip", className: "small" })));
  }

  /** Both curves over the same axes. */
  drawChart() {
    const { from, span, start, rows, open } = this;
    /** @type {[number, number]} */
    const xs = [Math.max(0, from - span), from + span];
    const { curve: course } = this.frame;
    const came = course.filter(([epoch, loss]) => epoch <= xs[1] && Number.isFinite(loss)).map(([, loss]) => loss);
    const top = Math.max(this.most, Math.min(FARTHEST * start, 1.05 * Math.max(...came, 0)));
    const label = say("The loss that you expect, and the loss that comes, over the epochs");
    this.chart = plot({ width: Math.max(200, this.box.clientWidth), height: HEIGHT, xs, ys: [0, top], label, x: say("Epoch"), y: say("loss") });
    const { svg, inside: field, x, y } = this.chart;
    svg.setAttribute("role", "group");
    this.box.classList.toggle("open", open);
    const path = (all, kind) => drawn("path", { class: kind, d: through(all.filter(([, loss]) => !Number.isNaN(loss)).map(([epoch, loss]) => [near(x(epoch)), near(y(loss))])) });
    field.append(path(this.found, "train"), path(course.map(([epoch, , test]) => [epoch, test]), "test"), path(rows, "guess"));
    for (const [place, [epoch, loss]] of rows.slice(1).entries()) {
      const numbers = { epoch: shown(epoch), loss: shown(loss) };
      field.after(drawn("circle", { class: "guess", cx: x(epoch), cy: y(loss), r: open ? 6 : 3, ...(open ? {
        role: "slider", tabindex: 0, "data-handle": place, "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": shown(this.most), "aria-valuenow": loss,
        "aria-label": say("Expected loss at epoch {epoch}", numbers), "aria-valuetext": say("loss {loss} at epoch {epoch}", numbers),
      } : {}) }));
    }
    const handles = [...svg.querySelectorAll("circle")].reverse(); // in the order of epochs, for Tab
    svg.append(...handles);
    refill(this.box, "handle", svg);
  }

  /** Over the map: the lines that were drawn, the network's boundary beside them, and f(x) where points are above or below it. */
  drawMap() {
    const { frame, facts } = this;
    const of = this.page.choices();
    const path = (kind, d) => [drawn("path", { class: `${kind} casing`, d }), drawn("path", { class: kind, d })];
    const guessing = this.kind === "boundary";
    const made = [];
    if (of.table === "curve" && !this.strokes) made.push(...path("curve", curve({ x: across, y: (value) => across(-value) }, readCurve(of.curve, REACH), [-REACH, REACH], [-REACH, REACH])));
    if (guessing && !this.open && facts.classes) made.push(...path("found", boundaryOf(frame.answers, facts).map(onMap).join("")));
    if (guessing) made.push(...[...this.lines.map(boundary), this.stroke, this.corners].filter((line) => line.length > 1).flatMap((line) => path("guess", onMap(line))));
    if (this.strokes) {
      const [x, y] = [across(this.cross.x), across(-this.cross.y)];
      made.push(...this.corners.map((one) => drawn("circle", { class: "guess", cx: across(one.x), cy: across(-one.y), r: 8 })),
        drawn("path", { class: "cross", d: `M${x - 18},${y}H${x + 18}M${x},${y - 18}V${y + 18}` }));
    }
    byId("guessed").replaceChildren(...made);
  }
}
