// The engine, wherever a page finds it: beside it on a server, in a script beside it on a disk, or in the page itself.

import { Engine } from "./engine.js";

const PACKED = "parts-engine.js"; // beside the script of the parts, not beside this module

/** A module whose one function has vectors in it: browsers without them refuse it. */
const VECTORS = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** Whether the engine computes with vectors here, or number by number, which takes longer. */
export const hasVectors = () => WebAssembly.validate(VECTORS);

let loaded = null;

const fetched = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
};

async function byFetching(home) {
  const [bytes, recipes] = await Promise.all([
    fetched(new URL(hasVectors() ? "engine.wasm" : "engine-scalar.wasm", home)).then((answer) => answer.arrayBuffer()),
    fetched(new URL("recipes.json", home)).then((answer) => answer.json()),
  ]);
  return Engine.load(bytes, recipes);
}

/** What a script has left behind, or the page has in itself: so it comes from a file, too, where nothing can be fetched. */
async function byUnpacking({ packed, recipes }) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return Engine.load(await new Response(stream).arrayBuffer(), recipes);
}

async function byScript(home) {
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: new URL(PACKED, home), onload: resolve, onerror: () => reject(new Error(PACKED)) });
    document.head.append(script);
  });
  return byUnpacking(globalThis.glassnetEngine);
}

function begun(home) {
  if (globalThis.glassnetEngine) return byUnpacking(globalThis.glassnetEngine);
  return new URL(home).protocol === "file:" ? byScript(home) : byFetching(home);
}

/** Once for all who ask. @param {string|URL} home The address of the folder that it lies in. */
export function loadEngine(home) {
  loaded ??= begun(home);
  loaded.catch(() => { loaded = null; }); // perhaps next time
  return loaded;
}
