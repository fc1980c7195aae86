// Networks side by side, the loss surface, the learning-rate finder, the doctor, and a network of many links in headless
// Chromium; prints as JSON what came of each control, what axe-core finds at fault, and what the page complained of.
const { chosen, faults: byAxe, run } = require("./common.js");

const unit = { activation: "tanh", dropout: 0, norm: "none", skip: false, units: 8 };
const DEEP = { hidden: Array(8).fill({ ...unit, units: 32 }) };
const DEAD = { hidden: [{ ...unit, activation: "relu" }, { ...unit, activation: "relu" }], optimizer: "sgd", rate: 10, table: "moons" };
const DIVERGING = { hidden: [{ ...unit, activation: "relu" }], optimizer: "sgd", rate: 100, table: "sine" };

const epoch = (tab, id, at) => tab.waitForFunction(([name, least]) =>
  Number(document.getElementById(name).textContent.replace(/\D/g, "")) >= least, [id, at]);

async function faults(tab) {
  const wider = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return [...(await byAxe(tab)), ...(wider > 0 ? [["wider", wider]] : [])];
}

/** Two networks, four, one of them another, trained, one away; and the same from the address. */
async function side(tab, found) {
  const cards = () => tab.locator(".side section").count();
  await tab.focus("#side");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("#side-verdict:not(:empty)");
  found.cards = [await cards()];
  await tab.click("#side-more");
  await tab.click("#side-more");
  await tab.waitForFunction(() => document.querySelectorAll(".side section").length === 4);
  found.cards.push(await cards());
  found.full = await tab.locator("#side-more").isDisabled();
  await tab.locator(".side select").nth(2).selectOption("optimizer=sgd");
  await tab.locator(".side select").nth(3).selectOption("mistake=fast");
  await tab.click("#side-play");
  await epoch(tab, "side-epoch", 8);
  await tab.selectOption("#side-speed", "speedFull");
  await epoch(tab, "side-epoch", 20);
  await tab.click("#side-play");
  await tab.waitForFunction(() => {
    const [epoch, words] = ["side-epoch", "side-verdict"].map((id) => document.getElementById(id).textContent);
    return words.includes(epoch); // of the epoch at which all have stopped
  });
  Object.assign(found, await tab.evaluate(() => ({
    verdict: document.getElementById("side-verdict").textContent, curve: document.getElementById("side-curve").getAttribute("aria-label"),
  })));
  found.faults.push(...(await faults(tab)));
  found.maps = await tab.evaluate(() => [...document.querySelectorAll(".side section")].map((card) =>
    [card, card.querySelector(".plane")].map((one) => Math.round(one.getBoundingClientRect().top))));
  await tab.locator(".side .small").nth(3).click();
  await tab.waitForFunction(() => document.querySelectorAll(".side section").length === 3);
  found.cards.push(await cards());
  found.side = (await chosen(tab)).side;
  const other = await tab.context().newPage();
  await other.goto(await tab.evaluate(() => location.href));
  await other.waitForSelector("#side-verdict:not(:empty)");
  found.again = await other.locator(".side select").evaluateAll((all) => all.map(({ value }) => value));
  await other.close();
  await tab.click("#side-epoch-button");
  await epoch(tab, "side-epoch", 1);
  await tab.click("#side-reset");
  await tab.waitForFunction(() => document.getElementById("side-epoch").textContent === "0");
  await tab.keyboard.press("Escape");
  await tab.waitForFunction(() => !document.getElementById("wide").open && !location.hash.includes("side"));
  found.closed = (await chosen(tab)).side ?? null;
}

async function surface(tab, found) {
  await tab.click("#surface");
  await tab.waitForSelector("#wide p[aria-live]:not(:empty)");
  await tab.waitForFunction(() => !document.getElementById("landscape"));
  await tab.keyboard.press("Escape");
  for (let made = 1; made < 6; made++) {
    await tab.click("#epoch-button");
    await epoch(tab, "epoch", made);
  }
  await tab.click("#surface");
  await tab.waitForSelector("#landscape[aria-label]");
  found.surface = await tab.getAttribute("#landscape", "aria-label");
  await tab.hover("#landscape");
  found.here = await tab.locator("#wide p").nth(1).textContent();
  found.faults.push(...(await faults(tab)));
  await tab.keyboard.press("Escape");
}

