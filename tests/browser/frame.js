// Opens a page with the playground in a frame, and prints as JSON what stands in it.

const { run } = require("./common.js");

run(async (browser, page) => {
  const tab = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
  const complaints = [];
  tab.on("console", (message) => complaints.push(message.text()));
  tab.on("pageerror", (error) => complaints.push(error.message));
  await tab.goto(page);
  const frame = tab.frameLocator("glassnet-playground iframe");
  await frame.locator(".node").nth(4).waitFor();
  const found = await frame.locator("html").evaluate((root) => ({
    lang: root.lang, theme: root.dataset.theme, table: root.querySelector("#table").value,
    hidden: !root.querySelector("#noise").checkVisibility(),
  }));
  found.links = await tab.locator("glassnet-playground a").count();
  found.complaints = complaints;
  return found;
});
