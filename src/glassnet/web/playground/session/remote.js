// The engine from the page's side: orders are answered one after the other.

let address = null; // of the text that a page has which is a single file

function worker() {
  const text = globalThis.glassnetWorker;
  if (text) {
    address ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return new Worker(address);
  }
  return new Worker(new URL("../worker.js", import.meta.url), { type: "module" });
}

export class Remote {
  ended = false;
  failed = "";

  constructor() {
    this.worker = worker();
    this.waiting = new Map();
    this.number = 0;
    this.worker.onmessage = ({ data }) => this.settle(data.number, data);
    this.worker.onerror = (event) => this.fail(event.message || "no worker");
  }

  /** The worker itself has failed: nobody will be answered. */
  fail(error) {
    this.failed = error;
    for (const number of [...this.waiting.keys()]) this.settle(number, { error, cause: "engine" });
  }

  settle(number, answer) {
    const { resolve, reject } = this.waiting.get(number) ?? {};
    this.waiting.delete(number);
    if (answer.error) reject?.(new Error(answer.error, { cause: answer.cause }));
    else resolve?.(answer);
  }

  /** Give an order; its answer has the frame to draw. */
  ask(order, details = {}) {
    if (this.ended) return Promise.resolve({});
    if (this.failed) return Promise.reject(new Error(this.failed, { cause: "engine" }));
    this.number += 1;
    const number = this.number;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ number, order, ...details });
    });
  }

  /** No more orders: whoever waits for an answer gets one with nothing in it. */
  end() {
    this.worker.terminate();
    this.ended = true;
    for (const number of [...this.waiting.keys()]) this.settle(number, {});
  }
}
