// What readers do too quickly, wrongly, or without a mouse, each in a tab of its own in headless Chromium; prints as JSON what
// came of it, and what the page complained of.
const { chosen, faults, otherThan, run, settled } = require("./common.js");

const layer = (activation, units = 8) => ({ activation, units, dropout: 0, norm: "none", skip: false });
const hash = (choices) => encodeURIComponent(JSON.stringify(choices));
const epochIs = (tab, wanted) => tab.waitForFunction((one) => document.getElementById("epoch").textContent === one, String(wanted));
const epochFrom = (tab, least, id = "epoch") => tab.waitForFunction(([name, low]) =>
  Number(document.getElementById(name).textContent.replace(/\D/g, "")) >= low, [id, least]);
const pressed = (tab, id, wanted) => tab.waitForFunction(([name, one]) =>
  document.getElementById(name).getAttribute("aria-pressed") === one, [id, String(wanted)]);

/** Clicks as quick as can be: in one task of the page, before it has been answered. */
const clicks = (tab, id, times) => tab.evaluate(([name, many]) => {
  for (let click = 0; click < many; click++) document.getElementById(name).click();
}, [id, times]);

async function drop(tab, name, text) {
  const data = await tab.evaluateHandle(([called, content]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], called));
    return transfer;
  }, [name, text]);
  await tab.dispatchEvent("body", "drop", { dataTransfer: data });
}

const ROWS = Array.from({ length: 60 }, (_, row) => `${row % 7},${row % 5},${"ab"[row % 2]}`).join("\n");

const BIRDS = ["kind;wing (mm);bill (mm);mass (g);sex", ...Array.from({ length: 60 }, (_, row) =>
  `${["gull", "tern", "skua"][row % 3]};${170 + (row * 7) % 60},5;${30 + row % 11};${row === 5 ? "" : 2700 + 61 * row};${row % 20 ? "fm"[row % 2] : "NA"}`)].join("\r\n");

