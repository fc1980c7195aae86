// The dialogs by which a network leaves the page, and a table of the reader's own comes in.

import { open } from "./card.js";
import { element } from "./element.js";
import { safetensors } from "./export.js";
import { hideable } from "./help.js";
import { readTable, TableError } from "./own.js";
import { say } from "./words.js";

/** A link that saves a file. */
function saved(name, blob, words) {
  const link = element("a", { className: "button", href: URL.createObjectURL(blob), download: name }, words);
  link.onclick = () => setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return link;
}

/** The address, the program, the weights. @param {(hide: string[]) => string} link The address of this moment. */
export function openTake(program, frame, link) {
  const text = element("textarea", { readOnly: true, rows: 12, spellcheck: false, value: program, "aria-label": say("python") });
  const copy = (words, what) => {
    const button = element("button", {}, words);
    button.onclick = async () => {
      await navigator.clipboard?.writeText(what()).catch(() => text.select());
      button.textContent = say("copied");
    };
    return button;
  };
  let hidden = [];
  const boxes = hideable().map(([name, words]) => {
    const box = element("input", { type: "checkbox" });
    box.onchange = () => { hidden = box.checked ? [...hidden, name] : hidden.filter((one) => one !== name); };
    return element("label", { className: "check" }, box, words);
  });
  open(say("take"),
    element("p", { className: "quiet" }, say("takeWords")), text,
    element("div", { className: "bar" },
      copy(say("copyProgram"), () => program), copy(say("copyLink"), () => link(hidden)),
      saved("playground.py", new Blob([program], { type: "text/x-python" }), "playground.py"),
      saved("weights.safetensors", safetensors(frame.learned, frame.parameters), "weights.safetensors")),
    element("details", {}, element("summary", {}, say("hideControls")),
      element("p", { className: "quiet" }, say("hideWords")), element("div", { className: "columns" }, ...boxes)));
  text.setSelectionRange(0, 0);
  text.scrollTop = 0;
}

/** A table: pasted, dropped, or chosen from the disk. */
export function openOwn(use) {
  const text = element("textarea", { rows: 10, spellcheck: false, placeholder: "x,y,class\n1.5,2.0,red\n...", "aria-label": say("ownText") });
  const wrong = element("p", { role: "alert" });
  const file = element("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv", "aria-label": say("ownFile") });
  const read = async (blob) => { text.value = blob.size > 2e6 ? " ".repeat(1e6) : await blob.text(); };
  file.onchange = () => file.files[0] && read(file.files[0]);
  const button = element("button", { className: "main" }, say("ownUse"));
  button.onclick = () => {
    try {
      use(readTable(text.value));
      document.getElementById("card").close();
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      wrong.textContent = say(error.message);
    }
  };
  open(say("ownButton"), element("p", { className: "quiet" }, say("ownWords")), text, file, wrong, button);
}

/** Use the table of a file, or say what is wrong with it. */
async function readFile(file, use, alarm) {
  try {
    use(readTable(file.size > 2e6 ? " ".repeat(1e6) : await file.text()));
  } catch (error) {
    alarm(error instanceof TableError ? say(error.message) : error.message);
  }
}

/** A file dropped anywhere on the page. */
export function takeDrops(use, alarm) {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) readFile(event.dataTransfer.files[0], use, alarm);
  });
}

/** The table that the page was opened with, which lies beside it. */
export async function fetchOwn(use, alarm) {
  const answer = await fetch("table.csv");
  if (answer.ok) await readFile(await answer.blob(), use, alarm);
}
