// Uses once what the playground lets its reader choose beyond the first sight: schedules, initial weights, formulas, stop conditions,
// drawn points, questions, the gradient check, links that hide controls; in both languages. Prints as JSON what came of it.
const { chosen, faults, run, settled } = require("./common.js");

const epochIs = (tab, epoch) => tab.waitForFunction((wanted) => document.getElementById("epoch").textContent === wanted, String(epoch));
const loss = (tab) => tab.textContent("#train-loss");

/** All that is on the page in Latin letters, names and descriptions included. */
const latin = (tab) => tab.evaluate(() => {
  const found = new Set();
  const add = (text) => (text ?? "").match(/[A-Za-z][\w-]{2,}/g)?.forEach((word) => found.add(word));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("script, style, [lang=en]")) add(walker.currentNode.data);
  const NAMES = ["title", "aria-label", "aria-valuetext", "placeholder", "label"];
  for (const name of NAMES) for (const one of document.querySelectorAll(`[${name}]`)) add(one.getAttribute(name));
  return [...found].sort();
});

/** The same of every dialog, and of a step in slow motion. */
async function dialogs(tab, found) {
  const look = async () => { found.latin = [...new Set([...found.latin, ...(await latin(tab))])].sort(); };
  const READY = { own: "#card textarea", take: "#card textarea", lessons: "#card .lessons", "find-rate": "#wide select", surface: "#wide p",
    side: "#side-verdict:not(:empty)", check: "#card .checked" };
  for (const [id, ready] of Object.entries(READY)) {
    await tab.click(`#${id}`);
    await tab.waitForSelector(ready);
    await look();
    await tab.keyboard.press("Escape");
    await tab.waitForFunction(() => !document.querySelector("dialog[open]"));
  }
  for (const key of ["set-0", "node-2-1"]) {
    await tab.click(`[data-key=${key}]`);
    await look();
    await tab.keyboard.press("Escape");
  }
  await tab.click("#slow");
  await tab.waitForSelector("#motion h3");
  while (await tab.locator("[data-motion=on]").isEnabled()) {
    await tab.click("[data-motion=on]");
    await look();
  }
  await tab.click("[data-motion=close]");
}

async function settings(tab, found) {
  await tab.selectOption("#schedule", "cosine");
  found.planned = await tab.inputValue("#epochs");
  await tab.fill("#epochs", "5");
  await tab.keyboard.press("Tab");
  await tab.selectOption("#initializer", "orthogonal");
  await tab.fill("#seed", "7");
  await tab.keyboard.press("Tab");
  await tab.click("#new-weights");
  await tab.click("#play");
  await epochIs(tab, 5);
  await tab.waitForFunction(() => document.getElementById("play").getAttribute("aria-pressed") === "false");
  found.stopped = await tab.textContent("#stopped");
  await tab.selectOption("#schedule", "constant");
  await tab.fill("#epochs", "0");
  await tab.fill("#lossBelow", "0.65");
  await tab.fill("#patience", "40");
  await tab.keyboard.press("Tab");
  await tab.fill("#formula", "sin(3*x3)");
  await tab.click("#formula-add");
  found.wrong = await tab.textContent("#formula-wrong");
  await tab.fill("#formula", "x1^2 - x2^2");
  await tab.click("#formula-add");
  await tab.waitForFunction(() => document.querySelectorAll("[data-key^=node-0-]").length === 3);
  found.chosen = await chosen(tab);
  await tab.hover("[data-key=node-1-0]");
  found.live = await tab.locator("#links text").allTextContents();
  await tab.click("#play");
  await tab.waitForFunction(() => document.getElementById("stopped").textContent !== "");
  found.early = await tab.textContent("#stopped");
}

