// Opens each page of a server that is named in headless Chromium, phone and desktop, light and dark; fills the form in by
// keyboard, once rightly and once wrongly; and prints as JSON what axe-core finds at fault, whether a page is wider than
// its window, what it tries to load, and what it says.
const axe = require("axe-core");
const { launched } = require("./common.js");

async function look(tab, view) {
  await tab.evaluate(axe.source);
  const result = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const said = await tab.evaluate(() => (document.querySelector("[role=status], [role=alert]") || {}).innerText || "");
  return {
    ...view, overflow, said,
    faults: result.violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.slice(0, 3).map((node) => node.html.slice(0, 200)),
    })),
  };
}

async function fill(tab, age) {
  await tab.focus("#field-0");
  await tab.keyboard.press("Control+A");
  await tab.keyboard.type(age);
  await tab.keyboard.press("Tab");
  await tab.keyboard.type("Ulm");
  await Promise.all([tab.waitForNavigation(), tab.press("#field-0", "Enter")]);
}

async function main(pages) {
  const browser = await launched();
  const found = [];
  for (const page of pages) {
    for (const width of [390, 1200]) {
      for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
        const tab = await context.newPage();
        const loaded = [], complaints = [];
        tab.on("request", (request) => request.isNavigationRequest() || loaded.push(request.url()));
        // that the row was wrong is meant, and no complaint of the page
        tab.on("console", (message) => message.text().includes("status of 422") || complaints.push(message.text()));
        await tab.goto(page);
        await tab.keyboard.press("Tab");
        const first = await tab.evaluate(() => document.activeElement.getAttribute("href"));
        const view = { page, width, colorScheme, first, loaded, complaints };
        found.push(await look(tab, { ...view, state: "empty" }));
        if (await tab.$("form")) {
          await fill(tab, "62");
          found.push(await look(tab, { ...view, state: "answered" }));
          await fill(tab, "old");
          found.push(await look(tab, { ...view, state: "wrong" }));
        }
        await context.close();
      }
    }
  }
  await browser.close();
  console.log(JSON.stringify(found));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
