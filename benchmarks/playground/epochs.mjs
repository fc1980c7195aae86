// Epochs a second in node, without any page: the playground's own session, and TensorFlow Playground's engine, if its nn.mjs is
// named, going through the same rows as its page does. Prints JSON.
import fs from "fs";

const [web, peer] = process.argv.slice(2);
const [SECONDS, SLICE] = [3, 20]; // epochs in a row, as a page at full speed makes them
const { Engine } = await import(`${web}/engine.js`);
const { Session } = await import(`${web}/playground/session/session.js`);
const { sound } = await import(`${web}/playground/session/choices.js`);
const engine = await Engine.load(fs.readFileSync(`${web}/engine.wasm`), JSON.parse(fs.readFileSync(`${web}/recipes.json`)));
const unit = { activation: "tanh", dropout: 0, norm: "none", skip: false };
const SHAPES = { "2-8-8-1": [8, 8], "2-8-8-1, batches of 32": [8, 8], "8 layers of 32": Array(8).fill(32) };

/** What both train: 250 rows of 500, squared error, plain gradient descent, as TensorFlow Playground begins with. */
const choicesOf = (name) => sound({
  table: "spirals", rows: 500, share: 0.5, batch: name.includes("32,") || name.includes("of 32") ? 32 : 10, loss: "mse", optimizer: "sgd", rate: 0.03,
  hidden: SHAPES[name].map((units) => ({ ...unit, units })),
});

/** Epochs in a second of processor time, of something that makes one. */
function pace(epoch) {
  for (let warm = 0; warm < 20; warm++) epoch();
  const began = process.cpuUsage();
  const spent = () => { const { user, system } = process.cpuUsage(began); return (user + system) / 1e6; };
  let made = 0;
  while (spent() < SECONDS) {
    epoch();
    made += 1;
  }
  return made / spent();
}

function ours(choices) {
  const session = new Session(engine, choices);
  return { session, epochs: SLICE * pace(() => session.run(Infinity, SLICE)) };
}

async function theirs(choices, session) {
  const nn = await import(peer);
  const [train, test] = [session.train, session.test].map((some) => some.map(({ x, y, target }) => ({ inputs: [x, y], label: 2 * target - 1 })));
  const network = nn.buildNetwork([2, ...choices.hidden.map(({ units }) => units), 1], nn.Activations.TANH, nn.Activations.TANH, null, ["x", "y"], false);
  const loss = (rows) => rows.reduce((sum, { inputs, label }) => sum + nn.Errors.SQUARE.error(nn.forwardProp(network, inputs), label), 0) / rows.length;
  return pace(() => {
    train.forEach(({ inputs, label }, row) => {
      nn.forwardProp(network, inputs);
      nn.backProp(network, label, nn.Errors.SQUARE);
      if ((row + 1) % choices.batch === 0) nn.updateWeights(network, choices.rate, 0);
    });
    loss(train); // as its page does after each epoch, and ours too
    loss(test);
  });
}

const found = {};
for (const name of Object.keys(SHAPES)) {
  const choices = choicesOf(name);
  const { session, epochs } = ours(choices);
  found[name] = { ours: epochs, theirs: peer ? await theirs(choices, session) : null };
}
console.log(JSON.stringify(found));
