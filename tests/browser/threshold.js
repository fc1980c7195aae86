// Moves the slider of a report, sets costs, asks for the cheapest threshold, and prints as JSON what the page then says.

const { run } = require("./common.js");

/** A part of the tool of the class that is shown. */
const role = (name) => `.of-class:not([hidden]) [data-role="${name}"]`;

run(async (browser, page) => {
  const said = async (javaScriptEnabled, act) => {
    const tab = await (await browser.newContext({ javaScriptEnabled })).newPage();
    await tab.goto("file://" + page);
    if (act) await act(tab);
    const text = (name) => tab.locator(role(name)).first().textContent();
    const names = ["value", "tp", "fp", "fn", "total", "typed"];
    const shown = await tab.locator(".chooser").first().isVisible() || await tab.locator(".chooser").last().isVisible();
    return Object.assign({ shown }, ...(await Promise.all(names.map(async (name) => ({ [name]: await text(name) })))));
  };
  const found = {
    without: await said(false),
    moved: await said(true, (tab) => tab.locator(role("slider")).fill("30")),
    cheapest: await said(true, async (tab) => {
      await tab.locator(role("cost-missed")).fill("1000");
      await tab.locator(role("cheapest")).click();
    }),
    other: await said(true, async (tab) => {
      await tab.locator(role("slider")).fill("30");
      await tab.locator(".selector select").first().selectOption({ index: 1 - (await tab.locator(".selector select").first().evaluate((one) => one.selectedIndex)) });
    }),
  };
  return found;
});
