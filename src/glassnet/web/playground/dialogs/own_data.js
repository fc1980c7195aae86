// How a table of the reader's own comes to the page: pasted, chosen from the disk, dropped, or beside the page.

import { say } from "../../language.js";
import { MOST_COLUMNS } from "../session/own_table.js";
import { button, byId, element } from "../view/element.js";
import { named } from "../view/names.js";
import { open } from "./dialog.js";

const MOST_NAMES = 6; // of columns that are left out

/** @typedef {{use: (own: object) => void, tell: (words: () => string) => void, read: (file: Blob, then: (found: object) => void) => void}} Page */

/** Use the table of a file, and say what is left out of it; or say what is wrong with it. @param {Page} page */
function readFile(file, page, refuse = (words) => page.tell(() => named(file.name ?? "table.csv", words()))) {
  page.read(file, ({ own, left, wrong }) => {
    if (wrong) return refuse(() => say(wrong.words, wrong.values));
    page.use(own);
    byId("card").close();
    const columns = [...left.slice(0, MOST_NAMES), ...(left.length > MOST_NAMES ? ["…"] : [])].join(", ");
    if (left.length) page.tell(() => say("Columns left out: {columns}. A column must be numeric or have 2 to 8 different texts; it must have more than one value, be filled in at least half of the rows, and do more than number the rows. At most {most} columns are used.", { columns, most: MOST_COLUMNS }));
  });
}

/** The dialog to paste a table, or to choose its file. @param {Page} page */
function openTable(page) {
  const text = element("textarea", { rows: 10, spellcheck: false, placeholder: say("height (cm),weight (kg),kind\n152.5,48.0,a\n..."), "aria-label": say("The table as text") });
  const wrong = element("p", { className: "wrong-words", role: "alert" });
  const file = element("input", { type: "file", className: "heard", accept: ".csv,.tsv,.txt,text/csv" });
  const refuse = (words) => { wrong.textContent = words(); };
  file.onchange = () => file.files[0] && readFile(file.files[0], page, refuse);
  const used = button(say("Use data"), () => readFile(new Blob([text.value]), page, refuse), { className: "main" });
  open(say("Use my own data"), element("p", { className: "quiet" }, say("A table with at least two numeric columns and one more to predict: a class or a number. The first line may be a header. Paste the rows, choose a CSV file, or drop one on the page; then choose the columns. The data stay on this machine and in the page's address.")), text,
    element("label", { className: "button file" }, say("Choose a file"), file), wrong, used); // browsers name a file's field in their own language
}

/** A file dropped anywhere on the page; words that are dragged go where the browser lets them. */
function acceptDrops(page) {
  const ofFiles = (event) => event.dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => ofFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!ofFiles(event)) return;
    event.preventDefault();
    readFile(event.dataTransfer.files[0], page);
  });
}

/** The table that the page was opened with, which lies beside it. */
async function fetchTable(page) {
  const answer = await fetch("table.csv").catch(() => null);
  if (answer?.ok) readFile(await answer.blob(), page);
  else page.tell(() => say("The table cannot be read. Choose another file."));
}

/** All ways by which a table comes. @param {Page} page @param {boolean} beside Whether one lies beside the page, to be used at once. */
export function bindTables(page, beside) {
  byId("own").onclick = () => openTable(page);
  acceptDrops(page);
  if (beside) fetchTable(page);
}
