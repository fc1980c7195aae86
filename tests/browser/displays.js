// Puts what a notebook shows into the cells of notebooks, at two widths, in light and dark while the system has the other theme, and
// prints as JSON: letters that hardly differ from their ground, what sticks out of a cell, and the sizes of letters.
// node displays.js FILE, with a list of [name, HTML]
const fs = require("node:fs");
const { run } = require("./common.js");

/** Of each notebook: how it says which theme it has, and the rules of its own that reach into outputs. */
const NOTEBOOKS = {
  jupyterlab: {
    root: (theme) => `<html><body data-jp-theme-light="${theme === "light"}">`, cell: "jp-RenderedHTMLCommon jp-OutputArea-output",
    style: `.jp-RenderedHTMLCommon pre, .jp-RenderedHTMLCommon code { border: 0; background: #888; color: #999; padding: 0; white-space: pre-wrap; }
      .jp-RenderedHTMLCommon :not(pre) > code { background: #999; padding: 1px 5px; }
      .jp-RenderedHTMLCommon h3 { line-height: 1; font-size: 30px; font-weight: 400; }
      .jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th { text-align: right; padding: 0.5em; white-space: normal; max-width: none; }
      .jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: #777; } .jp-RenderedHTMLCommon p { margin-bottom: 1em; }`,
  },
  vscode: {
    root: (theme) => `<html><body class="vscode-${theme}" data-vscode-theme-kind="vscode-${theme}">`, cell: "output",
    style: `body { font-size: 13px; } code { color: #a31515; background: #777; padding: 1px 3px; } table, th, td { border: 1px solid; text-align: right; }`,
  },
  contrast: { root: (theme) => `<html><body class="${theme === "light" ? "vscode-high-contrast vscode-high-contrast-light" : "vscode-high-contrast"}">`, cell: "output", style: "" },
  colab: { root: (theme) => `<html theme="${theme}"><body>`, cell: "output", style: "html { font-size: 10px; } table { font-size: 10px; } td { white-space: nowrap; }" },
  marimo: {
    root: (theme) => `<html><body class="${theme} ${theme}-theme">`, cell: "output",
    style: "*, ::before, ::after { border: 0 solid; box-sizing: border-box; } h3 { font-size: inherit; font-weight: inherit; } ol, ul { list-style: none; padding: 0; } svg { display: block; } pre, code { font-size: 1em; background: #888; }",
  },
};
const THEMES = { light: "#ffffff", dark: "#111111" };

const page = (notebook, theme, displays) => `<!doctype html>${NOTEBOOKS[notebook].root(theme)}
  <style>body { margin: 0; background: ${THEMES[theme]}; color: ${theme === "light" ? "#111" : "#ddd"}; } ${NOTEBOOKS[notebook].style}</style>
  ${displays.map(([name, html]) => `<section data-name="${name}" class="${NOTEBOOKS[notebook].cell}">${html}</section>`).join("\n")}</body></html>`;

/** In the page: what is wrong with each display. */
const look = () => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (color) => {
    if (!known.has(color)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  };
  const over = ([r, g, b, a], ground) => [r, g, b].map((one, place) => one * a + ground[place] * (1 - a));
  const luminance = (color) => {
    const [r, g, b] = color.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = new Map([[null, [255, 255, 255]]]);
  const ground = (one) => {
    if (!grounds.has(one)) grounds.set(one, over(rgba(getComputedStyle(one).backgroundColor), ground(one.parentElement)));
    return grounds.get(one);
  };
  const opacity = (one, top) => (one === top ? 1 : Number(getComputedStyle(one).opacity) * opacity(one.parentElement, top));
  const scrolls = (one, top) => one !== top && (["auto", "scroll"].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement, top));
  const found = { faint: [], out: [], small: [], large: [], unlike: [] };
  for (const section of document.querySelectorAll("section")) {
    const display = section.querySelector(".glassnet");
    const edge = section.getBoundingClientRect().right;
    const told = (one, more) => `${section.dataset.name}: ${one.tagName} ${one.textContent.trim().slice(0, 30)} ${more}`;
    for (const one of [display, ...display.querySelectorAll("*")]) {
      const box = one.getBoundingClientRect();
      if (box.width < 1 || one.closest("style")) continue;
      if (box.right > edge + 1 && !scrolls(one, section)) found.out.push(told(one, Math.round(box.right - edge)));
      if (![...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()) || !one.checkVisibility()) continue;
      const inSvg = one instanceof SVGElement;
      if (inSvg && one.localName !== "text") continue;
      const style = getComputedStyle(one);
      const behind = ground(one);
      const [r, g, b, a] = rgba(inSvg ? style.fill : style.color);
      const [low, high] = [luminance(over([r, g, b, a * opacity(one, section)], behind)), luminance(behind)].sort((x, y) => x - y);
      const size = parseFloat(style.fontSize) * (inSvg ? Math.hypot(one.getScreenCTM().a, one.getScreenCTM().b) : 1);
      const ratio = (high + 0.05) / (low + 0.05);
      if (ratio < 4.5) found.faint.push(told(one, ratio.toFixed(2)));
      if (size < 9.9) found.small.push(told(one, size.toFixed(1)));
      if (size > 18) found.large.push(told(one, size.toFixed(1)));
    }
    const [own, page] = [display, document.body].map((one) => luminance(ground(one)) > 0.5);
    if (own !== page) found.unlike.push(section.dataset.name);
  }
  return found;
};

run(async (browser, file) => {
  const displays = JSON.parse(fs.readFileSync(file, "utf8"));
  const found = [];
  for (const [theme, system] of [["light", "dark"], ["dark", "light"]]) {
    const tab = await (await browser.newContext({ colorScheme: system })).newPage();
    for (const notebook of Object.keys(NOTEBOOKS)) {
      for (const width of [390, 900]) {
        await tab.setViewportSize({ width, height: 900 });
        await tab.setContent(page(notebook, theme, displays));
        if (process.env.PICTURES) await tab.screenshot({ path: `${process.env.PICTURES}/${notebook}-${theme}-${width}.png`, fullPage: true });
        found.push({ notebook, theme, width, ...(await tab.evaluate(look)) });
      }
    }
  }
  return found;
});
