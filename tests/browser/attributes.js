// Opens a page of parts whose attributes are what nobody should write; prints as JSON what each of them shows, and what the
// page complained of.
const { run } = require("./common.js");

run(async (browser, page) => {
  const tab = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" })).newPage();
  const found = { complaints: [] };
  tab.on("console", (message) => found.complaints.push(message.text()));
  tab.on("pageerror", (error) => found.complaints.push(error.message));
  await tab.goto(page);
  await tab.waitForFunction(() => [...document.querySelectorAll("main > *")].every((part) =>
    part.shadowRoot && !part.shadowRoot.querySelector("[role=status].quiet")), null, { timeout: 120000 });
  found.parts = await tab.locator("main > *").evaluateAll((parts) => parts.map((part) => ({
    markup: part.outerHTML, refused: part.shadowRoot.querySelector("[role=alert]")?.textContent ?? "",
    text: part.shadowRoot.textContent, foreign: part.shadowRoot.querySelectorAll("script, img, b.hostile").length,
  })));
  return found;
}, "--allow-file-access-from-files");
