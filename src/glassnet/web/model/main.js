// The page: a row, which the controls change; its answer at once, its reasons and curves as soon as there is time.

import { currentLanguage, say, speak, together } from "../language.js";
import { phrase } from "../phrase.js";
import { uniformFrom } from "../playground/session/random.js";
import { byId, element } from "../playground/view/element.js";
import { placeOf, showHeadline, showNumbers, showReasons, whatIs } from "./answer.js";
import { anyCell, control } from "./controls.js";
import { tried } from "./curves.js";
import { Graph } from "./graph.js";
import { answerText } from "./numbers.js";
import { Model } from "./questions.js";
import { RemoteModel } from "./remote.js";

/** Milliseconds without a change before reasons and curves are worked out. */
const PAUSE = 60;

class Page {
  constructor(about, model) {
    this.about = about;
    this.model = model;
    this.typical = about.fields.map((field) => field.usual);
    this.reference = this.typical;
    this.row = [...this.typical];
    this.uniform = uniformFrom(Date.now());
    this.turn = 0;
    this.effects = about.fields.map(() => 0);
    this.follows = about.answer.exclusive && about.answer.names.length > 2;
    const known = about.fields.some((field) => field.levels || tried(field).length); // nothing is, of a network trained elsewhere
    byId("typical").hidden = byId("random").hidden = byId("order").parentElement.hidden = !known;
    this.explained = this.follows ? "" : String(about.answer.positive ?? about.answer.middle);
    byId("language").addEventListener("click", () => this.speak(currentLanguage() === "en" ? "zh" : "en"));
    byId("typical").addEventListener("click", () => this.fill(this.typical));
    byId("random").addEventListener("click", () => this.fill(about.fields.map((field) => anyCell(field, this.uniform))));
    byId("order").addEventListener("change", () => this.arrange());
    byId("explained").addEventListener("change", (event) => { this.explained = event.target.value; this.ask(); });
    byId("pin").addEventListener("click", () => {
      this.reference = this.reference === this.typical ? [...this.row] : this.typical;
      this.sayPin();
      this.ask();
    });
    this.speak(document.documentElement.dataset.language ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
  }

  /** Everything in another language: the form is made anew, the row stays. */
  speak(wanted) {
    speak(wanted);
    const { about } = this;
    byId("title").textContent = document.title = about.target ? say("Predict {target}", { target: about.target }) : say("Try the model");
    byId("language").lang = currentLanguage() === "en" ? "zh-Hans" : "en";
    byId("holds").textContent = !about.graph ? say("The model stays on the server.") : about.rows === null
      ? say("This page contains a model: its weights and the names of its columns.")
      : say("This page contains a model trained on {rows} rows. From their table, it contains the names of columns and classes, the values of categories, and the minimum, median and maximum of each number, but no rows.", { rows: about.rows.toLocaleString("en") });
    if (about.graph && about.ngrams) byId("holds").textContent += say(" It also contains {count} sequences of 2 to 4 characters that occur in several texts.", { count: about.ngrams.toLocaleString("en") });
    byId("made").textContent = together(say("Made with glassnet {version}.", { version: about.version }), ...(about.server ? [say("Model {model}, loaded {loaded}.", about.server)] : []));
    if (about.server) /** @type {HTMLAnchorElement} */ (byId("api")).href = `/docs?language=${currentLanguage()}`;
    const names = about.answer.names;
    byId("explained").replaceChildren(
      ...(this.follows ? [element("option", { value: "", textContent: say("the predicted class") })] : []),
      ...names.map((name, place) => element("option", { value: String(place), textContent: name })));
    byId("explained").value = this.explained;
    byId("explained-label").hidden = names.length < 2;
    this.controls = about.fields.map((field, place) => control(field, place, (cell) => { this.row[place] = cell; this.ask(); }));
    this.sayPin();
    this.arrange();
    this.fill(this.row);
  }

  sayPin() {
    const pinned = this.reference !== this.typical;
    byId("pin").textContent = say(pinned ? phrase("Compare with the typical case") : phrase("Pin this case"));
    byId("pin").title = say("Explanations then compare with the current case");
    byId("pin").setAttribute("aria-pressed", String(pinned));
  }

  arrange() {
    const order = this.controls.map((_, place) => place);
    if (byId("order").value === "effect") order.sort((one, other) => this.effects[other] - this.effects[one]);
    byId("fields").replaceChildren(...order.map((place) => this.controls[place].root));
  }

  fill(row) {
    this.row = [...row];
    this.controls.forEach(({ set }, place) => set(row[place]));
    this.ask();
  }

  /** Which of the numbers is explained: the one that was chosen, or that of the class predicted. */
  output(numbers) {
    return this.explained === "" ? placeOf(this.about.answer, numbers) : Number(this.explained);
  }

  /** Show the answer at once, and explain it when the row has not changed for a while; what goes wrong is said. */
  async ask() {
    const turn = ++this.turn, wanted = () => turn === this.turn;
    clearTimeout(this.timer);
    document.body.dataset.state = "computing";
    await this.said(wanted, async () => {
      const outputs = await this.model.outputs([this.row]);
      if (!wanted()) return;
      const numbers = Array.from(outputs[this.about.answer.output].data);
      showHeadline(this.about, outputs, numbers);
      showNumbers(this.about, outputs, numbers);
      const output = this.output(numbers), what = whatIs(this.about.answer, output);
      this.controls.forEach(({ showWords }, place) => showWords?.(this.model.words(place, this.row[place] ?? "", output) ?? [], what));
      this.timer = setTimeout(() => this.said(wanted, () => this.explain(output, wanted)), PAUSE);
    });
  }

  async said(wanted, work) {
    let words = "";
    try {
      await work();
    } catch (error) {
      if (!wanted()) return;
      words = error.message;
      document.body.dataset.state = "failed";
    }
    if (!wanted()) return;
    byId("problem").textContent = words;
    byId("problem").hidden = !words;
  }

  async explain(output, wanted) {
    const { model, row, reference, about } = this;
    const found = await model.contributions(row, reference, output, wanted);
    if (!found) return;
    showReasons(about, row, found, say(reference === this.typical ? phrase("typical case") : phrase("pinned case")), output);
    const tries = about.fields.map(tried);
    const values = await model.changed(row, tries, output, wanted);
    if (!values) return;
    this.showCurves(tries.map((cells, place) => ({ cells, values: values[place] })), found.value, output);
    document.body.dataset.state = "done";
  }

  showCurves(curves, now, output) {
    const { answer } = this.about;
    const all = [now, ...curves.flatMap(({ values }) => values)];
    const scale = [Math.min(...all), Math.max(...all)], what = whatIs(answer, output);
    this.effects = curves.map(({ values }) => (values.length ? Math.max(...values) - Math.min(...values) : 0));
    curves.forEach(({ cells, values }, place) => {
      if (values.length) this.controls[place].show({ cells, values, scale, now, cell: this.row[place], kind: answer.kind, what });
    });
    const [low, high] = scale.map((value) => answerText(answer.kind, value));
    byId("curves-note").textContent = curves.some(({ values }) => values.length) ? say("The line above each slider (and the bar under each choice) shows {what} if only this column changes. All share one scale, from {low} to {high}.", { what, low, high }) : "";
  }
}

const about = JSON.parse(byId("model").textContent);
const model = about.graph ? Graph.read(about.graph).then((graph) => new Model(graph, about.answer)) : Promise.resolve(new RemoteModel(about));
model.then((ready) => { window.page = new Page(about, ready); });
