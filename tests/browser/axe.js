// Opens each page that is named in headless Chromium, phone and desktop, light and dark, and prints as JSON: what
// axe-core finds at fault, whether a page is wider than its window, and what it tries to load.
const axe = require("axe-core");
const { letters, run } = require("./common.js");

run(async (browser, ...pages) => {
  const found = [];
  for (const page of pages) {
    for (const width of [390, 1200]) {
      for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
        const tab = await context.newPage();
        const loaded = [], complaints = [];
        tab.on("request", (request) => loaded.push(request.url()));
        tab.on("console", (message) => complaints.push(message.text()));
        await tab.goto("file://" + page);
        // a model as a page is there once its weights are unpacked
        await tab.waitForFunction(() => !document.getElementById("model") || document.body.dataset.state === "done");
        await tab.evaluate(axe.source);
        const result = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        await tab.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
        const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        await tab.keyboard.press("Tab");
        const first = await tab.evaluate(() => document.activeElement.getAttribute("href"));
        found.push({
          page, width, colorScheme, overflow, first, complaints, loaded: loaded.slice(1), letters: await letters(tab),
          faults: result.violations.map(({ id, impact, help, nodes }) => ({
            id, impact, help, nodes: nodes.slice(0, 3).map((node) => node.html.slice(0, 200)),
          })),
        });
        await context.close();
      }
    }
  }
  return found;
});
