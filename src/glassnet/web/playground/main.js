// The page: keeps the choices, asks the engine for frames, and has them drawn.

import { say, together } from "../language.js";
import { askButton } from "./dialogs/ask_step.js";
import { openCheck } from "./dialogs/check.js";
import { openComparison } from "./dialogs/compare.js";
import { openLayer, openUnit } from "./dialogs/dialog.js";
import { openExport } from "./dialogs/export_dialog.js";
import { addQuestions, nameQuestions } from "./dialogs/help.js";
import { openLandscape } from "./dialogs/landscape.js";
import { bindTables } from "./dialogs/own_data.js";
import { openRates } from "./dialogs/rates.js";
import { openWorkout } from "./dialogs/work_out.js";
import { Lesson } from "./lessons/lesson.js";
import { classesOf, outputsOf, sound } from "./session/choices.js";
import { drawnTable, takesColumns } from "./session/own_table.js";
import { Remote } from "./session/remote.js";
import { readAddress, writeAddress } from "./view/address.js";
import { bindAppearance, memory } from "./view/appearance.js";
import { bindReading } from "./view/axes.js";
import { bindControls, showChoices } from "./view/controls.js";
import { Doctor } from "./view/doctor.js";
import { byId } from "./view/element.js";
import { FineMaps, sideOf } from "./view/fine_maps.js";
import { Guess } from "./view/guess.js";
import { listenToPage } from "./view/highlight.js";
import { bindFormulas } from "./view/inputs.js";
import { Motion } from "./view/motion.js";
import { inputNames, layerName, nodeName } from "./view/names.js";
import { failure, quieten, tell } from "./view/notice.js";
import { drawConfusion, drawCurve, drawKey, drawPlane, drawPoints, drawScores, nearest, showStopped } from "./view/output.js";
import { Pen } from "./view/pen.js";
import { Picture } from "./view/picture.js";
import { Player, Time } from "./view/player.js";
import { Scope, slowed } from "./view/scope.js";
import { Turns } from "./view/turns.js";

const SHOWN_ONLY = ["discrete", "tests", "side", "workout"]; // choices that change no number
const remote = new Remote();
let choices = /** @type {any} */ (null);
let frame = null;
let framed = null; // what it is a frame of: a change of the choices takes a moment
let begun = 0; // how often training has begun anew,
let seen = 0; // and which of these times the frame is of
let points = { train: [], test: [] };
let looked = null; // the node under the pointer
let chosen = null; // the training row that is looked at in slow motion
let busy = Promise.resolve();

/** Orders wait for each other, so that none comes between a frame and its order. */
function ask(order, details, then = receive) {
  busy = busy.then(() => remote.ask(order, details)).then(then).catch((error) => {
    player.stop();
    tell(() => failure(error));
  });
  return busy;
}

function receive(answer) {
  keep(answer);
  doctor.look(true);
  if (answer.points) {
    looked = null; // it may be no more
    picture.build(framed, frame);
  }
  turns.all();
  if (answer.slowed && motion.open) motion.receive(answer);
  if (answer.program) openExport(answer, choices);
  if ("checked" in answer) openCheck(answer.checked, choices, change);
  return answer;
}

function keep(answer) {
  frame = answer.frame;
  doctor.update(answer.health);
  if (answer.points) ({ points, choices: framed } = answer);
  if (seen === begun && (frame.diverged || frame.stopped)) player.stop();
  showStopped(frame.stopped, answer.ahead);
}

/** What came of a slice of training; it is drawn when the screen is, and training goes on meanwhile. */
function later(answer) {
  keep(answer);
  if (!motion.open) turns.soon();
  return answer;
}

const facts = (of = choices) => ({ ...of, classes: classesOf(of), outputs: outputsOf(of) });

function drawLinks() {
  picture.showWeights();
  if (looked && !motion.open) picture.read(looked);
}

