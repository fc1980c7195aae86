// Takes the first two lessons and a task of the playground in headless Chromium with the keys alone; prints as JSON what came of it,
// which stops of the Tab key cannot be seen to have the focus, and whether the whole page can be gone through.
const { chosen, run, settled } = require("./common.js");

const MOST = 120; // stops of a page

/** The element with the focus: its name for people, and whether it is in sight and marked. */
const here = (tab) => tab.evaluate(() => {
  const one = document.activeElement;
  const { left, right, top, bottom, width } = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const shown = one.matches("input.heard") ? getComputedStyle(one.closest("label")) : style; // a file's field is seen as its label
  return {
    name: one.id || one.dataset.key || one.dataset.lesson || one.getAttribute("aria-label") || one.textContent.trim().slice(0, 30) || one.tagName,
    body: one === document.body,
    seen: width > 0 && top >= -1 && left >= -1 && bottom <= innerHeight + 1 && right <= innerWidth + 1,
    marked: shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) >= 2,
  };
});

/** Press Tab until an element has the focus. */
async function to(tab, selector) {
  for (let steps = 0; steps < MOST; steps++) {
    if (await tab.evaluate((of) => document.activeElement.matches(of), selector)) return;
    await tab.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not reach ${selector}`);
}

async function press(tab, selector, key = "Enter") {
  await to(tab, selector);
  await tab.keyboard.press(key);
}

/** Every stop of the Tab key, forward until the page is left, and the number of them backward. */
async function stops(tab) {
  const round = async (key) => {
    await tab.focus("#skip");
    const found = key === "Tab" ? [await here(tab)] : [];
    for (let steps = 0; steps < MOST; steps++) {
      await tab.keyboard.press(key);
      const stop = await here(tab);
      if (stop.body || (found.length && stop.name === found[0].name)) return found;
      found.push(stop);
    }
    throw new Error(`the focus does not leave the page: ${found.slice(-5).map(({ name }) => name)}`);
  };
  const forward = await round("Tab");
  return { names: forward.map(({ name }) => name), faults: forward.filter(({ seen, marked }) => !seen || !marked).map(({ name, seen }) => [name, seen ? "not marked" : "not in sight"]), back: (await round("Shift+Tab")).length };
}

async function lessons(tab, page) {
  await tab.goto(page);
  await settled(tab);
  const found = { first: await stops(tab) };
  await press(tab, "#play", "Space");
  await tab.waitForSelector("#lesson .after:not([hidden])");
  await press(tab, "#play", "Space");
  await press(tab, "[data-lesson=next]");
  await tab.waitForFunction(() => location.hash.includes("byHand"));
  await settled(tab);
  found.lost = (await here(tab)).body;
  found.second = await stops(tab);
  await press(tab, "[data-key=node-1-0]");
  for (const value of ["-1", "-1", "0"]) {
    await tab.keyboard.press("ControlOrMeta+A");
    await tab.keyboard.type(value);
    await tab.keyboard.press("Tab");
  }
  await tab.keyboard.press("Enter"); // Close
  await tab.waitForSelector("#lesson .after:not([hidden])");
  found.returned = (await here(tab)).name;
  await press(tab, "[data-lesson=next]");
  await tab.waitForFunction(() => location.hash.includes("bend"));
  found.lesson = (await chosen(tab)).lesson;
  return found;
}

/** A task from its button to the next one, answered by what the solution of the same numbers says. */
async function task(tab) {
  await press(tab, "#all", "Space");
  await press(tab, "#work-out");
  await tab.waitForFunction(() => document.activeElement.matches("[data-workout=answer]"));
  await tab.keyboard.type("12345");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector(".verdict[data-right=false] p");
  await press(tab, "[data-workout=solution]", "Space");
  const answer = (await tab.locator(".solution math").last().textContent()).replace(/[=\s]/g, "").replace("−", "-");
  await to(tab, "[data-workout=answer]");
  await tab.keyboard.press("ControlOrMeta+A");
  await tab.keyboard.type(answer);
  await press(tab, "[data-workout=check]", "Space");
  const right = await tab.locator(".verdict").getAttribute("data-right");
  await press(tab, "[data-workout=next]");
  await tab.locator("[data-task=activation]").waitFor();
  const lost = (await here(tab)).body;
  await tab.keyboard.press("Escape");
  await tab.waitForFunction(() => !document.getElementById("wide").open);
  return { right, lost, returned: (await here(tab)).name };
}

run(async (browser, page) => {
  const views = [];
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    const context = await browser.newContext({ viewport: { width, height }, locale: "en-GB", controls: "few", reducedMotion: "reduce" });
    const tab = await context.newPage();
    views.push({ width, lessons: await lessons(tab, page), task: await task(tab) });
    await context.close();
  }
  return views;
});
