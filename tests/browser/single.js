// Opens the playground that is a single file, trains for an epoch, takes the next step apart, and
// sets two networks side by side; prints as JSON what came of it.

const { run } = require("./common.js");

run(async (browser, page) => {
  const tab = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
  const found = { complaints: [], requests: [] };
  tab.on("console", (message) => found.complaints.push(message.text()));
  tab.on("pageerror", (error) => found.complaints.push(error.message));
  tab.on("request", (request) => /^(data|blob):/.test(request.url()) || found.requests.push(request.url()));
  await tab.goto(page);
  await tab.locator(".node").nth(4).waitFor();
  await tab.click("#epoch-button");
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "1");
  found.loss = await tab.textContent("#train-loss");
  await tab.click("#slow");
  await tab.waitForSelector("#motion h3");
  await tab.click("[data-motion=close]");
  await tab.selectOption("#table", "moons");
  await tab.waitForFunction(() => location.hash.includes("moons"));
  await tab.click("#side"); // workers of its own
  await tab.waitForSelector("#side-verdict:not(:empty)");
  return found;
});
