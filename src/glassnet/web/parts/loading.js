// The engine, for parts that train whole networks: fetched once for all of them.

import { Engine } from "../engine.js";

let loaded = null;

const fetched = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
};

async function byFetching(home) {
  const [bytes, recipes] = await Promise.all([
    fetched(new URL("engine.wasm", home)).then((answer) => answer.arrayBuffer()),
    fetched(new URL("recipes.json", home)).then((answer) => answer.json()),
  ]);
  return Engine.load(bytes, recipes);
}

/** A script leaves the packed engine behind: so it comes from a file, too, where nothing can be fetched. */
async function byScript(home) {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: new URL("parts-engine.js", home), onload: resolve, onerror: () => reject(new Error("parts-engine.js")) });
    document.head.append(script);
  });
  const { packed, recipes } = globalThis.glassnetEngine;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return Engine.load(await new Response(stream).arrayBuffer(), recipes);
}

/** @param {string} home The address of the folder that it lies in. */
export function loadEngine(home) {
  loaded ??= new URL(home).protocol === "file:" ? byScript(home) : byFetching(home);
  loaded.catch(() => { loaded = null; }); // perhaps next time
  return loaded;
}
