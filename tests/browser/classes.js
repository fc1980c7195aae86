// Walks through a report with the tab key to its first selector of classes, goes through the classes with the arrow keys, and
// prints as JSON for each: what all selectors say, and the classes of the parts that are shown.
const { run } = require("./common.js");

run(async (browser, page) => {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto("file://" + page);
  const onSelector = () => tab.evaluate(() => document.activeElement.matches(".selector select"));
  while (!(await onSelector())) await tab.keyboard.press("Tab");
  const seen = () => tab.evaluate(() => ({
    chosen: [...document.querySelectorAll(".selector select")].map((one) => one.value),
    shown: [...document.querySelectorAll(".of-class")].filter((part) => part.checkVisibility()).map((part) => part.dataset.class),
  }));
  const found = [await seen()];
  for (const key of ["Home", "ArrowDown", "ArrowDown"]) {
    await tab.keyboard.press(key);
    found.push(await seen());
  }
  return found;
});
