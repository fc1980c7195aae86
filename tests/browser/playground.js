// Uses every control of the playground once in headless Chromium, in both languages and themes, on a phone and on a wide
// screen; and prints as JSON what came of it, what axe-core finds at fault, and what the page complained of.
const { chosen, faults, otherThan, run, settled } = require("./common.js");

const text = (tab, id) => tab.textContent(`#${id}`);

async function use(tab, found) {
  const links = () => tab.locator("#links path").count();
  await tab.click("#epoch-button");
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "1");
  found.losses = [await text(tab, "train-loss")];
  await tab.click("#play");
  await tab.waitForFunction(() => Number(document.getElementById("epoch").textContent) > 5);
  await tab.click("#play");
  await tab.click("#reset");
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "0");
  await tab.click("#epoch-button");
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "1");
  found.losses.push(await text(tab, "train-loss"));
  await tab.fill("#time", "0");
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "0");
  found.links = [await links()];
  for (const key of ["more", "plus-2", "less-0", "fewer"]) {
    await tab.click(`[data-key=${key}]`);
    await tab.waitForFunction((before) => document.querySelectorAll("#links path").length !== before, found.links.at(-1));
    found.links.push(await links());
  }
  for (const [id, value] of Object.entries({
    table: "rings", loss: "focal", optimizer: "momentum", rate: "0.1", activation: "relu", penalty: "l2", strength: "0.01",
  })) await tab.selectOption(`#${id}`, value);
  for (const [id, value] of Object.entries({ rows: "200", noise: "0.2", share: "0.5", batch: "8" })) await tab.fill(`#${id}`, value);
  await tab.click("#regenerate");
  await tab.locator("#inputs input").nth(2).check();
  await tab.check("#tests");
  await tab.check("#discrete");
  found.address = await chosen(tab);
  await tab.click("[data-key=set-0]");
  await tab.selectOption("#card select", "layer_norm");
  await tab.keyboard.press("Escape");
  found.norm = (await chosen(tab)).hidden[0].norm;
  await tab.focus("[data-key=node-1-0]");
  await tab.keyboard.press("Enter");
  const before = await text(tab, "train-loss");
  await tab.locator("#card input").first().fill("2.5");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Escape");
  const byHand = await otherThan(tab, "train-loss", before);
  await tab.focus("[data-key=node-1-0]");
  await tab.keyboard.press("Enter");
  found.weight = await tab.locator("#card input").first().inputValue();
  await tab.keyboard.press("Escape");
  const other = await tab.context().newPage();
  await other.goto(await tab.evaluate(() => location.href));
  await settled(other);
  found.again = [await text(other, "train-loss"), await other.inputValue("#table")];
  await tab.click("#reset");
  await otherThan(tab, "train-loss", byHand);
  found.first = [await text(tab, "train-loss"), await tab.inputValue("#table")];
}

