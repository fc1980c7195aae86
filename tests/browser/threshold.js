// Moves the slider of a report, sets costs, asks for the cheapest threshold, and prints as JSON what the page then says.

const { launched } = require("./common.js");

async function main(page) {
  const browser = await launched();
  const said = async (javaScriptEnabled, act) => {
    const tab = await (await browser.newContext({ javaScriptEnabled })).newPage();
    await tab.goto("file://" + page);
    if (act) await act(tab);
    const text = (name) => tab.locator("#" + name).textContent();
    const names = ["threshold-value", "count-tp", "count-fp", "count-fn", "cost-total"];
    const shown = await tab.locator("#threshold-chooser").isVisible();
    return Object.assign({ shown }, ...(await Promise.all(names.map(async (name) => ({ [name]: await text(name) })))));
  };
  const found = {
    without: await said(false),
    moved: await said(true, (tab) => tab.locator("#threshold-slider").fill("30")),
    cheapest: await said(true, async (tab) => {
      await tab.locator("#cost-missed").fill("1000");
      await tab.locator("#threshold-cheapest").click();
    }),
  };
  await browser.close();
  console.log(JSON.stringify(found));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
