// Takes every lesson of the playground in headless Chromium: opened by its address, all hints asked for, solved stage by stage
// as a reader would, and looked at by axe; prints as JSON what came of it.
const { chosen, faults, run, settled } = require("./common.js");

const text = (tab, selector) => tab.textContent(selector);

/** Choices as a reader would make them, by the address; weights by the card of the output neuron. */
async function prepare(tab, lesson, { part, set }) {
  if (part) {
    await tab.evaluate(([name, changed]) => {
      const now = location.hash.length > 1 ? JSON.parse(decodeURIComponent(location.hash.slice(1))) : {};
      location.hash = encodeURIComponent(JSON.stringify({ ...now, lesson: name, ...changed }));
    }, [lesson, part]);
    await tab.waitForFunction(() => document.getElementById("epoch").textContent === "0");
  }
  if (!set) return;
  await tab.click("[data-key=node-1-0]");
  for (const [place, value] of set.entries()) {
    await tab.locator("#card input").nth(place).fill(String(value));
    await tab.keyboard.press("Tab");
  }
  await tab.keyboard.press("Escape");
}

async function repair(tab, goal) {
  await tab.click("#check");
  await tab.waitForSelector("[data-repair='1']");
  await tab.click("[data-repair='1']");
  const refused = await text(tab, "#card [role=status]");
  await tab.click("[data-repair='2']");
  await tab.waitForFunction((task) => document.querySelector("#lesson .goal").textContent !== task, goal);
  return refused;
}

async function take(tab, page, lesson, stages) {
  await tab.goto(`${page}#${encodeURIComponent(JSON.stringify({ lesson }))}`);
  await tab.reload();
  await settled(tab);
  const found = { lesson, title: await text(tab, "#lesson-title"), goals: [], hints: 0 };
  while (await tab.locator("[data-lesson=hint]").count()) {
    await tab.click("[data-lesson=hint]");
    found.hints += 1;
  }
  found.shown = await tab.locator("#lesson .hint").count();
  found.hidden = await tab.locator("[data-control]:not(:visible)").count();
  found.overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await tab.evaluate(() => { document.getElementById("speed").value = "speedFull"; }); // not every lesson shows it
  for (const stage of stages) {
    found.goals.push(await text(tab, "#lesson .goal"));
    if (lesson === "mistake" && stage.part) found.refused = await repair(tab, found.goals.at(-1));
    else await prepare(tab, lesson, stage);
    if (stage.epochs) {
      await tab.click("#play");
      await tab.waitForFunction(([goal]) => !document.querySelector("#lesson .after").hidden
        || document.querySelector("#lesson .goal").textContent !== goal, [found.goals.at(-1)]);
      if ((await tab.getAttribute("#play", "aria-pressed")) === "true") await tab.click("#play");
    }
  }
  await tab.waitForSelector("#lesson .after:not([hidden])");
  found.after = await text(tab, "#lesson .after");
  found.faults = await faults(tab);
  return found;
}

run(async (browser, page, solutions) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", controls: "few" });
  const tab = await context.newPage();
  const complaints = [];
  tab.on("console", (message) => complaints.push(message.text()));
  tab.on("pageerror", (error) => complaints.push(error.message));
  const lessons = [];
  for (const [lesson, stages] of Object.entries(JSON.parse(solutions))) lessons.push(await take(tab, page, lesson, stages));
  await tab.reload();
  await settled(tab);
  await tab.click("#lessons");
  const progress = { solved: await tab.locator("#card .lessons .tick").allTextContents(), faults: await faults(tab) };
  await tab.click("#card [data-lesson=bend]");
  await tab.waitForFunction(() => document.getElementById("card").open === false);
  progress.chosen = await chosen(tab);
  await tab.click("[data-lesson=next]");
  progress.next = await chosen(tab);
  await tab.click("[data-lesson=leave]");
  progress.left = await tab.locator("#lesson").isHidden();
  return { lessons, progress, complaints };
});
