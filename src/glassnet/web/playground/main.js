// The page: keeps the choices, asks the engine for frames, and has them drawn.

import { bindAppearance } from "./appearance.js";
import { openLayer, openUnit } from "./card.js";
import { classesOf, fromAddress, outputsOf, sound, toAddress } from "./choices.js";
import { openCheck } from "./check.js";
import { drawConfusion } from "./confusion.js";
import { bindControls, showChoices } from "./controls.js";
import { drawCurve } from "./curve.js";
import { Doctor } from "./doctor.js";
import { element, shown } from "./element.js";
import { openLandscape } from "./landscape.js";
import { addQuestions, hideControls, nameQuestions } from "./help.js";
import { bindFormula } from "./inputs.js";
import { Lesson } from "./lesson.js";
import { LESSONS } from "./lessons.js";
import { listenToPage } from "./lit.js";
import { drawKey, drawPlane, drawPoints, nearest } from "./output.js";
import { memory } from "./memory.js";
import { Motion } from "./motion.js";
import { Pen } from "./pen.js";
import { nodeName, Picture } from "./picture.js";
import { openRates } from "./range.js";
import { Remote } from "./remote.js";
import { openSide } from "./side.js";
import { fetchOwn, openOwn, openTake, takeDrops } from "./take.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);
const SLICE = 12; // milliseconds of training for each frame
const SPEEDS = { speedStep: { steps: 1 }, speedEpoch: { epochs: 1 }, speedFull: {} };
const SHOWN_ONLY = ["discrete", "tests", "side"]; // choices that change no number

const remote = new Remote();
let choices = fromAddress(location.hash);
let frame = null;
let framed = choices; // what it is a frame of: a change of the choices takes a moment
let points = { train: [], test: [] };
let playing = false;
let looked = null; // the node under the pointer
let chosen = null; // the training row that is looked at in slow motion
let busy = Promise.resolve();
let drawing = null; // the frame of the screen that is waited for

/** Orders wait for each other, so that none comes between a frame and its order. */
function ask(order, details, then = receive) {
  busy = busy.then(() => remote.ask(order, details)).then(then).catch((error) => {
    stop();
    alarm(say("noEngine", { reason: error.message }));
  });
  return busy;
}

function receive(answer) {
  keep(answer, true);
  if (answer.points) {
    looked = null; // it may be no more
    picture.build(framed, frame);
  }
  draw();
  if (answer.slowed) motion.receive(answer);
  if (answer.program) openTake(answer.program, frame, (hide) => linkTo(answer.moment, hide));
  if ("checked" in answer) openCheck(answer.checked, choices, change);
  return answer;
}

/** What came of a slice of training; it is drawn when the screen is, and training goes on meanwhile. */
function keep(answer, settled) {
  frame = answer.frame;
  if (answer.points) ({ points, choices: framed } = answer);
  if (answer.health) doctor.look(answer.health, settled);
  if (frame.diverged || frame.stopped) stop();
}

function later(answer) {
  keep(answer, false);
  drawing ??= new Promise(requestAnimationFrame).then(() => {
    drawing = null;
    if (!motion.open) draw();
  });
}

function alarm(words, ...remedies) {
  at("alarm").hidden = !words;
  if (words !== at("alarm").dataset.words) at("alarm").replaceChildren(words, ...remedies);
  at("alarm").dataset.words = words;
}

const facts = (of = choices) => ({ ...of, classes: classesOf(of), outputs: outputsOf(of) });

function draw() {
  picture.update(frame);
  if (looked && !motion.open) picture.read(looked);
  drawResult();
  const { train, test } = frame.found;
  at("epoch").textContent = frame.epoch.toLocaleString("en").replace(/,/g, " ");
  at("train-loss").textContent = shown(train.loss);
  at("test-loss").textContent = shown(test.loss);
  at("score-name").textContent = say(facts(framed).classes ? "accuracy" : "r2");
  at("test-score").textContent = facts(framed).classes ? `${(100 * test.score).toFixed(1)}%` : shown(test.score);
  drawCurve(at("curve"), frame.curve, frame.found);
  const time = at("time");
  time.max = Math.max(frame.curve.at(-1)?.[0] ?? 0, frame.epoch);
  time.value = frame.epoch;
  at("moment").textContent = say("moment", { epoch: frame.epoch });
  at("stopped").textContent = frame.stopped ? say(frame.stopped) : "";
  drawConfusion(test.confusion, facts(framed));
  lesson.update(frame.lesson);
  if (frame.diverged) alarm(say("diverged"), ...doctor.slower());
  else alarm("");
}

