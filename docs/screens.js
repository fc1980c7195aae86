// node screens.js folder page...: photographs each page, in light and dark, into the folder as page.light.png and
// page.dark.png: a report where its charts begin; the form of an exported model when two columns have been filled in.
const { basename, join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const SIZE = { width: 720, height: 600 };

async function photograph(browser, folder, file, colorScheme) {
  const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: 1.5, colorScheme, reducedMotion: "reduce", bypassCSP: true });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(file).href);
  if (basename(file).startsWith("page.")) {
    const done = () => tab.waitForSelector("body[data-state=done]");
    await done();
    await tab.locator("#fields select").first().selectOption("centre");
    await tab.locator("#fields input[type=number]").first().fill("90");
    await done();
    await tab.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
  }
  await tab.evaluate(() => document.getElementById("compared")?.scrollIntoView());
  await tab.addStyleTag({ content: "html::after { content: ''; position: fixed; inset: 0; border: 1px solid #8886; pointer-events: none }" });
  await tab.waitForTimeout(500);
  await tab.screenshot({ path: join(folder, basename(file).replace("html", `${colorScheme}.png`)) });
  await context.close();
}

async function main(folder, ...pages) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  for (const page of pages) for (const scheme of ["light", "dark"]) await photograph(browser, folder, page, scheme);
  await browser.close();
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