const USES = {
  /** What cannot be read is said, and changes nothing; names that every object has are no differences. */
  async address(tab, page) {
    await tab.goto(`${page}#%7B%22tab`);
    await settled(tab);
    const said = await tab.textContent("#alarm");
    await tab.click("#alarm button");
    await tab.selectOption("#table", "moons");
    await tab.evaluate(() => { location.hash = "%7B%22tab"; });
    await tab.waitForSelector("#alarm:not([hidden])");
    const kept = await tab.inputValue("#table");
    await tab.goto(`${page}?again#${hash({ side: ["constructor=name", "__proto__=toString"] })}`);
    await tab.waitForSelector("#side-verdict:not(:empty)");
    return { said, kept, side: await tab.locator(".side select").evaluateAll((all) => all.map(({ value }) => value)) };
  },

  /** The link at the head of the page moves the focus, and leaves the choices alone. */
  async skip(tab, page) {
    await tab.goto(`${page}#${hash({ table: "moons" })}`);
    await settled(tab);
    await tab.focus("#skip");
    await tab.keyboard.press("Enter");
    return { table: await tab.inputValue("#table"), focus: await tab.evaluate(() => document.activeElement.id) };
  },

  async divergence(tab, page) {
    await tab.goto(`${page}#${hash({ table: "rings", optimizer: "sgd", rate: 100, hidden: [layer("identity"), layer("identity")] })}`);
    await settled(tab);
    await tab.selectOption("#speed", "speedFull");
    await tab.click("#play");
    await tab.waitForSelector("#alarm:not([hidden])");
    await pressed(tab, "play", false);
    const said = await tab.textContent("#alarm");
    await tab.click("#slow");
    await tab.waitForSelector("#motion h3");
    while (await tab.locator("[data-motion=on]").isEnabled()) await tab.click("[data-motion=on]");
    await tab.click("[data-motion=close]");
    await tab.click("[data-key=node-1-0]");
    return { said };
  },

  /** Train, pause, train in one moment: one training goes on, an epoch for each frame. */
  async impatience(tab, page) {
    await tab.goto(page);
    await settled(tab);
    await clicks(tab, "play", 3);
    await epochFrom(tab, 5);
    const paces = await tab.evaluate(() => new Promise((resolve) => {
      const epoch = () => Number(document.getElementById("epoch").textContent);
      const [first, paces] = [epoch(), []];
      const look = () => {
        paces.push(epoch() - first);
        if (paces.length < 120) requestAnimationFrame(look);
        else resolve(paces);
      };
      requestAnimationFrame(look);
    }));
    await tab.click("#play");
    await clicks(tab, "slow", 2);
    await clicks(tab, "slow", 3);
    await tab.waitForSelector("#motion h3");
    await tab.keyboard.press("ArrowRight");
    await tab.setViewportSize({ width: 1900, height: 900 });
    await tab.waitForFunction(() => { // numbers go with their links
      const middle = (box) => (box.left + box.right) / 2;
      const box = (of) => document.querySelector(of).getBoundingClientRect();
      const [from, to] = [box("[data-key=node-0-0]").right, box("[data-key=node-1-0]").left];
      return Math.abs((middle(box("#links text")) - from) / (to - from) - 0.3) < 0.05;
    });
    return { epochs: paces.at(-1), frames: paces.length, slow: await tab.isVisible("#motion") };
  },

  /** The next lesson is begun while the solved one still trains: it is not solved by that. */
  async lessons(tab, page) {
    const found = [];
    await tab.goto(`${page}#${hash({ lesson: "derived", inputs: ["x1^2", "x2^2"] })}`);
    await settled(tab);
    await tab.selectOption("#speed", "speedFull");
    await tab.click("#play");
    await tab.waitForSelector("#lesson .after:not([hidden])");
    for (let times = 0; times < 5; times++) {
      if ((await tab.getAttribute("#play", "aria-pressed")) === "false") await tab.click("#play");
      await tab.click("[data-lesson=again]");
      await epochIs(tab, 0);
      found.push(await tab.isHidden("#lesson .after"));
      await tab.check("#inputs input >> nth=2");
      await tab.check("#inputs input >> nth=3");
      await tab.click("#play");
      await tab.waitForSelector("#lesson .after:not([hidden])");
    }
    return { found };
  },

  /** A network is taken away in the middle of an answer. */
  async side(tab, page) {
    await tab.goto(`${page}#${hash({ side: ["", "optimizer=sgd", "mistake=zeros"], hidden: Array(6).fill(layer("tanh", 24)) })}`);
    await tab.waitForSelector("#side-verdict:not(:empty)");
    const counts = [];
    for (let times = 0; times < 2; times++) {
      await clicks(tab, "side-play", 3);
      await epochFrom(tab, 3, "side-epoch");
      await tab.locator(".side .small").last().click();
      await tab.waitForFunction(() => document.getElementById("side-epoch").textContent === "0");
      counts.push(await tab.locator(".side section").count());
      await tab.click("#side-more");
      await tab.waitForFunction(() => document.querySelectorAll(".side section").length === 3);
    }
    return { counts };
  },

  /** A file that is no table, while it trains: what is wrong stays to be read. */
  async files(tab, page) {
    await tab.goto(page);
    await settled(tab);
    await tab.click("#play");
    await epochFrom(tab, 2);
    await drop(tab, "notes.txt", "no table at all");
    await tab.waitForSelector("#alarm:not([hidden])");
    await epochFrom(tab, 20);
    const wrong = await tab.textContent("#alarm");
    await drop(tab, "wide.csv", `id,a,b,c,kind\n${ROWS.split("\n").map((row, place) => `n${place},${row.replace(/,(?=[ab])/, place ? ",x," : ",,")}`).join("\n")}`);
    await tab.waitForFunction(() => document.getElementById("table").value === "own");
    const used = await tab.textContent("#alarm");
    await tab.selectOption("#table", "moons");
    await tab.waitForSelector("#alarm", { state: "hidden" });
    await tab.click("#own");
    await tab.setInputFiles("#card input[type=file]", { name: "mine.csv", mimeType: "text/csv", buffer: Buffer.from(`\uFEFF${ROWS}`, "utf16le") });
    await tab.waitForFunction(() => document.getElementById("table").value === "own" && !document.getElementById("card").open);
    return { wrong, used, chosen: [await tab.inputValue("#table"), (await chosen(tab)).own.rows.length] };
  },

  /** A table with units, gaps and decimal commas, by the keys: other columns, all of them as inputs, real values on the map. */
  async columns(tab, page) {
    await tab.setViewportSize({ width: 390, height: 844 });
    await tab.goto(page);
    await settled(tab);
    await drop(tab, "birds.csv", BIRDS);
    await tab.waitForFunction(() => document.getElementById("table").value === "own");
    const words = (id) => tab.textContent(`#${id}`);
    const axes = () => tab.locator("#axes .axis-name").allTextContents();
    const first = { axes: await axes(), key: await words("key"), rows: await words("own-words"), hidden: await tab.isHidden("#noise") };
    await tab.focus("#own-x");
    await tab.keyboard.press("m"); // mass
    await tab.keyboard.press("Enter");
    await tab.waitForFunction(() => document.querySelector("#axes .axis-name").textContent.includes("mass"));
    const other = { axes: await axes(), ticks: await tab.locator("#axes text:not(.axis-name)").allTextContents() };
    await tab.focus("#own-all");
    await tab.keyboard.press("Space");
    await tab.waitForFunction(() => document.querySelectorAll("#columns .column:first-child .node").length === 3);
    await tab.selectOption("#own-target", { label: "kind" });
    await tab.waitForFunction(() => document.getElementById("key").textContent.startsWith("kind"));
    const all = {
      inputs: await tab.locator("#columns .column:first-child .name").allTextContents(), rows: await words("own-words"), slice: await words("slice"),
      wide: await tab.evaluate(() => document.documentElement.scrollWidth), faults: await faults(tab),
    };
    const { width, height } = await tab.locator("#plane").boundingBox();
    await tab.hover("#plane", { position: { x: width / 2, y: height / 2 } });
    all.reading = (await tab.locator("#reading text").allTextContents()).slice(0, 2);
    await tab.click("#epoch-button");
    await epochIs(tab, 1);
    await tab.click("#slow");
    await tab.waitForSelector("#motion:not([hidden])");
    all.row = (await tab.locator("#motion p").allTextContents()).find((one) => one.startsWith("In the table"));
    await tab.reload();
    await tab.waitForFunction(() => document.querySelectorAll("#columns .column:first-child .node").length === 3);
    all.again = [await axes(), await words("key")];
    return { first, other, all };
  },

  /** The table that the page was opened with does not come over what a link says. */
  async opened(tab, page) {
    await tab.route("**/playground/table.csv", (route) => route.fulfill({ body: ROWS }));
    await tab.goto(`${page.replace(/\/?$/, "/playground/index.html")}?table`);
    await tab.waitForFunction(() => document.getElementById("table").value === "own");
    await tab.selectOption("#optimizer", "sgd");
    await tab.reload();
    await settled(tab);
    await tab.click("#epoch-button");
    await epochIs(tab, 1);
    return { table: await tab.inputValue("#table"), optimizer: await tab.inputValue("#optimizer") };
  },

  /** Links, rows, the slice of the loss and epochs by keys alone. */
  async keys(tab, page) {
    await tab.goto(page);
    await settled(tab);
    await tab.focus("[data-key=node-1-3]");
    await tab.keyboard.press("ArrowDown");
    await tab.keyboard.press("ArrowDown");
    const said = await tab.textContent("#said");
    const marked = await tab.locator("#links path.marked").count();
    await tab.keyboard.press("Enter");
    const second = await tab.evaluate(() => [...document.querySelectorAll("#card input")].indexOf(document.activeElement));
    await tab.keyboard.press("Escape");
    await tab.focus("#slow");
    await tab.keyboard.press("Enter");
    await tab.waitForSelector("#motion h3");
    await tab.fill("[data-motion=row]", "7");
    await tab.keyboard.press("Enter");
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("ArrowRight");
    await tab.focus("[data-key=node-1-3]");
    await tab.keyboard.press("ArrowDown");
    const row = await tab.inputValue("[data-motion=row]");
    const link = await tab.locator("#links text.chosen").count();
    await tab.click("[data-motion=close]");
    await tab.selectOption("#speed", "speedFull");
    await tab.click("#play");
    await epochFrom(tab, 900);
    await tab.click("#play");
    await pressed(tab, "play", false);
    await tab.waitForFunction(() => document.getElementById("said").textContent.includes("Training loss")); // of the last slice
    const last = await tab.textContent("#epoch");
    await tab.fill("#time", "20");
    const epochs = [await otherThan(tab, "epoch", last)];
    await tab.focus("#time");
    for (const key of ["ArrowRight", "ArrowLeft", "ArrowLeft"]) {
      await tab.keyboard.press(key);
      epochs.push(await otherThan(tab, "epoch", epochs.at(-1)));
    }
    await tab.click("#surface");
    await tab.waitForSelector("#landscape[aria-label]");
    await tab.focus("#landscape");
    await tab.keyboard.press("ArrowUp");
    const here = [await tab.locator("#wide p").nth(1).textContent()];
    await tab.keyboard.press("ArrowRight");
    here.push(await tab.locator("#wide p").nth(1).textContent());
    return { said, marked, second, row, link, epochs: epochs.map((one) => Number(one.replace(/\D/g, ""))), here };
  },

  /** Where nothing can be copied, nothing is said to be. */
  async copying(tab, page) {
    await tab.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    await tab.goto(page);
    await settled(tab);
    await tab.click("#take");
    await tab.locator("#card .bar button").nth(1).click();
    const button = tab.locator("#card .bar button").nth(1);
    await tab.waitForFunction((one) => /Ctrl/.test(one.textContent), await button.elementHandle());
    return { marked: await tab.evaluate(() => document.getSelection().toString() || document.activeElement.value) };
  },

  /** A moment that is far away is come to; and so is where a reader stops on the way. */
  async moments(tab, page) {
    await tab.goto(`${page}#${hash({ rows: 50, batch: 64, hidden: [layer("tanh", 2)], moment: { epoch: 60000, at: 0, hands: [] } })}`);
    await settled(tab);
    const said = await tab.textContent("#stopped");
    await epochIs(tab, "60 000");
    await tab.waitForFunction(() => document.getElementById("stopped").textContent === "");
    await tab.goto(`${page}?other#${hash({ moment: { epoch: 900000, at: 0, hands: [] } })}`);
    await settled(tab);
    await tab.click("#epoch-button");
    await tab.waitForFunction(() => document.getElementById("stopped").textContent === "");
    const first = await tab.textContent("#epoch");
    await tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    return { said, stays: first === (await tab.textContent("#epoch")) };
  },

  /** A browser without vectors says so, and comes to the same numbers. */
  async vectors(tab, page) {
    const losses = [];
    const epoch = async () => {
      await settled(tab);
      const said = await tab.textContent("#alarm");
      await tab.click("#epoch-button");
      await epochIs(tab, 1);
      losses.push(await tab.textContent("#train-loss"));
      return said;
    };
    await tab.goto(page);
    await epoch();
    await tab.route("**/loading.js", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace("WebAssembly.validate(VECTORS)", "false") });
    });
    await tab.reload();
    return { said: await epoch(), losses };
  },

  /** Whoever draws and then chooses another table no longer draws. */
  async drawing(tab, page) {
    await tab.goto(page);
    await settled(tab);
    await tab.click("#draw");
    await tab.selectOption("#table", "sine");
    await pressed(tab, "draw", false);
    await tab.fill("#seed", "99999999");
    await tab.keyboard.press("Tab");
    return { seed: (await chosen(tab)).seed };
  },
};

run(async (browser, page, ...only) => {
  const found = {};
  for (const [name, use] of Object.entries(USES)) {
    if (only.length && !only.includes(name)) continue;
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", reducedMotion: "reduce" });
    const tab = await context.newPage();
    const complaints = [];
    tab.on("console", (message) => complaints.push(message.text()));
    tab.on("pageerror", (error) => complaints.push(error.stack));
    found[name] = { ...(await use(tab, page)), complaints };
    await context.close();
  }
  return found;
});