function drawResult() {
  const unit = looked && { name: nodeName(framed, looked.layer, looked.unit), ...picture.numbers(looked.layer, looked.unit) };
  drawPlane({ frame, choices, facts: facts(framed), unit });
  drawPoints({ points: pen.shown(points), choices, facts: pen.facts(facts(framed)), chosen });
  pen.drawCross();
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

const lesson = new Lesson({ memory, begin: (name) => { stop(); become(sound({ lesson: name })); } });

const pen = new Pen({
  use: (own) => { stop(); change({ table: "own", own, ownNumbers: !facts().classes, ownNames: choices.table === "own" ? choices.ownNames : [] }); },
  points: () => [...points.train, ...points.test].map(({ x, y, target }) => [x, y, target]),
  facts,
  redraw: () => frame && drawResult(),
});

const motion = new Motion(picture, {
  ask,
  facts,
  names: () => ({
    unit: (layer, unit) => nodeName(choices, layer, unit),
    layer: (layer) => (layer > choices.hidden.length ? say("output") : say("hidden", { layer })),
    activation: (layer) => choices.hidden[layer]?.activation,
  }),
  chosen: (row) => {
    chosen = row;
    drawResult();
  },
  close: () => {
    chosen = null;
    at("slow").setAttribute("aria-pressed", "false");
    picture.light(null);
    picture.mark(null);
    draw();
  },
});

/** An address that leads to this moment. */
function linkTo(moment, hide) {
  const address = new URL(location.href);
  address.hash = toAddress({ ...choices, hide: hide.length ? hide : choices.hide, ...(moment.epoch || moment.at || moment.hands.length ? { moment } : {}) });
  return address.href;
}

/** Other choices: shown, written into the address, and trained with from the start where numbers depend on them. */
function change(part) {
  become(sound({ ...choices, ...part, moment: null }), Object.keys(part).every((name) => SHOWN_ONLY.includes(name)));
}

function become(chosen, onlyShown = false) {
  choices = chosen;
  history.replaceState(null, "", `#${toAddress(choices)}`);
  showChosen();
  if (onlyShown) drawResult();
  else start();
}

const doctor = new Doctor(picture, { change, choices: () => choices });

function showChosen() {
  showChoices(choices, change);
  hideControls([...choices.hide, ...(LESSONS[choices.lesson]?.hide ?? [])]);
  lesson.follow(choices);
}

function start() {
  if (motion.open) motion.stop();
  drawKey(facts());
  return ask("start", { choices });
}

function slowDown(row) {
  at("slow").setAttribute("aria-pressed", "true");
  motion.start(row);
}

function openSideBySide() {
  stop();
  openSide({ choices, facts: facts(), change: (side) => change({ side }) });
}

function stop() {
  playing = false;
  showPlay();
}

function showPlay() {
  at("play").setAttribute("aria-pressed", String(playing));
  at("play").querySelector(".word").textContent = say(playing ? "pause" : "play");
}

async function play() {
  if (motion.open) motion.stop();
  playing = !playing;
  showPlay();
  while (playing) {
    await ask("run", { milliseconds: SLICE, ...SPEEDS[at("speed").value] }, later);
    if (at("speed").value !== "speedFull" || document.hidden) await drawing;
  }
  if (!motion.open) ask("look");
}

/** The page in another language: what is not marked in the markup. */
function spoken() {
  const speed = at("speed").value || "speedEpoch";
  at("speed").replaceChildren(...Object.keys(SPEEDS).map((name) =>
    element("option", { value: name, selected: name === speed }, say(name))));
  showChosen();
  nameQuestions();
  lesson.show();
  pen.show();
  showPlay();
  drawKey(facts());
  redraw();
}

/** All of it anew, in another language or other colours. */
function redraw() {
  if (!frame) return;
  picture.build(framed, frame);
  draw();
  doctor.show();
  if (motion.open) motion.show();
}

function coloured() {
  drawKey(facts());
  redraw();
}

function begin() {
  addQuestions();
  bindAppearance({ spoken, coloured });
  bindControls(change, () => choices);
  at("play").onclick = play;
  at("epoch-button").onclick = () => { stop(); ask("run", { milliseconds: 1e4, epochs: 1 }); };
  at("reset").onclick = () => { stop(); become(sound({ ...choices, moment: null })); };
  at("time").oninput = () => { stop(); ask("goTo", { epoch: at("time").valueAsNumber }); };
  const useOwn = ({ points: own, numbers, names }) => { stop(); change({ table: "own", own, ownNumbers: numbers, ownNames: names }); };
  at("own").onclick = () => openOwn(useOwn);
  takeDrops(useOwn, alarm);
  listenToPage();
  at("take").onclick = () => ask("take");
  at("side").onclick = openSideBySide;
  at("surface").onclick = () => { stop(); openLandscape(remote); };
  at("find-rate").onclick = () => { stop(); openRates(remote, choices, (rate) => change({ rate })); };
  at("check").onclick = () => { stop(); ask("check"); };
  at("lessons").onclick = () => lesson.list();
  at("draw").onclick = () => pen.toggle();
  at("confusion").ontoggle = () => frame && drawConfusion(frame.found.test.confusion, facts(framed));
  bindFormula(change, () => choices);
  at("slow").onclick = () => {
    stop();
    if (motion.open) motion.stop();
    else slowDown(0);
  };
  at("plane").onclick = (event) => {
    if (pen.active) return;
    stop();
    slowDown(nearest(points.train, event));
  };
  if (new URLSearchParams(location.search).has("table")) fetchOwn(useOwn, alarm);
  window.onhashchange = () => become(fromAddress(location.hash));
  window.onresize = () => {
    if (frame) draw();
    if (motion.open) motion.show();
  };
  start().then(() => choices.side && openSideBySide());
}

begin();