async function draw(tab, found) {
  await tab.selectOption("#table", "blobs");
  await tab.click("#draw");
  await tab.click("[data-pen=clear]");
  found.more = await tab.textContent("#pen p");
  await tab.evaluate(() => document.getElementById("plane").scrollIntoView({ block: "center" }));
  const { width, height } = await tab.locator("#plane").boundingBox();
  const stroke = async (target, from, to) => {
    await tab.click(`[data-pen=target-${target}]`);
    const { x, y } = await tab.locator("#plane").boundingBox();
    await tab.mouse.move(x + from * width, y + 0.2 * height);
    await tab.mouse.down();
    await tab.mouse.move(x + to * width, y + 0.8 * height, { steps: 12 });
    await tab.mouse.up();
  };
  await stroke(0, 0.2, 0.3);
  await stroke(1, 0.7, 0.8);
  await tab.click("[data-pen=target-2]");
  await tab.focus("#plane");
  for (const key of ["ArrowUp", "ArrowLeft", "Enter", "ArrowDown", "Enter"]) await tab.keyboard.press(key);
  const { own } = await chosen(tab);
  found.drawn = [0, 1, 2].map((target) => own.rows.filter((row) => row[2] === target).length);
  await tab.click("[data-pen=rubber]");
  const now = await tab.locator("#plane").boundingBox(); // the page may have scrolled
  await tab.mouse.click(now.x + 0.5 * width, now.y + 0.5 * height);
  found.erased = own.rows.length - (await chosen(tab)).own.rows.length;
  found.faults.push(...(await faults(tab)));
  await tab.click("#draw");
  await tab.click("#confusion summary");
  await tab.waitForSelector("#confusion-table td");
  found.confusion = (await tab.locator("#confusion-table td").allTextContents()).slice(1).map(Number);
  await tab.click("#own");
  await tab.fill("#card textarea", Array.from({ length: 60 }, (_, row) => `${row % 9},${row % 7},${row % 9 + row % 7}`).join("\n"));
  await tab.click("#card .main");
  await tab.waitForFunction(() => document.getElementById("confusion").hidden);
  found.numbers = [!(await chosen(tab)).own.columns[2].classes, await tab.textContent("#score-name"), await tab.isVisible("#discrete")];
}

async function questions(tab, found) {
  found.questions = [];
  for (const button of await tab.locator(".what:visible").all()) {
    await button.click();
    found.questions.push([await button.getAttribute("aria-label"), await tab.textContent("#card p")]);
    await tab.keyboard.press("Escape");
  }
  await tab.click("#check");
  await tab.waitForSelector("#card .checked");
  found.checked = await tab.locator("#card .checked tbody tr").count();
  found.apart = await tab.locator("#card .checked .wrong").count();
  found.faults.push(...(await faults(tab)));
  await tab.keyboard.press("Escape");
}

/** Two epochs, a weight by hand, one more; the link in a fresh profile, with two controls hidden. */
async function link(tab, found, browser) {
  for (const epoch of [1, 2]) {
    await tab.click("#epoch-button");
    await epochIs(tab, epoch);
  }
  await tab.click("[data-key=node-1-0]");
  await tab.locator("#card input").first().fill("1.5");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Escape");
  await tab.click("#epoch-button");
  await epochIs(tab, 3);
  await tab.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } }));
  await tab.click("#take");
  await tab.click("#card summary");
  for (const place of [0, 1]) await tab.locator("#card details input").nth(place).check();
  await tab.locator("#card .bar button").nth(1).click();
  const address = await tab.evaluate(() => window.copied);
  await tab.keyboard.press("Escape");
  const fresh = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await fresh.goto(address);
  await settled(fresh);
  found.link = [[await tab.textContent("#epoch"), await loss(tab)], [await fresh.textContent("#epoch"), await loss(fresh)]];
  found.unseen = await fresh.locator("[data-control][hidden]").evaluateAll((all) => all.map((one) => one.dataset.control));
  await fresh.click("#reset");
  await epochIs(fresh, 0);
  found.over = await fresh.textContent("#epoch");
  await fresh.context().close();
}

run(async (browser, page) => {
  const views = [];
  for (const language of ["en", "zh"]) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const tab = await context.newPage();
    const view = { language, complaints: [], faults: [] };
    tab.on("console", (message) => view.complaints.push(message.text()));
    tab.on("pageerror", (error) => view.complaints.push(error.stack));
    await tab.addInitScript((name) => localStorage.setItem("language", name), language);
    await tab.goto(page);
    await settled(tab);
    view.latin = await latin(tab);
    await dialogs(tab, view);
    await settings(tab, view);
    await draw(tab, view);
    await tab.goto(`${page}#`);
    await tab.reload();
    await settled(tab);
    await questions(tab, view);
    await link(tab, view, browser);
    views.push(view);
    await context.close();
  }
  return views;
});
