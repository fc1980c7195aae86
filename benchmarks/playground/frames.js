// Opens the playground in headless Chromium (drawn by the processor, as without a graphics card), trains at full speed, and
// prints as JSON for each case: pictures a second, the longest wait between two, and what one takes of the page's own thread;
// the same of a step in slow motion; and when the page was first seen. A phone has the page's thread run at a quarter of the speed.
// `node frames.js PAGE [WORD]`: only the cases with this word in their names.
const { chromium } = require("playwright-core");

const [SECONDS, BEATS] = [5, 4];
const unit = { activation: "tanh", dropout: 0, norm: "none", skip: false };
const deep = { hidden: Array(8).fill({ ...unit, units: 32 }) };
const four = { side: ["", "optimizer=sgd", "activation=relu", "mistake=zeros"] };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };
const DESKTOP = { viewport: { width: 1280, height: 900 } };
const SLOWER = 4; // times, of a phone
const CASES = {
  "the network of the start": [{}, "#play", "painting"],
  "8 layers of 32": [deep, "#play", "painting"],
  "four side by side": [four, "#side-play", "side-curve"],
  "four of 8 layers of 32 side by side": [{ ...deep, ...four }, "#side-play", "side-curve"],
  "phone: the first lesson": [{ lesson: "line" }, "#play", "painting", PHONE],
  "phone: the lesson of three rings": [{ lesson: "rings" }, "#play", "painting", PHONE],
  "phone: the lesson of spirals": [{ lesson: "spiral" }, "#play", "painting", PHONE],
  "phone: the network of the start": [{}, "#play", "painting", PHONE],
  "phone: five blobs, 8 layers of 32": [{ ...deep, table: "blobs", loss: "cross_entropy" }, "#play", "painting", PHONE],
};

/** Notes each time that something is drawn on a canvas. */
function note() {
  window.drawn = {};
  for (const method of ["putImageData", "stroke"]) {
    const own = CanvasRenderingContext2D.prototype[method];
    CanvasRenderingContext2D.prototype[method] = function (...given) {
      const times = (window.drawn[this.canvas.id] ??= []);
      const now = document.timeline.currentTime; // the same within one picture of the screen
      if (times.at(-1) !== now) times.push(now);
      return own.apply(this, given);
    };
  }
}

/** Until what was asked for stands on the screen. */
const seen = () => new Promise((resolve) => {
  const began = performance.now();
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
});

/** A step in slow motion: from the click to its numbers; and from key to key. */
async function slowMotion(tab, session) {
  const opened = tab.waitForSelector("#motion h3");
  let ahead = await spent(session);
  await tab.click("#slow");
  await opened;
  await tab.evaluate(seen);
  const open = (await spent(session)) - ahead;
  ahead = await spent(session);
  for (let beat = 0; beat < BEATS; beat++) {
    await tab.keyboard.press("ArrowRight");
    await tab.evaluate(seen);
  }
  return { open, beat: ((await spent(session)) - ahead) / BEATS };
}

/** Processor time of the page's own thread, in milliseconds: what other programs take is not in it. */
async function spent(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
}

async function measure(browser, page, [choices, play, canvas, device = DESKTOP]) {
  const tab = await browser.newPage(device);
  const session = await tab.context().newCDPSession(tab);
  if (device === PHONE) await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await tab.addInitScript(note);
  await tab.goto(`${page}#${encodeURIComponent(JSON.stringify(choices))}`);
  await tab.waitForSelector(play);
  await tab.waitForFunction(() => document.querySelectorAll(".node").length > 0);
  await tab.$eval(canvas === "side-curve" ? "#side-speed" : "#speed", (speed) => { speed.value = "speedFull"; }); // which a lesson does not show
  await tab.click(play);
  await tab.waitForTimeout(1500);
  const before = await spent(session);
  const found = await tab.evaluate(async ([id, seconds]) => {
    const began = document.timeline.currentTime;
    const epoch = () => Number((document.getElementById("side-epoch") ?? document.getElementById("epoch")).textContent.replace(/\D/g, ""));
    const before = epoch();
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    const times = window.drawn[id].filter((time) => time > began);
    const gaps = times.slice(1).map((time, place) => time - times[place]).sort((one, other) => one - other);
    const epochs = epoch() - before;
    return {
      frames: (1000 * (times.length - 1)) / (times.at(-1) - times[0]), pictures: times.length,
      longest: gaps.at(Math.floor(0.99 * gaps.length)), epochs: epochs / seconds,
    };
  }, [canvas, SECONDS]);
  found.page = ((await spent(session)) - before) / found.pictures;
  await tab.click(play);
  if (await tab.isVisible("#slow")) {
    Object.assign(found, await slowMotion(tab, session));
    found.firstPaint = await tab.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  }
  await tab.close();
  return found;
}

async function main(page, word = "") {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  const found = {};
  for (const [name, one] of Object.entries(CASES)) if (name.includes(word)) found[name] = await measure(browser, page, one);
  await browser.close();
  console.log(JSON.stringify(found));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
