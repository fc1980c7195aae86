// Opens pages of the built docs at two widths and says of each what is cut off or loaded from elsewhere; then asks the search.
// node docs.js FOLDER PAGE... -- WORD...

const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { launched } = require("./common.js");

const [folder, ...rest] = process.argv.slice(2);
const pages = rest.slice(0, rest.indexOf("--"));
const words = rest.slice(rest.indexOf("--") + 1);
const WIDTHS = [1280, 390];

// Elements that stick out of the page, and whose overflow nobody lets one scroll to.
const cutOff = () => {
  const scrolls = (element) => {
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(one).overflowX)) return true;
    }
    return false;
  };
  const edge = Math.min(document.documentElement.clientWidth, document.querySelector(".content").getBoundingClientRect().right);
  return [...document.querySelectorAll("article *")]
    .filter((element) => {
      const box = element.getBoundingClientRect();
      const hidden = element.closest(".sphinx-hidden, math, svg, .headerlink");
      return box.width > 1 && !hidden && box.right > edge + 1 && !scrolls(element);
    })
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.textContent.trim().slice(0, 40)}`);
};

(async () => {
  const browser = await launched();
  const seen = [];
  for (const width of WIDTHS) {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const elsewhere = [];
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) elsewhere.push(request.url());
    });
    for (const name of pages) {
      elsewhere.length = 0;
      await page.goto(pathToFileURL(path.join(folder, name)).href);
      const twin = await page.evaluate(() => document.querySelector(".other-language")?.getAttribute("href") ?? null);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      const scrolled = await page.locator(".table-wrapper").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
      seen.push({ page: name, width, cut: await page.evaluate(cutOff), overflow, scrolled, elsewhere: [...elsewhere], twin });
    }
    await context.close();
  }
  const found = {};
  const page = await (await browser.newContext()).newPage();
  for (const word of words) {
    await page.goto(`${pathToFileURL(path.join(folder, "search.html")).href}?q=${encodeURIComponent(word)}`);
    await page.waitForFunction(() => /\d/.test(document.querySelector(".search-summary")?.textContent ?? ""));
    found[word] = await page.locator("ul.search li a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  }
  await browser.close();
  console.log(JSON.stringify({ seen, found }));
})();
