// The engine from the page's side: orders are answered one after the other.

/** The worker's address; a page that is a single file has its text. */
function worker() {
  const text = globalThis.glassnetWorker;
  if (text) return new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  return new Worker(new URL("worker.js", import.meta.url), { type: "module" });
}

export class Remote {
  constructor() {
    this.worker = worker();
    this.waiting = new Map();
    this.number = 0;
    this.worker.onmessage = ({ data }) => this.settle(data.number, data);
    this.worker.onerror = (event) => this.settle(this.number, { error: event.message || "no worker" });
  }

  settle(number, answer) {
    const { resolve, reject } = this.waiting.get(number) ?? {};
    this.waiting.delete(number);
    if (answer.error) reject?.(new Error(answer.error));
    else resolve?.(answer);
  }

  /** Give an order; its answer has the frame to draw. */
  ask(order, details = {}) {
    this.number += 1;
    const number = this.number;
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage({ number, order, ...details });
    });
  }

  /** No more orders: whoever waits waits in vain. */
  end() {
    this.worker.terminate();
  }
}
