// Prints each page that is named on sheets of A4 and says as JSON: how many sheets, how many its content would fill, and how
// large the letters in its charts are, in pixels of CSS (96 to the inch).
const { letters, run } = require("./common.js");

const WIDTH = ((210 - 2 * 14) * 96) / 25.4;
const HEIGHT = ((297 - 2 * 14) * 96) / 25.4;

run(async (browser, ...pages) => {
  const found = [];
  for (const page of pages) {
    const tab = await browser.newPage({ viewport: { width: Math.round(WIDTH), height: Math.round(HEIGHT) } });
    await tab.goto("file://" + page);
    const printed = await tab.pdf({ format: "A4", preferCSSPageSize: true });
    const sheets = printed.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
    await tab.emulateMedia({ media: "print" });
    const height = await tab.evaluate(() => document.documentElement.scrollHeight);
    found.push({ page, sheets, content: height / HEIGHT, letters: await letters(tab) });
    await tab.close();
  }
  return found;
});
