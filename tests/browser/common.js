// What scripts that drive pages share.
const axe = require("axe-core");
const { chromium } = require("playwright-core");

const PATIENCE = 300_000; // milliseconds after which what has not happened will not; a busy machine takes a tenth of them
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

/** Headless Chromium, whose pages wait patiently; of the playground they show all controls, as to somebody who has asked for them (unless `controls` are "few"). */
async function launched(...flags) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...FLAGS, ...flags] });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async ({ controls = "all", ...options } = {}) => {
    const context = await newContext(options);
    if (controls === "all") await context.addInitScript(() => { try { localStorage.setItem("controls", "all"); } catch { /* a frame without storage */ } });
    context.setDefaultTimeout(PATIENCE);
    return context;
  };
  return browser;
}

/** What a script does: print as JSON what is found, with a browser, of the arguments of the command. */
function run(find, ...flags) {
  const main = async () => {
    const browser = await launched(...flags);
    const found = await find(browser, ...process.argv.slice(2));
    await browser.close();
    console.log(JSON.stringify(found));
  };
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

/** When the network is on the page. */
const settled = (tab) => tab.waitForFunction(() => document.querySelectorAll("#links path").length > 0);

/** What axe-core finds at fault. */
async function faults(tab) {
  await tab.evaluate(axe.source);
  const result = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]);
}

/** What the address says is chosen; the browser may not have told the driver of it yet. */
const chosen = async (tab) => JSON.parse(decodeURIComponent(await tab.evaluate(() => location.hash.slice(1))) || "{}");

/** The text of an element as soon as it is another one than before. */
const otherThan = async (tab, id, before) => (await tab.waitForFunction(([name, text]) => {
  const now = document.getElementById(name).textContent;
  return now !== text && now;
}, [id, before])).jsonValue();

/** The least and the largest letters of a page's charts, in pixels as they are seen; null without charts. */
const letters = (tab) => tab.evaluate(() => {
  const seen = [...document.querySelectorAll("figure svg text")].filter((text) => text.getClientRects().length);
  const sizes = seen.map((text) => {
    const { a, b } = text.getScreenCTM();
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
  });
  return sizes.length ? [Math.min(...sizes), Math.max(...sizes)] : null;
});

module.exports = { chosen, faults, launched, letters, otherThan, run, settled };