/** What a lesson asks for and what was guessed, beside what has come; a frame that is not of these choices says nothing of it. */
function judge() {
  if (seen === begun) {
    lesson.update(frame.lesson);
    guess.update(frame, facts(framed), points.train);
  }
  doctor.warn(frame.diverged);
}

const turns = new Turns(() => {
  picture.update(frame);
  drawResult();
}, [
  drawLinks, () => drawScores(frame, facts(framed)), () => doctor.look(),
  drawLinks, () => drawCurve(byId("curve"), frame.curve, frame.found), () => time.show(frame),
  drawLinks, judge,
]);

function drawResult() {
  const unit = looked && { ...looked, name: nodeName(framed, looked.layer, looked.unit), ...picture.numbers(looked.layer, looked.unit) };
  drawPlane({ frame, choices, facts: facts(framed), unit });
  drawPoints({ points: pen.shown(points), choices, facts: pen.facts(facts(framed)), chosen });
  pen.drawCross();
  fine.fill();
}

const picture = new Picture({
  change,
  open: (node) => !motion.open && openUnit(choices, frame, node, (place, value) => ask("set", { place, value })),
  settings: (place) => openLayer(choices, place, (part) => change(part)),
  look: (node) => {
    looked = node;
    if (frame) drawResult();
    if (!motion.open) picture.read(node);
    if (node?.layer) motion.look({ layer: node.layer - 1, to: node.unit });
  },
  link: (which) => (motion.open ? motion.look(which) : picture.mark(which)),
});

const player = new Player({
  slice: (order, details) => ask(order, details, later),
  drawn: async () => turns.waiting,
  begin: () => motion.open && motion.stop(),
  ended: async () => {
    if (!motion.open) await ask("look");
    byId("said").textContent = together(byId("curve").getAttribute("aria-label"), ...guess.words);
  },
});

const time = new Time((epoch) => { player.stop(); ask("goTo", { epoch }); });

const scope = new Scope({ memory, changed: () => spoken() });

const lesson = new Lesson({ memory, few: () => !scope.all, begin: (name) => {
  player.stop();
  guess.anew();
  if (!name) scope.keep(true); // who leaves the lessons has the page to themselves
  become(sound({ lesson: name }));
} });

const pen = new Pen({
  use: (drawn) => { player.stop(); change({ table: "own", own: drawnTable(drawn, facts()) }); },
  points: () => [...points.train, ...points.test].map(({ x, y, target }) => [x, y, target]), facts, redraw: () => frame && drawResult(),
});

const guess = new Guess({ choices: () => choices, train: () => !player.playing && player.toggle(), drawing: () => pen.rest() });

const motion = new Motion(picture, {
  ask, facts, rows: () => points.train.length, questions: (of) => askButton(of, choices, inputNames(choices)),
  names: () => ({
    unit: (layer, unit) => nodeName(choices, layer, unit), layer: (layer) => layerName(layer, choices.hidden.length + 1),
    activation: (layer) => choices.hidden[layer]?.activation,
  }),
  chosen: (row) => { chosen = row; drawResult(); },
  close: () => {
    chosen = null;
    slowed(false);
    picture.light(null);
    picture.mark(null);
    turns.all();
    if (takesColumns(choices)) ask("look"); // maps at the mean again
  },
});

const fine = new FineMaps({
  ask,
  shown: () => ({ frame, maps: player.going ? [] : [{ of: looked ?? "answers", side: sideOf(byId("map").clientWidth) }, ...(motion.open ? [] : [{ of: "units", side: picture.painting.side }])] }),
  drawn: (of) => (of === "units" ? picture.soon() : drawResult()),
});

/** Other choices: shown, written into the address, and trained with from the start where numbers depend on them. */
function change(part) {
  become(sound({ ...choices, ...part, moment: null }), Object.keys(part).every((name) => SHOWN_ONLY.includes(name)));
}

