// Opens a page of parts in headless Chromium, in both languages and themes, on a phone and on a desktop; uses each part;
// prints as JSON what came of it, what axe-core finds at fault, and what the page complained of.
const { faults, run } = require("./common.js");

const texts = (part, selector) => part.locator(selector).allTextContents();

async function neuron(tab, found) {
  const part = tab.locator("glassnet-neuron").first();
  found.neuron = [await texts(part, ".readings dd")];
  await part.locator("input").first().fill("2");
  found.neuron.push(await texts(part, ".readings dd"));
  await part.locator("button").click();
  found.neuron.push(await texts(part, ".readings dd"));
  found.formulas = await part.locator(".line").count();
  await part.locator(".plot").click({ position: { x: 120, y: 80 } });
  found.neuron.push(await texts(part, ".readings dd"));
  found.single = await tab.locator("glassnet-neuron").nth(1).locator(".plot").count();
}

async function activation(tab, found) {
  const part = tab.locator("glassnet-activation").first();
  await part.locator("input[type=range]").fill("2");
  found.activation = await texts(part, ".readings dd");
  await part.locator("select").selectOption("relu");
  found.relu = await texts(part, ".readings dd");
  found.compared = await texts(tab.locator("glassnet-activation").nth(1), ".key li");
}

async function landscape(tab, found) {
  const part = tab.locator("glassnet-landscape").first();
  const verdict = () => part.locator(".verdict").textContent();
  await part.locator("button").first().click();
  found.descended = [await texts(part, ".readings dd"), await verdict()];
  await part.locator("button").nth(2).click();
  await part.locator("input[type=number]").fill("2.1");
  await part.locator("input[type=number]").press("Tab");
  await part.locator("button").first().click();
  found.diverged = [await texts(part, ".readings dd"), await verdict()];
  await part.locator("select").first().selectOption("saddle");
  await part.locator("svg.plot").press("ArrowLeft");
  found.nudged = await texts(part, ".readings dd");
}

async function race(tab, found) {
  const part = tab.locator("glassnet-race").first();
  await part.locator("button").first().click();
  found.race = await texts(part, ".standing tbody tr");
  found.paths = await part.locator(".path").count();
}

async function step(tab, found) {
  const part = tab.locator("glassnet-step").first();
  await part.locator("#motion h3").waitFor();
  found.beats = [await part.locator("#motion h3").textContent()];
  found.alerts = [];
  const on = part.locator("[data-motion=on]");
  await on.focus();
  while (await on.isEnabled()) {
    await tab.keyboard.press("ArrowRight");
    found.beats.push(await part.locator("#motion h3").textContent());
    if (found.beats.length % 3 === 0) found.alerts.push(...(await faults(tab)));
  }
  await part.locator(".net .node").nth(2).focus();
  await tab.keyboard.press("ArrowDown");
  found.link = await part.locator("#motion .formulas > p").first().textContent();
  found.lines = await part.locator("#motion .line").count();
  found.nodes = await part.locator(".net .node").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
  await part.locator(".bar button").nth(2).click();
  found.after = await part.locator(".bar button").count();
}

/** A question: the result of a known mistake, then the right one by keyboard, then other numbers. */
async function workout(tab, found) {
  const part = tab.locator("glassnet-workout");
  const verdict = part.locator(".verdict");
  const given = () => part.locator(".given").textContent();
  const field = part.locator("[data-workout=answer]");
  await field.fill("-2*-0.1819");
  await field.press("Enter");
  found.workout = { mistake: await verdict.locator("[data-mistake]").getAttribute("data-mistake"), right: [await verdict.getAttribute("data-right")] };
  await part.locator("[data-workout=hint]").press("Enter");
  await tab.keyboard.press("Enter");
  await field.fill("0.342");
  await tab.keyboard.press("Enter");
  found.workout.right.push(await verdict.getAttribute("data-right"));
  found.workout.memory = await verdict.textContent();
  found.workout.score = await part.locator(".score").textContent();
  found.alerts.push(...(await faults(tab)));
  found.workout.first = await given();
  await part.locator("[data-workout=numbers]").click();
  found.workout.other = await given();
}

/** Links to symbols: what stands out while one points at them, and the beat that is open once one has followed them. */
async function symbols(tab, found) {
  const part = tab.locator("glassnet-neuron").first();
  const outlined = () => part.evaluate(({ shadowRoot }) => [...shadowRoot.querySelectorAll("label")]
    .filter((one) => getComputedStyle(one).outlineStyle === "solid").map((one) => one.dataset.symbol));
  found.outlined = [await outlined()];
  await tab.locator('a[href="#neuron-w"]').hover();
  found.outlined.push(await outlined());
  await tab.locator('a[href="#step-back_hidden"]').click();
  found.outlined.push(await outlined());
  found.opened = await tab.locator("glassnet-step").first().locator("#motion h3").textContent();
}

/** A network of a notebook's session: its beats, the maps of its neurons, and the row that is asked for. */
async function session(tab, found) {
  const part = tab.locator("#session glassnet-session");
  const beats = (await part.locator("#motion h3").textContent()).split("·")[0].split("/")[1];
  found.session = [await part.locator(".net .node").count(), Number(beats)];
  await part.locator("[data-motion=maps]").click();
  found.maps = await part.locator(".net:not(.numbers) image[href^='data:image/png']").count();
  found.alerts.push(...(await faults(tab)));
  await part.locator("input[type=number]").fill("3");
  await part.locator("input[type=number]").press("Tab");
  found.kept = await tab.evaluate(() => kept);
}

run(async (browser, page) => {
  const views = [];
  for (const width of [390, 1280]) {
    for (const [language, theme] of [["en", "light"], ["zh", "dark"]]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
      const tab = await context.newPage();
      const view = { width, language, complaints: [] };
      tab.on("console", (message) => view.complaints.push(message.text()));
      tab.on("pageerror", (error) => view.complaints.push(error.message));
      await tab.addInitScript(([chosen, colours]) => {
        document.addEventListener("DOMContentLoaded", () => {
          document.documentElement.lang = chosen;
          document.body.dataset.theme = colours;
        });
      }, [language, theme]);
      await tab.goto(page);
      await tab.locator("glassnet-step #motion h3").first().waitFor();
      view.faults = await faults(tab);
      view.overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      view.wrong = await tab.locator("#wrong").evaluate((part) => part.shadowRoot.textContent);
      if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${width}-${language}.png`, fullPage: true });
      for (const use of [neuron, activation, landscape, race, step, workout, session, symbols]) await use(tab, view);
      if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${width}-${language}-used.png`, fullPage: true });
      views.push(view);
      await context.close();
    }
  }
  return views;
}, "--allow-file-access-from-files");