/** A table that is pasted, another that is dropped; and the dialog that the network leaves by. */
async function own(tab, found) {
  const rows = (classes) => Array.from({ length: 60 }, (_, row) => `${row % 7},${row % 5},${classes[row % classes.length]}`).join("\n");
  await tab.click("#own");
  await tab.fill("#card textarea", "1,2");
  await tab.click("#card .main");
  await tab.waitForSelector("#card [role=alert]:not(:empty)");
  found.wrong = await tab.textContent("#card [role=alert]");
  found.gap = await tab.evaluate(() => document.querySelector("#card [role=alert]").getBoundingClientRect().top - document.querySelector("#card .file").getBoundingClientRect().bottom);
  await tab.fill("#card textarea", rows(["a", "b", "c"]));
  found.dialog = await faults(tab);
  await tab.click("#card .main");
  await tab.waitForFunction(() => document.getElementById("key").textContent === "abc");
  found.pasted = [await tab.inputValue("#table"), await tab.locator("#key span").allTextContents()];
  await tab.click("#confusion summary");
  await tab.waitForSelector("#confusion-table td");
  found.heads = await tab.locator("#confusion-table th[scope=col]").allTextContents();
  found.beyond = await tab.evaluate(() => {
    const place = document.getElementById("confusion");
    for (const head of place.querySelectorAll("th")) head.textContent = "a class with a long name";
    return place.scrollWidth - place.clientWidth;
  });
  const other = await tab.context().newPage();
  await other.route("**/playground/table.csv", (route) => route.fulfill({ body: rows(["a", "b", "c", "d", "e"]) }));
  await other.goto(await tab.evaluate(() => location.href.replace(/#.*/, "?table")));
  await other.waitForFunction(() => document.querySelectorAll("#key span").length === 5);
  found.opened = await other.inputValue("#table");
  await other.close();
  const data = await tab.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "mine.csv", { type: "text/csv" }));
    return transfer;
  }, rows(["a", "b", "c", "d"]));
  await tab.dispatchEvent("body", "drop", { dataTransfer: data });
  await tab.waitForFunction(() => document.querySelectorAll("#key span").length === 4);
  await tab.click("#epoch-button");
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "1");
  await tab.click("#take");
  await tab.waitForSelector("#card textarea");
  found.program = await tab.inputValue("#card textarea");
  found.dialog.push(...(await faults(tab)));
  const [download] = await Promise.all([tab.waitForEvent("download"), tab.click("#card a >> nth=1")]);
  found.weights = (await require("fs").promises.readFile(await download.path())).toString("base64");
  await tab.keyboard.press("Escape");
}

/** Through all beats of a step in slow motion; then the step is made, and the engine's own step compared. */
async function slowDown(tab, found) {
  const said = () => tab.textContent("#motion h3");
  await tab.click("#slow");
  await tab.waitForSelector("#motion h3");
  await tab.mouse.move(1, 1); // off the network, which has come to where the button was
  found.beats = [await said()];
  found.alerts = [];
  while (await tab.locator("[data-motion=on]").isEnabled()) {
    await tab.keyboard.press("ArrowRight");
    found.beats.push(await said());
    found.alerts.push(...(await faults(tab)));
  }
  found.formulas = await tab.locator("#motion .line").count();
  found.numbers = await tab.locator("#stage .number span").count();
  found.labels = await tab.locator("#links text").count();
  found.wider = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  found.cut = await tab.evaluate(() => [...document.querySelectorAll("#motion .formulas > *")]
    .filter((one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right).length);
  await tab.selectOption("[data-motion=rows]", "batch");
  await tab.waitForSelector("[data-motion=row]:disabled");
  await tab.click("[data-motion=apply]");
  await tab.waitForFunction(() => document.querySelector("#motion h3").textContent.startsWith("1/"));
  await tab.click("[data-motion=close]");
  found.closed = await tab.locator("#motion").isHidden();
}

run(async (browser, page) => {
  const views = [];
  for (const width of [390, 1280, 1920]) {
    for (const [language, theme] of [["en", "light"], ["zh", "dark"]]) {
      const context = await browser.newContext({ viewport: { width, height: 900 } });
      const tab = await context.newPage();
      const view = { width, language, complaints: [], elsewhere: [] };
      tab.on("console", (message) => view.complaints.push(message.text()));
      tab.on("pageerror", (error) => view.complaints.push(error.message));
      tab.on("request", (request) => request.url().startsWith(new URL(page).origin) || request.url().startsWith("data:")
        || view.elsewhere.push(request.url()));
      await tab.addInitScript(([chosen, colours]) => {
        localStorage.setItem("language", chosen);
        localStorage.setItem("theme", colours);
      }, [language, theme]);
      await tab.goto(page);
      await settled(tab);
      view.overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      view.faults = await faults(tab);
      view.title = await tab.title();
      if (width === 1280) {
        await use(tab, view);
        await own(tab, view);
      } else await slowDown(tab, view);
      views.push(view);
      await context.close();
    }
  }
  return views;
});
