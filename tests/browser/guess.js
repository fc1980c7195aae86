// Guesses in the playground, in headless Chromium: the loss and the boundary, drawn by mouse and keyboard on a desktop and by finger on a
// phone, then trained; a curve is typed; prints as JSON what came of it, and what axe-core finds at fault.
const { chosen, faults, run, settled, otherThan } = require("./common.js");

const PATH = [[0.25, 0.2], [0.5, 0.5], [0.8, 0.75]]; // of the width and the height

const words = (tab) => tab.textContent("#guess-words");
const handles = (tab) => tab.locator("#guess-chart [data-handle]").evaluateAll((all) => all.map((one) => one.getAttribute("aria-valuetext")));
const lines = (tab, kind) => tab.locator(`#guessed path.${kind}:not(.casing)`).count();
const open = (tab, hash) => tab.goto("about:blank").then(() => tab.goto(hash)).then(() => settled(tab));

/** Where on the page a stroke over an element goes, of which all must be in sight. */
async function over(tab, selector, path) {
  await tab.locator(selector).evaluate((one) => one.scrollIntoView({ block: "center" }));
  const { x, y, width, height } = await tab.locator(selector).boundingBox();
  return path.map(([right, down]) => [x + right * width, y + down * height]);
}

async function byMouse(tab, selector, path) {
  const [first, ...others] = await over(tab, selector, path);
  await tab.mouse.move(...first);
  await tab.mouse.down();
  for (const place of others) await tab.mouse.move(...place, { steps: 10 });
  await tab.mouse.up();
}

async function byFinger(tab, selector, path) {
  const places = await over(tab, selector, path);
  const session = await tab.context().newCDPSession(tab);
  const send = (type, touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
  await send("touchStart", [{ x: places[0][0], y: places[0][1] }]);
  for (const [place, [x, y]] of places.slice(1).entries()) {
    const [fromX, fromY] = places[place];
    for (let step = 1; step <= 8; step++) await send("touchMove", [{ x: fromX + ((x - fromX) * step) / 8, y: fromY + ((y - fromY) * step) / 8 }]);
  }
  await send("touchEnd", []);
}

/** Train until an epoch, by the button beside the guess or the usual one, and pause. */
async function train(tab, epochs, button = "[data-guess=train]") {
  await tab.click(button);
  await tab.waitForFunction((wanted) => Number(document.getElementById("epoch").textContent) >= wanted, epochs);
  if ((await tab.getAttribute("#play", "aria-pressed")) === "true") await tab.click("#play");
  await tab.waitForFunction(() => document.getElementById("guess-words").textContent);
}

const epoch = async (tab, wanted) => tab.waitForFunction((one) => document.getElementById("epoch").textContent === one, String(wanted));

async function loss(tab, view, draw) {
  await tab.click("#guess");
  view.before = await handles(tab);
  await draw(tab, "#guess-chart svg", PATH);
  view.drawn = await handles(tab);
  view.faults.push(...(await faults(tab)));
  await tab.focus("#guess-chart [data-handle='0']");
  await tab.keyboard.press("ArrowUp");
  await tab.keyboard.press("ArrowRight");
  view.focus = await tab.evaluate(() => document.activeElement.dataset.handle);
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("ArrowDown");
  view.byKey = await handles(tab);
  await tab.selectOption("[data-guess=span]", "10");
  await tab.click("#epoch-button");
  await epoch(tab, 1);
  view.locked = [await tab.locator("#guess-chart [data-handle]").count(), await tab.locator("#guess-chart circle.guess").count()];
  view.early = await words(tab);
  await train(tab, 12, "#play");
  view.loss = await words(tab);
  view.said = await otherThan(tab, "said", "");
  view.faults.push(...(await faults(tab)));
  await tab.click("#reset");
  await epoch(tab, 0);
  view.kept = await handles(tab);
  await tab.click("[data-guess=again]");
  view.cleared = await handles(tab);
  await draw(tab, "#guess-chart svg", PATH);
  view.redrawn = await handles(tab);
  await tab.evaluate(() => document.getElementById("regenerate").click());
  await tab.waitForFunction(() => document.querySelector("[data-guess=again]").disabled);
  view.dropped = await handles(tab);
}

async function boundary(tab, view, draw) {
  await tab.click("[data-guess=boundary]");
  await draw(tab, "#plane", PATH);
  view.lines = [await lines(tab, "guess")];
  await tab.click("[data-guess=again]");
  view.lines.push(await lines(tab, "guess"));
  await tab.focus("#plane");
  for (const key of ["ArrowLeft", "Enter", "ArrowUp", "ArrowUp", "Enter", "ArrowRight", "Enter", "Backspace", "Enter", "Enter"]) await tab.keyboard.press(key);
  view.lines.push(await lines(tab, "guess"));
  view.faults.push(...(await faults(tab)));
  view.motion = await tab.locator("#motion").isHidden();
  await train(tab, 5);
  view.boundary = await words(tab);
  view.lines.push(await lines(tab, "found"));
  view.faults.push(...(await faults(tab)));
  view.wider = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await tab.click("[data-guess=skip]");
  view.closed = [await tab.isHidden("#guessing"), await tab.isVisible("#curve"), await lines(tab, "guess")];
}

/** Lessons ask for a guess, which may be skipped. */
async function lessons(tab, page, view) {
  view.lessons = {};
  for (const lesson of ["bend", "rate", "diverge", "line"]) {
    await open(tab, `${page}#${JSON.stringify({ lesson })}`);
    const asked = await tab.isVisible("#guessing");
    const kind = asked ? await tab.getAttribute("#guessing [aria-pressed=true]", "data-guess") : null;
    if (asked) await tab.click("[data-guess=skip]");
    view.lessons[lesson] = [kind, await tab.isHidden("#guessing")];
  }
}

async function formula(tab, page, view) {
  await open(tab, page);
  view.without = await tab.isHidden("#fx-form");
  await tab.selectOption("#table", "curve");
  await tab.fill("#fx", "x^2 + y");
  await tab.press("#fx", "Enter");
  view.wrong = [await tab.textContent("#fx-wrong"), await tab.evaluate(() => document.getElementById("fx").selectionStart)];
  view.faults.push(...(await faults(tab)));
  await tab.fill("#fx", "x^2 - 1");
  await tab.press("#fx", "Enter");
  await tab.waitForFunction(() => location.hash.includes("x%5E2"));
  const { table, curve } = await chosen(tab);
  view.curve = [table, curve, await tab.textContent("#fx-wrong"), await lines(tab, "curve")];
  await tab.reload();
  await settled(tab);
  view.again = await tab.inputValue("#fx");
}

run(async (browser, page) => {
  const views = [];
  for (const [width, height, language, theme, draw] of [[1280, 800, "en", "light", byMouse], [390, 844, "zh", "dark", byFinger]]) {
    const context = await browser.newContext({ viewport: { width, height }, locale: language, colorScheme: theme, hasTouch: draw === byFinger });
    const tab = await context.newPage();
    const view = { width, complaints: [], faults: [] };
    tab.on("console", (message) => view.complaints.push(message.text()));
    tab.on("pageerror", (error) => view.complaints.push(error.message));
    await open(tab, page);
    await loss(tab, view, draw);
    await boundary(tab, view, draw);
    await lessons(tab, page, view);
    await formula(tab, page, view);
    views.push(view);
    await context.close();
  }
  return views;
});
