// How fine the map of the playground is, paused and while it trains, in headless Chromium; and what is painted on it when the network
// changes while a fine one is being computed. Prints JSON.
const { run } = require("./common.js");

const unit = { activation: "tanh", dropout: 0, norm: "none", skip: false };
const LARGE = { table: "blobs", loss: "cross_entropy", hidden: Array(8).fill({ ...unit, units: 32 }) };

/** Notes what the engine is asked for, and of each map that is painted how many pixels wide it is, and which ones. */
function note() {
  window.noted = { orders: [], maps: [] };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (order, ...more) {
    window.noted.orders.push(order.order);
    return post.call(this, order, ...more);
  };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...more) {
    if (this.canvas.id === "map") window.noted.maps.push([image.width, new Uint32Array(image.data.buffer).reduce((sum, one) => (31 * sum + one) % 2147483647, 0)]);
    return put.call(this, image, ...more);
  };
}

const fine = (tab) => tab.waitForFunction(() => document.getElementById("map").width > 40);
const coarse = (tab) => tab.waitForFunction(() => document.getElementById("map").width === 40);
const count = (tab, order) => tab.evaluate((name) => window.noted.orders.filter((one) => one === name).length, order);

/** Columns of pixels of a canvas that differ from each other. */
const columns = (tab) => tab.evaluate(() => {
  const { width, height } = document.getElementById("map");
  const { data } = document.getElementById("map").getContext("2d").getImageData(0, 0, width, height);
  const pixels = new Uint32Array(data.buffer);
  const column = (x) => Array.from({ length: height }, (_, y) => pixels[y * width + x]).join();
  return new Set(Array.from({ length: width }, (_, x) => column(x))).size;
});

async function opened(browser, page, choices, options, and = () => {}) {
  const tab = await (await browser.newContext(options)).newPage();
  await tab.addInitScript(note);
  await tab.addInitScript(and);
  await tab.goto(`${page}#${encodeURIComponent(JSON.stringify(choices))}`);
  await tab.waitForSelector(".node");
  return tab;
}

/** Paused, training, paused again, and in a step of slow motion. */
async function paused(browser, page, options) {
  const tab = await opened(browser, page, { table: "moons" }, options);
  await fine(tab);
  const found = [await columns(tab)];
  await tab.click("#play");
  await coarse(tab);
  found.push(await columns(tab));
  await tab.click("#play");
  await fine(tab);
  found.push(await columns(tab));
  const before = await count(tab, "band");
  await tab.click("[data-key=node-1-0]");
  await tab.keyboard.press("Escape");
  await tab.waitForFunction((many) => window.noted.orders.filter((one) => one === "band").length > many, before); // that unit's own
  await tab.click("#slow");
  await tab.waitForSelector("#motion h3");
  await tab.click("[data-motion=apply]");
  await tab.waitForFunction(() => window.noted.orders.at(-1) === "band");
  await fine(tab);
  found.push(await columns(tab));
  return found;
}

/** An epoch is asked for while bands are on the way: what was painted from then on, and what stands on a page that has nothing else to do. */
async function changed(browser, page) {
  const other = await opened(browser, page, LARGE);
  await other.click("#epoch-button");
  await other.waitForFunction(() => document.getElementById("epoch").textContent === "1");
  await fine(other);
  const tab = await opened(browser, page, LARGE, {}, () => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (order, ...more) {
      post.call(this, order, ...more);
      if (order.order === "band" && window.noted.orders.length === 4) document.getElementById("epoch-button").click();
    };
  });
  await tab.waitForFunction(() => document.getElementById("epoch").textContent === "1");
  await fine(tab);
  const { maps, orders } = await tab.evaluate(() => window.noted);
  const alone = await other.evaluate(() => window.noted.maps.at(-1));
  return { orders: orders.slice(0, 6), fine: maps.filter(([width]) => width > 40), alone };
}

run(async (browser, page) => ({
  desktop: await paused(browser, page, { viewport: { width: 1280, height: 800 } }),
  dense: await paused(browser, page, { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 }),
  changed: await changed(browser, page),
}));
