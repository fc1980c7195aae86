// What a page around the playground speaks of stands out: the page sends the name of an element, or "" for none.

/** Listen to the page around this one, if there is one. */
export function listenToPage() {
  if (parent === window) return;
  addEventListener("message", ({ source, data }) => {
    if (source !== parent) return;
    for (const one of document.querySelectorAll(".highlight")) one.classList.remove("highlight");
    const named = typeof data?.light === "string" ? document.getElementById(data.light) : null;
    (named?.closest("label") ?? named)?.classList.add("highlight");
  });
}
