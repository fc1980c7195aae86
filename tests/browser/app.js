// Uses each control of a model as a page once, and prints as JSON what the page then says.

const { run } = require("./common.js");

run(async (browser, ...pages) => {
  const found = [];
  for (const page of pages) {
    const tab = await (await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: "zh-CN" })).newPage();
    const errors = [];
    tab.on("pageerror", (error) => errors.push(error.message));
    tab.on("console", (message) => errors.push(message.text()));
    await tab.goto("file://" + page);
    const done = () => tab.waitForSelector("body[data-state=done]");
    const text = (name) => tab.locator("#" + name).textContent();
    const said = async () => ({ says: await text("says"), sure: await text("sure"), numbers: await tab.locator("#numbers .number").allTextContents() });
    await done();
    const chinese = await text("row-title");
    await tab.click("#language");
    await done();
    const typical = { ...(await said()), sentence: await text("sentence") };
    await tab.locator("input[type=range]").first().focus();
    await tab.keyboard.press("End");
    await done();
    const moved = { ...(await said()), steps: await tab.locator("#steps li").count(), typed: await tab.locator(".head input[type=number]").first().inputValue() };
    await tab.locator(".head input[type=number]").first().fill("1e9");
    await done();
    const outside = await tab.locator(".warning:visible").count();
    await tab.locator(".unknown input").first().check();
    await done();
    const unknown = { ...(await said()), disabled: await tab.locator("input[type=range]").first().isDisabled() };
    await tab.click("#pin");
    await done();
    const pinned = await text("sentence");
    await tab.selectOption("#order", "effect");
    await tab.click("#typical");
    await done();
    found.push({ chinese, english: await text("row-title"), typical, moved, outside, unknown, pinned, again: await said(), errors });
  }
  return found;
});
