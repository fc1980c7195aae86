// Tasks to be worked out by hand, in node: what is asked for on the command line, as JSON.
import fs from "fs";

const [web, what] = process.argv.slice(2);
const from = (name) => import(`${web}/${name}`);
const { Engine } = await from("engine.js");
const { TASKS } = await from("playground/workout/tasks.js");
const { confused, draw, factsOf, pose, seenOf, stepOf } = await from("playground/workout/drawing.js");
const { readAsked } = await from("playground/workout/asking.js");
const { judge, resultsOf } = await from("playground/workout/judging.js");
const { questionOf } = await from("playground/workout/questions.js");
const { ASKED, GIVEN, MISTAKES, RULE } = await from("playground/workout/words.js");
const { readNumber } = await from("playground/session/expression.js");
const { worth } = await from("playground/view/tree.js");
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const recipes = JSON.parse(fs.readFileSync(`${web}/recipes.json`));
const engine = await Engine.load(fs.readFileSync(`${web}/engine.wasm`), recipes);

/** As a reader types it. */
const typed = (number) => number.toPrecision(3);

/** A question with what becomes of the right answer, and of that of each mistake. */
function tried(step, asked) {
  const question = questionOf(seenOf(step), asked, factsOf(step.asked));
  const { mistakes } = resultsOf(question);
  return {
    asked, numbers: step.asked, answer: question.answer, formula: worth(question.tree, question.known), confused: confused(question),
    right: judge(question, Number(typed(question.answer)), typed(question.answer)),
    mistakes: mistakes.map(([name, , result]) => ({ name, result, named: judge(question, Number(typed(result)), typed(result)) })),
    given: question.given.map(([name]) => name),
  };
}

const answers = {
  tasks: ({ seed }) => Object.entries(TASKS).map(([name, { asked, steps = 0 }]) => ({ name, steps, ...tried(pose(engine, { name, seed }), asked) })),
  part: ({ numbers, ask }) => {
    const asked = readAsked(ask, numbers);
    return asked && tried(stepOf(engine, { seed: 0, optimizer: "sgd", rate: 0.5, ...numbers }), asked);
  },
  drawn: ({ task, ask }) => {
    const asked = readAsked(ask, { widths: task.network, row: Array(task.network[0] * (task.rows ?? 1)).fill(1), ...task });
    return tried(draw(engine, task, [asked], 1), asked);
  },
  judged: ({ numbers, ask, answer }) => {
    const asked = readAsked(ask, numbers);
    const step = stepOf(engine, { seed: 0, optimizer: "sgd", rate: 0.5, ...numbers });
    return judge(questionOf(seenOf(step), asked, factsOf(step.asked)), readNumber(answer), answer);
  },
  read: (text) => String(readNumber(text)),
  words: () => ({ asked: Object.keys(ASKED), given: Object.keys(GIVEN), mistakes: Object.keys(MISTAKES), rules: Object.keys(RULE), groups: Object.values(TASKS).map(({ group }) => group) }),
};

console.log(JSON.stringify(given.map(answers[what])));
