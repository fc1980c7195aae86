// node stills.js target kept page...: photographs each part of these pages whose picture is not among the kept ones into
// the target folder, and prints the names of all.
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");

const RUN = /^(landscape|race)-/;
const ASKS = /"lesson": "bend"/; // a playground that asks for a boundary: one is drawn, and 20 epochs are trained
const GUESS = [[0.3, 0.05], [0.5, 0.5], [0.95, 0.7]]; // across the map, and down

async function guess(tab, page) {
  const { x, y, width, height } = await page.locator("#plane").boundingBox();
  const places = GUESS.map(([right, down]) => [x + right * width, y + down * height]);
  await tab.mouse.move(...places[0]);
  await tab.mouse.down();
  for (const place of places.slice(1)) await tab.mouse.move(...place, { steps: 20 });
  await tab.mouse.up();
  for (let epoch = 1; epoch <= 20; epoch++) {
    await page.locator("#epoch-button").evaluate((button) => button.click()); // the lesson does not show it
    await page.locator("#moment", { hasText: new RegExp(`\\b${epoch}\\b`) }).waitFor();
  }
  await tab.mouse.move(1, 1);
}

async function photograph(browser, target, kept, page) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 1600 }, deviceScaleFactor: 2, colorScheme: "light", reducedMotion: "reduce",
  });
  const tab = await context.newPage();
  await tab.goto(page, { waitUntil: "networkidle" });
  for (const part of await tab.locator("[data-still]").all()) {
    const name = await part.getAttribute("data-still");
    console.log(name);
    if (existsSync(join(kept, name))) continue;
    if (!(await part.evaluate((element) => element.matches(":defined")))) throw new Error(`no script makes ${name}`);
    await part.scrollIntoViewIfNeeded();
    if (RUN.test(name)) await part.locator("button.main").click(); // all steps at once, as for readers who want no motion
    await tab.waitForTimeout(800);
    if (ASKS.test(await part.getAttribute("state"))) await guess(tab, part.frameLocator("iframe"));
    await part.screenshot({ path: join(target, name), animations: "disabled" });
  }
  await context.close();
}

async function main(target, kept, ...pages) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  for (const page of pages) await photograph(browser, target, kept, page);
  await browser.close();
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