async function rates(tab, found) {
  await tab.click("#find-rate");
  await tab.waitForSelector("#take-rate");
  found.rates = await tab.getAttribute("#range", "aria-label");
  found.faults.push(...(await faults(tab)));
  await tab.click("#range");
  found.clicked = (await chosen(tab)).rate;
  await tab.click("#find-rate");
  await tab.waitForSelector("#take-chosen");
  await tab.selectOption("#wide select", "0.3");
  await tab.click("#take-chosen");
  found.chosen = (await chosen(tab)).rate;
}

/** To an address, as whoever follows a link. */
async function visit(tab, page, what) {
  await tab.goto("about:blank");
  await tab.goto(`${page}#${encodeURIComponent(JSON.stringify(what))}`);
  await tab.waitForSelector("#doctor p, #doctor li");
}

async function doctor(tab, page, found) {
  await visit(tab, page, DEAD);
  found.rows = await tab.locator("#doctor tbody tr").count();
  await tab.selectOption("#speed", "speedFull");
  await tab.click("#play");
  await tab.waitForSelector("#doctor li [data-remedy=leaky]");
  await tab.click("#play");
  await tab.waitForSelector(".node.idle .mark:not(:empty)");
  found.dead = await tab.textContent("#doctor li");
  found.named = await tab.locator(".node.idle").evaluateAll((all) => all.map((node) => node.getAttribute("aria-label")));
  found.faults.push(...(await faults(tab)));
  await tab.click("#doctor [data-remedy=leaky]");
  found.cured = (await chosen(tab)).hidden.map(({ activation }) => activation).sort();
  await visit(tab, page, DIVERGING);
  await tab.selectOption("#speed", "speedFull");
  await tab.click("#play");
  await tab.waitForSelector("#alarm:not([hidden]) button");
  found.diverged = [await tab.textContent("#alarm"), await tab.textContent("#doctor li")];
  found.faults.push(...(await faults(tab)));
  await tab.click("#alarm button");
  await tab.waitForSelector("#alarm", { state: "hidden" });
  found.slower = (await chosen(tab)).rate;
}

/** A network whose links stand on a canvas: a link under the pointer is marked, a click opens it, slow motion names links. */
async function many(tab, page, found) {
  await visit(tab, page, DEEP);
  await tab.evaluate(() => document.getElementById("stage").scrollIntoView());
  found.svg = await tab.locator("#links path").count();
  found.colors = await tab.evaluate(() => {
    const canvas = document.getElementById("painting");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, Math.min(600, canvas.height));
    return new Set(new Uint32Array(data.buffer)).size;
  });
  const [from, to] = await Promise.all([1, 2].map((layer) => tab.locator(`[data-key=node-${layer}-0]`).boundingBox()));
  await tab.mouse.move((from.x + from.width + to.x) / 2, from.y + from.height / 2);
  await tab.waitForSelector("#links path.marked", { state: "attached" }); // a level curve has no height
  await tab.mouse.click((from.x + from.width + to.x) / 2, from.y + from.height / 2);
  await tab.waitForSelector("#card input");
  found.fields = await tab.locator("#card input").count();
  await tab.keyboard.press("Escape");
  await tab.click("#slow");
  await tab.waitForSelector("#motion h3");
  await tab.keyboard.press("ArrowRight");
  await tab.keyboard.press("ArrowRight");
  found.labels = await tab.locator("#links text").count();
  await tab.click("[data-motion=close]");
}

run(async (browser, page) => {
  const views = [];
  for (const [width, language, theme] of [[390, "zh", "light"], [1280, "en", "dark"]]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
    const tab = await context.newPage();
    const view = { width, language, complaints: [], faults: [] };
    tab.on("console", (message) => view.complaints.push(message.text()));
    tab.on("pageerror", (error) => view.complaints.push(error.message));
    await tab.addInitScript(([chosen, colours]) => {
      if (location.protocol === "about:") return;
      localStorage.setItem("language", chosen);
      localStorage.setItem("theme", colours);
    }, [language, theme]);
    await visit(tab, page, {});
    await side(tab, view);
    await surface(tab, view);
    await rates(tab, view);
    await doctor(tab, page, view);
    await many(tab, page, view);
    views.push(view);
    await context.close();
  }
  return views;
});
