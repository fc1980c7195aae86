// The page: keeps the choices, asks the engine for frames, and has them drawn.

import { openLayer, openUnit } from "./card.js";
import { classesOf, fromAddress, outputsOf, sound, toAddress } from "./choices.js";
import { bindControls, showChoices } from "./controls.js";
import { drawCurve } from "./curve.js";
import { Doctor } from "./doctor.js";
import { element, shown } from "./element.js";
import { readColors } from "./heat.js";
import { openLandscape } from "./landscape.js";
import { drawKey, drawPlane, drawPoints, nearest } from "./output.js";
import { Motion } from "./motion.js";
import { nodeName, Picture } from "./picture.js";
import { openRates } from "./range.js";
import { Remote } from "./remote.js";
import { openSide } from "./side.js";
import { fetchOwn, openOwn, openTake, takeDrops } from "./take.js";
import { currentLanguage, LANGUAGES, say, speak } from "./words.js";

const at = (id) => document.getElementById(id);
const SLICE = 12; // milliseconds of training for each frame
const SPEEDS = { speedStep: { steps: 1 }, speedEpoch: { epochs: 1 }, speedFull: {} };
const SHOWN_ONLY = ["discrete", "tests", "side"]; // choices that change no number

const remote = new Remote();
let choices = fromAddress(location.hash);
let frame = null;
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
  if (answer.points) picture.build(choices, frame);
  draw();
  if (answer.slowed) motion.receive(answer);
  if (answer.program) openTake(answer.program, frame);
  return answer;
}

/** What came of a slice of training; it is drawn when the screen is, and training goes on meanwhile. */
function keep(answer, settled) {
  frame = answer.frame;
  if (answer.points) points = answer.points;
  if (answer.health) doctor.look(answer.health, settled);
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

const facts = () => ({ ...choices, classes: classesOf(choices), outputs: outputsOf(choices) });

function draw() {
  picture.update(frame);
  drawResult();
  const { train, test } = frame.found;
  at("epoch").textContent = frame.epoch.toLocaleString("en").replace(/,/g, " ");
  at("train-loss").textContent = shown(train.loss);
  at("test-loss").textContent = shown(test.loss);
  at("score-name").textContent = say(facts().classes ? "accuracy" : "r2");
  at("test-score").textContent = facts().classes ? `${(100 * test.score).toFixed(1)} %` : shown(test.score);
  drawCurve(at("curve"), frame.curve, frame.found);
  const time = at("time");
  time.max = Math.max(frame.curve.at(-1)?.[0] ?? 0, frame.epoch);
  time.value = frame.epoch;
  at("moment").textContent = say("moment", { epoch: frame.epoch });
  if (frame.diverged) alarm(say("diverged"), ...doctor.slower());
  else alarm("");
  if (frame.diverged) stop();
}

function drawResult() {
  const unit = looked && { name: nodeName(choices, looked.layer, looked.unit), ...picture.numbers(looked.layer, looked.unit) };
  drawPlane({ frame, choices, facts: facts(), unit });
  drawPoints({ points, choices, facts: facts(), chosen });
}

const picture = new Picture({
  change,
  open: (node) => !motion.open && openUnit(choices, frame, node, (place, value) => ask("set", { place, value })),
  settings: (place) => openLayer(choices, place, (part) => change(part)),
  look: (node) => {
    looked = node;
    if (frame) drawResult();
    if (node?.layer) motion.look({ layer: node.layer - 1, to: node.unit });
  },
  link: (which) => (motion.open ? motion.look(which) : picture.mark(which)),
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

/** Other choices: shown, written into the address, and trained with from the start where numbers depend on them. */
function change(part) {
  choices = sound({ ...choices, ...part });
  history.replaceState(null, "", `#${toAddress(choices)}`);
  showChoices(choices, change);
  if (Object.keys(part).every((name) => SHOWN_ONLY.includes(name))) drawResult();
  else start();
}

const doctor = new Doctor(picture, { change, choices: () => choices });

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

function speakAll(language) {
  speak(language);
  document.title = `glassnet ${say("playground")}`;
  const other = LANGUAGES.find((one) => one !== currentLanguage());
  Object.assign(at("language"), { textContent: other === "zh" ? "中文" : "English", lang: other });
  const speed = at("speed").value || "speedEpoch";
  at("speed").replaceChildren(...Object.keys(SPEEDS).map((name) =>
    element("option", { value: name, selected: name === speed }, say(name))));
  showChoices(choices, change);
  showPlay();
  drawKey(facts());
  redraw();
}

/** All of it anew, in another language or other colours. */
function redraw() {
  if (!frame) return;
  picture.build(choices, frame);
  draw();
  doctor.show();
  if (motion.open) motion.show();
}

function darken(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  readColors();
  drawKey(facts());
  redraw();
}

/** What is remembered between visits; nothing, where the browser keeps nothing. */
const memory = {
  get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* then not */ } },
};

function begin() {
  darken((memory.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");
  speakAll(memory.get("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
  bindControls(change, () => choices);
  at("play").onclick = play;
  at("epoch-button").onclick = () => { stop(); ask("run", { milliseconds: 1e4, epochs: 1 }); };
  at("reset").onclick = () => { stop(); start(); };
  at("time").oninput = () => { stop(); ask("goTo", { epoch: at("time").valueAsNumber }); };
  const useOwn = (own) => { stop(); change({ table: "own", own }); };
  at("own").onclick = () => openOwn(useOwn);
  takeDrops(useOwn, alarm);
  at("take").onclick = () => ask("take");
  at("side").onclick = openSideBySide;
  at("surface").onclick = () => { stop(); openLandscape(remote); };
  at("find-rate").onclick = () => { stop(); openRates(remote, choices, (rate) => change({ rate })); };
  at("language").onclick = () => {
    speakAll(at("language").lang);
    memory.set("language", currentLanguage());
  };
  at("theme").onclick = () => {
    darken(document.documentElement.dataset.theme !== "dark");
    memory.set("theme", document.documentElement.dataset.theme);
  };
  at("slow").onclick = () => {
    stop();
    if (motion.open) motion.stop();
    else slowDown(0);
  };
  at("plane").onclick = (event) => {
    stop();
    slowDown(nearest(points.train, event));
  };
  if (location.search === "?table") fetchOwn(useOwn, alarm);
  window.onhashchange = () => change(fromAddress(location.hash));
  window.onresize = () => {
    if (frame) draw();
    if (motion.open) motion.show();
  };
  start().then(() => choices.side && openSideBySide());
}

begin();
