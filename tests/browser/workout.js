// Opens tasks of the playground in headless Chromium, in both languages and themes, on a phone and on a desktop, by keyboard alone;
// prints as JSON what came of them, what axe-core finds at fault, what sticks out, and the sheets that are printed.
const { chosen, faults, run } = require("./common.js");

const field = "[data-workout=answer]";

/** Press Tab until an element has the focus. */
async function tabTo(tab, selector) {
  for (let steps = 0; steps < 60; steps++) {
    if (await tab.evaluate((of) => document.activeElement.matches(of), selector)) return steps;
    await tab.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

/** What sticks out of the dialog. */
const overflow = (tab, place) => tab.evaluate((of) => {
  const box = document.querySelector(of);
  return box.scrollWidth - box.clientWidth;
}, place);

/** The first task by keyboard: a mistake, hints, what is right; then the next one. */
async function byKeyboard(tab, view) {
  await tab.locator("#work-out").focus();
  await tab.keyboard.press("Enter");
  await tab.locator(field).waitFor();
  await tab.waitForFunction((of) => document.activeElement.matches(of), field);
  view.faults.push(...(await faults(tab)));
  await tab.keyboard.type("none");
  await tab.keyboard.press("Enter");
  view.said = [await tab.locator(".verdict").textContent()];
  await tab.keyboard.press("Control+A");
  await tab.keyboard.type("12345");
  await tab.keyboard.press("Enter");
  view.said.push(await tab.locator(".verdict").textContent());
  await tabTo(tab, "[data-workout=hint]");
  for (let hint = 0; hint < 3; hint++) await tab.keyboard.press("Enter");
  view.hints = await tab.locator(".hint").count();
  view.faults.push(...(await faults(tab)));
  await tabTo(tab, "[data-workout=solution]");
  await tab.keyboard.press("Enter");
  view.solution = await tab.locator(".solution").textContent();
  view.overflow = [await overflow(tab, "#wide")];
  await tabTo(tab, "[data-workout=next]");
  await tab.keyboard.press("Enter");
  await tab.locator("[data-task=activation]").waitFor();
  view.address = (await chosen(tab)).workout;
  view.score = await tab.locator(".score").textContent();
  await tab.keyboard.press("Escape");
  await tab.waitForFunction(() => !location.hash.includes("workout"));
}

/** Every task in turn: nothing sticks out, and every question is there. */
async function each(tab, view) {
  await tab.locator("#work-out").click();
  const tasks = await tab.locator("[data-workout=task] option").evaluateAll((all) => all.map(({ value }) => value));
  view.questions = [];
  for (const task of tasks) {
    await tab.locator("[data-workout=task]").selectOption(task);
    await tab.waitForFunction((name) => document.querySelector(".exercise").dataset.task === name, task);
    view.questions.push(await tab.locator(".question").textContent());
    view.overflow.push(await overflow(tab, "#wide"));
    if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${view.width}-${view.language}-${task}.png` });
  }
  view.faults.push(...(await faults(tab)));
}

/** The sheets: on the screen and on paper, and back. */
async function onPaper(tab, view) {
  await tab.locator("[data-workout=print]").click();
  await tab.locator("#sheet .solutions").waitFor();
  view.faults.push(...(await faults(tab)));
  view.sheet = { tasks: await tab.locator("#sheet .task").count(), solutions: await tab.locator("#sheet .solution").count(), overflow: await overflow(tab, "html") };
  view.sheet.columns = await tab.locator("#sheet .task").first().evaluate((one) => getComputedStyle(one).gridTemplateColumns.split(" ").length);
  const printed = await tab.pdf({ format: "A4" });
  view.sheet.pages = printed.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  await tab.emulateMedia({ media: "print" });
  view.sheet.apart = await tab.locator("#sheet .solutions").evaluate((one) => getComputedStyle(one).breakBefore);
  view.sheet.button = await tab.locator("#print").isVisible();
  if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${view.width}-${view.language}-sheet.png`, fullPage: true });
  await tab.emulateMedia({ media: "screen" });
  await tab.locator("#back").click();
  await tab.locator(field).waitFor();
  view.back = await tab.locator("#sheet").count();
}

/** Slow motion asks for the numbers of the reader's own network, at every beat but the first. */
async function slowMotion(tab, view) {
  await tab.keyboard.press("Escape");
  await tab.locator("#slow").click();
  view.own = [];
  const on = tab.locator("[data-motion=on]");
  await on.waitFor();
  view.asksFirst = await tab.locator("[data-motion=ask]").count();
  while (await on.isEnabled()) {
    await on.click();
    await tab.locator("[data-motion=ask]").click();
    await tab.locator("[data-workout=solution]").click();
    const told = (await tab.locator(".solution math").last().textContent()).replace("=", "").replace("−", "-");
    await tab.locator(field).fill(told);
    await tab.locator(field).press("Enter");
    view.own.push([await tab.locator(".question").textContent(), await tab.locator(".verdict").getAttribute("data-right")]);
    view.overflow.push(await overflow(tab, "#wide"));
    if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${view.width}-${view.language}-own${view.own.length}.png` });
    if (view.own.length % 3 === 0) view.faults.push(...(await faults(tab)));
    await tab.keyboard.press("Escape");
  }
}

run(async (browser, page) => {
  const views = [];
  for (const [width, language, theme] of [[390, "zh", "dark"], [1280, "en", "light"]]) {
    const context = await browser.newContext({ viewport: { width, height: 844 }, reducedMotion: "reduce", colorScheme: theme });
    const tab = await context.newPage();
    const view = { width, language, complaints: [], faults: [] };
    tab.on("console", (message) => view.complaints.push(message.text()));
    tab.on("pageerror", (error) => view.complaints.push(error.message));
    await tab.goto(`${page}?language=${language}`);
    await tab.locator("#work-out").waitFor();
    for (const use of [byKeyboard, each, onPaper, slowMotion]) await use(tab, view);
    views.push(view);
    await context.close();
  }
  return views;
});
