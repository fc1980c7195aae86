// The dialogs by which a network leaves the page, and a table of the reader's own comes in.

import { say, together } from "../../language.js";
import { phrase } from "../../phrase.js";
import { readTable, TableError, textOf } from "../session/custom_data.js";
import { safetensors } from "../session/python_program.js";
import { button, byId, checkbox, element } from "../view/element.js";
import { named } from "../view/names.js";
import { open } from "./dialog.js";
import { hideable } from "./help.js";

/** A link that saves a file. */
function saved(name, blob, words) {
  const link = element("a", { className: "button", href: URL.createObjectURL(blob), download: name }, words);
  link.onclick = () => setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return link;
}

/** A button that copies the text of a field; where the browser does not let it, the text is marked to be copied by hand. */
function copier(words, field) {
  const made = button(words, async () => {
    field.parentElement.hidden = false;
    const copied = await (navigator.clipboard?.writeText(field.value) ?? Promise.reject()).then(() => true, () => false);
    if (!copied) field.select();
    made.textContent = say(copied ? phrase("Copied") : phrase("Press Ctrl+C to copy"));
  });
  return made;
}

/** The address, the program, the weights. @param {(hide: string[]) => string} link The address of this moment. */
export function openExport(program, frame, link) {
  const text = element("textarea", { readOnly: true, rows: 12, spellcheck: false, value: program, "aria-label": say("Python program") });
  const address = element("input", { type: "text", readOnly: true, value: link([]), "aria-label": say("Link to this page") });
  let hidden = [];
  const boxes = hideable().map(([name, words]) => checkbox(words, false, (checked) => {
    hidden = checked ? [...hidden, name] : hidden.filter((one) => one !== name);
    address.value = link(hidden);
  }));
  open(say("Export"),
    element("p", { className: "quiet" }, say("A glassnet program that trains on the same rows, from the same initial weights, to the same numbers. In the middle of an epoch, or after a manual edit or a step on a single row, it contains the current weights instead.")), element("div", {}, text),
    element("div", { className: "bar" },
      copier(say("Copy program"), text), copier(say("Copy link to this page"), address),
      saved("playground.py", new Blob([program], { type: "text/x-python" }), "playground.py"),
      saved("weights.safetensors", safetensors(frame.learned, frame.parameters), "weights.safetensors")),
    element("p", { className: "link", hidden: true }, address),
    element("details", {}, element("summary", {}, say("For your own lesson: hide controls")),
      element("p", { className: "quiet" }, say("Controls checked here are hidden for anyone who opens the copied link.")), element("div", { className: "columns" }, ...boxes)));
  text.setSelectionRange(0, 0);
  text.scrollTop = 0;
}

/** What is wrong with a table, in words. */
function wrongWords(error) {
  if (!(error instanceof TableError)) throw error;
  return say(error.message, error.values);
}

/** Which columns were used of a table that has more of them, and how many rows were left out. */
function usedWords({ columns, missing, width }) {
  const [x, y, target] = columns;
  return together(...(width > 3 ? [say("Columns used: {x} as x₁, {y} as x₂, and {target} as the target.", { x, y, target })] : []), ...(missing ? [say("Rows dropped because of missing values: {rows}.", { rows: missing })] : []));
}

/** A table: pasted, dropped, or chosen from the disk. @param {{use: Function, tell: (words: () => string) => void}} page */
export function openCustomData({ use, tell }) {
  const text = element("textarea", { rows: 10, spellcheck: false, placeholder: say("x,y,class\n1.5,2.0,red\n..."), "aria-label": say("The table as text") });
  const wrong = element("p", { className: "wrong-words", role: "alert" });
  const file = element("input", { type: "file", className: "heard", accept: ".csv,.tsv,.txt,text/csv" });
  file.onchange = async () => {
    if (!file.files[0]) return;
    wrong.textContent = "";
    try {
      text.value = await textOf(file.files[0]);
    } catch (error) {
      wrong.textContent = wrongWords(error);
    }
  };
  const used = button(say("Use data"), () => {
    try {
      take(text.value, { use, tell });
      byId("card").close();
    } catch (error) {
      wrong.textContent = wrongWords(error);
    }
  }, { className: "main" });
  open(say("Use my own data"), element("p", { className: "quiet" }, say("One row per line: two numbers, then the class or a number to predict. The first line may be a header. If there are more columns, the first two numeric columns and the last column are used. Paste the rows, choose a file, or drop one on the page. The data stay on this machine and in the page's address.")), text,
    element("label", { className: "button file" }, say("Choose a file"), file), wrong, used); // browsers name a file's field in their own language
}

/** Use a table, and say what of it. */
function take(text, { use, tell }) {
  const table = readTable(text);
  use(table);
  if (usedWords(table)) tell(() => usedWords(table));
}

/** Use the table of a file, or say what is wrong with it. */
async function readFile(file, page) {
  try {
    take(await textOf(file), page);
  } catch (error) {
    wrongWords(error);
    page.tell(() => named(file.name ?? "table.csv", wrongWords(error)));
  }
}

/** A file dropped anywhere on the page; words that are dragged go where the browser lets them. */
export function acceptDrops(page) {
  const ofFiles = (event) => event.dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => ofFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!ofFiles(event)) return;
    event.preventDefault();
    readFile(event.dataTransfer.files[0], page);
  });
}

/** The table that the page was opened with, which lies beside it. */
export async function fetchTable(page) {
  const answer = await fetch("table.csv").catch(() => null);
  if (answer?.ok) await readFile(await answer.blob(), page);
  else page.tell(() => say("The table cannot be read. Choose another file."));
}
