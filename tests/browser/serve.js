// Opens the form and the documentation of a server in headless Chromium, phone and desktop, light and dark; changes a
// value in the form; and prints as JSON what axe-core finds at fault, whether a page is wider than its window, what it
// asks for, and what it says. A server with a key is named with it, "http://user:KEY@host/".
const { faults, run } = require("./common.js");

run(async (browser, ...pages) => {
  const found = [];
  for (const page of pages) {
    const { origin, password, pathname, search } = new URL(page);
    for (const [width, height] of [[390, 844], [1280, 800]]) {
      for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({ viewport: { width, height }, colorScheme, ...(password ? { httpCredentials: { username: "", password } } : {}) });
        const tab = await context.newPage();
        const asked = [], complaints = [];
        tab.on("request", (request) => request.isNavigationRequest() || asked.push(new URL(request.url()).pathname));
        tab.on("console", (message) => complaints.push(message.text()));
        tab.on("pageerror", (error) => complaints.push(error.message));
        await tab.goto(origin + pathname + search);
        const done = () => tab.waitForSelector("body[data-state=done]");
        const isForm = await tab.$("#form") !== null;
        if (isForm) await done();
        await tab.keyboard.press("Tab");
        const first = await tab.evaluate(() => document.activeElement.getAttribute("href"));
        const text = (name) => tab.locator("#" + name).textContent();
        const said = async () => [await text("says"), await text("sure"), await text("sentence"), await text("holds"), await tab.locator("#steps li").count()];
        const view = { page, width, colorScheme, first, complaints, before: null, after: null, problem: null };
        if (isForm) {
          view.before = await said();
          await tab.fill("#value-0", "20");
          await done();
          view.after = await said();
          view.row = await tab.evaluate(() => window.page.row);
        }
        view.faults = await faults(tab);
        view.overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        view.asked = [...new Set(asked)];
        if (isForm && view.asked.length) {
          await tab.route("**/answers", (route) => route.abort());
          await tab.fill("#value-0", "21");
          await tab.waitForSelector("body[data-state=failed]");
          view.problem = await text("problem");
        }
        found.push(view);
        await context.close();
      }
    }
  }
  return found;
});