function become(wanted, onlyShown = false) {
  choices = wanted;
  quieten();
  if (choices.table !== "own") pen.rest();
  writeAddress(choices);
  showChosen();
  if (!onlyShown) start();
  else if (frame) drawResult();
}

const doctor = new Doctor(picture, { change, choices: () => choices });

function showChosen() {
  showChoices(choices, change);
  scope.show(choices, facts().classes);
  lesson.follow(choices);
}

/** Training from the start, or as far as the moment that a link leads to. */
function start() {
  if (motion.open) motion.stop();
  drawKey(facts());
  const mine = ++begun;
  guess.begin(choices);
  return ask("start", { choices }, (answer) => {
    seen = mine;
    if (answer.scalar && mine === 1) tell(() => say("This browser has no WebAssembly SIMD: everything works, but training is slower."));
    receive(answer);
    player.follow(answer, () => mine === begun);
  });
}

function slowDown(row) {
  player.stop();
  slowed(true);
  motion.start(row);
}

function openSideBySide() {
  player.stop();
  openComparison({ choices, facts: facts(), change: (side) => change({ side }) });
}

/** A table that was brought along; a lesson is about its own points, so it ends here. */
function useTable(own) {
  player.stop();
  if (choices.lesson) scope.keep(true);
  become(sound({ ...(choices.lesson ? {} : choices), moment: null, table: "own", own, inputs: [] }));
}

/** The page in another language: what is not marked in the markup. */
function spoken() {
  showChosen();
  nameQuestions();
  for (const part of [lesson, pen, guess, player]) part.show();
  redraw();
}

/** All of it anew, in another language or other colours. */
function redraw() {
  drawKey(facts());
  if (!frame) return;
  picture.build(framed, frame);
  turns.all();
  doctor.show();
  motion.show();
}

/** To what an address says; what cannot be read changes nothing. */
function follow() {
  const wanted = readAddress();
  if (wanted) become(wanted);
}

function bindButtons() {
  byId("epoch-button").onclick = () => { player.stop(); ask("run", { milliseconds: 1e4, epochs: 1 }); };
  byId("reset").onclick = () => { player.stop(); become(sound({ ...choices, moment: null })); };
  byId("take").onclick = () => ask("take");
  byId("side").onclick = openSideBySide;
  byId("surface").onclick = () => { player.stop(); openLandscape(remote); };
  byId("find-rate").onclick = () => { player.stop(); openRates(remote, choices, (rate) => change({ rate })); };
  byId("check").onclick = () => { player.stop(); ask("check"); };
  byId("lessons").onclick = () => lesson.list();
  byId("work-out").onclick = () => { player.stop(); openWorkout(remote, choices, change); };
  byId("draw").onclick = () => { guess.look(""); pen.toggle(); };
  byId("confusion").ontoggle = () => frame && drawConfusion(frame.found.test.confusion, facts(framed));
  byId("slow").onclick = () => (motion.open ? motion.stop() : slowDown(0));
  byId("plane").onclick = (event) => {
    if (!pen.active && !guess.strokes && points.train.length) slowDown(nearest(points.train, event));
  };
  byId("skip").onclick = (event) => { event.preventDefault(); byId("network").focus(); }; // the address holds the choices
}

function begin() {
  const asked = new URLSearchParams(location.search).has("table");
  choices = readAddress() ?? sound({});
  if (!location.hash && !asked && !scope.all) choices = sound({ lesson: lesson.next }); // a first visit
  addQuestions();
  bindAppearance({ spoken, coloured: redraw });
  bindControls(change, () => choices);
  bindButtons();
  bindFormulas(change, () => choices);
  bindTables({ tell, use: useTable, read: (file, then) => ask("table", { file }, then) }, asked && !choices.own);
  bindReading({ points: () => points.train, facts });
  listenToPage();
  window.onhashchange = follow;
  window.onresize = () => { if (frame) turns.all(); motion.show(); };
  start().then(() => (choices.workout ? openWorkout(remote, choices, change) : choices.side && openSideBySide()));
}

begin();
