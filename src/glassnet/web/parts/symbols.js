// Links of a page to a symbol of a part, such as <a href="#neuron-w"> where a part has data-symbols="neuron": what the
// symbol means in the part stands out while one points at the link, and once one has followed it.

/** The part that an address within the page means, and the name in it. */
function meant(hash) {
  const [, prefix, symbol] = /^#(.+)-(\w+)$/.exec(hash) ?? [];
  const part = prefix && document.querySelector(`[data-symbols="${CSS.escape(prefix)}"]`);
  return part?.constructor.symbols?.includes(symbol) ? { part, symbol } : null;
}

let highlighted = null;

function light(hash) {
  highlighted?.part.light("");
  highlighted = meant(hash);
  highlighted?.part.light(highlighted.symbol);
}

const linkOf = (event) => event.target.closest?.('a[href^="#"]');

function follow(hash) {
  light(hash);
  highlighted?.part.open(highlighted.symbol);
}

/** Listen to the links of the page. */
export function followLinks() {
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, (event) => { if (linkOf(event)) light(linkOf(event).hash); });
  for (const kind of ["pointerout", "focusout"])
    document.addEventListener(kind, (event) => { if (linkOf(event)) light(location.hash); });
  document.addEventListener("click", (event) => { if (linkOf(event)) follow(linkOf(event).hash); });
  addEventListener("hashchange", () => follow(location.hash));
  if (location.hash) follow(location.hash);
}
