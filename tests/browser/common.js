// What scripts that drive the playground share.
const axe = require("axe-core");

/** When the network is on the page. */
const settled = (tab) => tab.waitForFunction(() => document.querySelectorAll("#links path").length > 0);

/** What axe-core finds at fault. */
async function faults(tab) {
  await tab.evaluate(axe.source);
  const result = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  return result.violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]);
}

/** What the address says is chosen; the browser may not have told the driver of it yet. */
const chosen = async (tab) => JSON.parse(decodeURIComponent(await tab.evaluate(() => location.hash.slice(1))) || "{}");

/** The text of an element as soon as it is another one than before. */
const otherThan = async (tab, id, before) => (await tab.waitForFunction(([name, text]) => {
  const now = document.getElementById(name).textContent;
  return now !== text && now;
}, [id, before])).jsonValue();

module.exports = { chosen, faults, otherThan, settled };
