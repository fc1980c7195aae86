// Shows the widget of a notebook with a model that only remembers, chooses rows in it, and prints as JSON which it was told.
// node notebook.js SCRIPT STATE
const fs = require("node:fs");
const { run } = require("./common.js");

run(async (browser, script, state) => {
  const tab = await browser.newPage();
  await tab.goto(`file://${state}`); // any page that has an address
  await tab.evaluate(() => { document.body.innerHTML = "<div id='here'></div>"; });
  await tab.evaluate(([code, start]) => {
    const state = JSON.parse(start);
    const model = { get: (name) => state[name], set: (name, value) => { state[name] = value; }, on() {}, off() {}, save_changes() {} };
    window.state = state;
    (0, eval)(`(${code})`).render({ model, el: document.getElementById("here") });
  }, [fs.readFileSync(script, "utf8"), fs.readFileSync(state, "utf8")]);
  const number = tab.locator("[data-motion=row]");
  const found = { shown: await number.inputValue(), chosen: [] };
  for (const text of ["5", "99", "-3", "0"]) {
    await number.fill(text);
    await number.dispatchEvent("change");
    found.chosen.push(await tab.evaluate(() => window.state.row));
  }
  return found;
});
