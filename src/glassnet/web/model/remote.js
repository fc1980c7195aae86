// A model that its server keeps: what is asked of it, the server answers.

import { say } from "../language.js";
import { asTyped } from "./numbers.js";
import { Model } from "./questions.js";

/** A cell as the server reads it: dates and times as text, durations in seconds. */
const sent = (kind, cell) => (cell === null ? null : kind === "boolean" ? Boolean(cell) : kind === "number" || kind === "duration" ? cell : asTyped[kind]?.(cell) ?? cell);

export class RemoteModel extends Model {
  /** Rows of one request. */
  block = 256;

  constructor({ fields, answer, server }) {
    super(null, answer);
    this.fields = fields;
    this.server = server;
  }

  async outputs(rows) {
    const named = rows.map((row) => Object.fromEntries(this.fields.map(({ name, key = name, kind }, place) => [key, sent(kind, row[place])])));
    const asked = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rows: named }) };
    const none = () => { throw new Error(say("The server does not answer.")); };
    const response = await fetch("/answers", asked).catch(none);
    const told = await response.json().catch(none); // a proxy before the server answers with a page of its own
    if (!response.ok) throw new Error(told.error);
    if (told.model !== this.server.model) throw new Error(say("The server has another model now. Reload this page."));
    return told.outputs;
  }

  /** What words add is not known: their weights are on the server. */
  words() { return null; }
}
