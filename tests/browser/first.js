// Opens the playground for the first time, and takes every lesson as it begins, on three screens, each loaded on another of them: what
// is there, and whether what is explained is in sight, step by step in slow motion; prints as JSON what is not.
const { faults, run, settled } = require("./common.js");

const SCREENS = [[1280, 800], [1024, 768], [390, 844]];

/** Everything to press, but the language, the colours, and the neurons of the picture. */
const controls = (tab) => tab.evaluate(() => [...document.querySelectorAll("button, select, input, summary, a[href]")]
  .filter((one) => one.checkVisibility() && !one.closest(".look, .skip, #stage")).map((one) => one.id || one.textContent));

/** Of these elements those that are not in sight: beyond the screen, or under something else. `inside` may hold them and more. */
const unseen = (tab, selectors, inside = "body") => tab.evaluate(([all, around]) => {
  const wrong = (one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const holder = (one.closest(around) ?? document.body).getBoundingClientRect();
    const edge = [Math.max(0, holder.left), Math.min(innerWidth, holder.right), Math.max(0, holder.top), Math.min(innerHeight, holder.bottom)];
    if (left < edge[0] - 1 || right > edge[1] + 1 || top < edge[2] - 1 || bottom > edge[3] + 1) return "beyond";
    const shape = one.matches("#links *") ? one.closest("#stage") : one; // links let the pointer through
    const points = [[0.5, 0.5], [0.1, 0.3], [0.9, 0.7]].map(([x, y]) => document.elementFromPoint(left + x * (right - left), top + y * (bottom - top)));
    const over = points.find((at) => !at || !(shape.contains(at) || at.contains(shape)) || (shape !== one && at.closest(".node")));
    return over === undefined ? "" : `under ${over?.id || over?.className || over?.tagName}`;
  };
  return all.flatMap((selector) => {
    const found = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
    return found.length ? found.map((one) => [wrong(one), one.id || one.textContent.slice(0, 30)]).filter(([fault]) => fault).map(([fault, name]) => `${selector} ${name}: ${fault}`)
      : [`${selector}: missing`];
  });
}, [selectors, inside]);

async function slowMotion(tab, where, wrong) {
  await tab.click("#slow");
  await tab.waitForSelector("#motion h3");
  for (;;) {
    const beat = await tab.textContent("#motion h3");
    const marked = (await tab.locator("#links text.chosen").count()) ? ["#links text.chosen"] : [];
    const current = (await tab.locator(".column.current").count()) ? [".column.current .node"] : [];
    wrong.push(...(await unseen(tab, ["#motion h3", "#motion .formulas > *", "[data-motion=on]", "[data-motion=close]"], "#motion")).map((one) => `${where} ${beat}: ${one}`));
    wrong.push(...(await unseen(tab, [...marked, ...current], "#stage")).map((one) => `${where} ${beat}: ${one}`));
    if (await tab.locator("[data-motion=on]").isEnabled()) await tab.keyboard.press("ArrowRight");
    else break;
  }
  await tab.click("[data-motion=close]");
}

/** The same on each screen, the one on which the page was loaded first; at its top, as if it had been loaded on the others, too. */
async function onScreens(tab, from, look) {
  for (let turn = 0; turn < SCREENS.length; turn++) {
    const [width, height] = SCREENS[(from + turn) % SCREENS.length];
    await tab.setViewportSize({ width, height });
    await tab.evaluate(() => new Promise((drawn) => {
      scrollTo(0, 0);
      requestAnimationFrame(() => requestAnimationFrame(drawn));
    }));
    await look(width);
  }
}

run(async (browser, page, given) => {
  const lessons = JSON.parse(given);
  const found = { first: [], together: [], slow: [], faults: [], kept: [] };
  for (const [turn, language] of [[1, "en"], [2, "zh"]]) { // the phone, whose place is tightest, is loaded first
    const context = await browser.newContext({ controls: "few", colorScheme: language === "zh" ? "dark" : "light", locale: language });
    const tab = await context.newPage();
    const load = async (address, from) => {
      const [width, height] = SCREENS[from % SCREENS.length];
      await tab.setViewportSize({ width, height });
      await tab.goto("about:blank");
      await tab.goto(address);
      await settled(tab);
    };
    await load(page, turn);
    await onScreens(tab, turn, async () => {
      found.first.push({ controls: await controls(tab), questions: await tab.locator("#lesson .goal").count(), title: await tab.title() });
      found.faults.push(...(await faults(tab)));
    });
    for (const [place, lesson] of ["", ...lessons].entries()) {
      const from = place + turn;
      await load(`${page}#${encodeURIComponent(JSON.stringify(lesson ? { lesson } : { seed: 2 }))}`, from);
      await onScreens(tab, from, async (width) => {
        const where = `${width} ${language} ${lesson || "all controls"}`;
        found.together.push(...(await unseen(tab, ["#play", "#plane", ".node"], ".column")).map((one) => `${where}: ${one}`));
        await slowMotion(tab, where, found.slow);
      });
    }
    await load(`${page}?again`, turn);
    await tab.click("#all");
    const count = async () => found.kept.push((await controls(tab)).length);
    await onScreens(tab, turn, count);
    await tab.reload();
    await settled(tab);
    await onScreens(tab, turn, count);
    await context.close();
  }
  return found;
});
