// node stills.js target kept page...: photographs each part of these pages whose picture is not among the kept ones into
// the target folder, and prints the names of all.
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { chromium } = require("playwright-core");

const RUN = /^(landscape|race)-/;

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
