// The network to take along: as a program for the library, which computes the same numbers, and as a file of weights.

import { columnOf, takesColumns } from "./own_table.js";

const CLASSES = { batch_norm: "BatchNorm", layer_norm: "LayerNorm", rms_norm: "RMSNorm", dropout: "Dropout", residual: "Residual", dense: "Dense" };

/** Numbers of float32 in as few digits as tell them apart. */
const digits = (numbers) => numbers.map((number) =>
  String(Number(Math.fround(number).toPrecision(9))).replace("NaN", "np.nan").replace("Infinity", "np.inf"));

/** A list of numbers over several lines. */
function list(numbers, indent = "    ") {
  const lines = [];
  let current = indent;
  for (const number of digits(Array.from(numbers))) {
    if (current.length + number.length > 98) {
      lines.push(current.trimEnd());
      current = indent;
    }
    current += `${number}, `;
  }
  return `[\n${[...lines, current.trimEnd()].join("\n")}\n]`;
}

function layer(described, { l1, l2 }) {
  const { kind, units, activation, rate, layers } = described;
  const name = CLASSES[kind];
  if (kind === "residual") return `${name}([${layers.map((one) => layer(one, { l1, l2 })).join(", ")}])`;
  if (kind === "dropout") return `${name}(${rate})`;
  if (kind !== "dense") return `${name}()`;
  const strengths = [["l1", l1], ["l2", l2]].filter(([, value]) => value).map(([of, value]) => `, ${of}=${value}`);
  return `${name}(${units}${activation === "identity" ? "" : `, "${activation}"`}${strengths.join("")})`;
}

const kinds = (layers) => layers.flatMap(({ kind, layers: inside }) => [CLASSES[kind], ...(inside ? kinds(inside) : [])]);

/** The lines that train: so many epochs, under a schedule up to where the page stood of those that are planned. */
function training({ optimizer, rate, batch, schedule, epochs: planned }, epochs) {
  if (!epochs) return "";
  const how = `optimizer="${optimizer}", learning_rate=${rate}, batch_size=${batch}`;
  if (schedule === "constant") return `network.train(X, y, epochs=${epochs}, ${how})\n`;
  return `
class Until:
    """The epoch that the page had come to, of those that are planned."""

    def on_epoch_end(self, run):
        run.stop = run.epoch >= ${epochs}


trainer = Trainer(
    ${how},
    schedule="${schedule}", epochs=${planned}, early_stopping=False, restore_best=False, validation_fraction=0,
    callbacks=[Until()],
)
trainer.fit(network, X, y)
`;
}

/** The inputs, and which columns of a table of the reader's own they are. */
function described({ table, own, inputs }) {
  if (table !== "own") return inputs.join(", ");
  const [x1, x2] = own.axes.map((place) => own.columns[place].name);
  if (takesColumns({ inputs })) return `${inputs.map((one) => own.columns[columnOf(one)].name || one).join(", ")} (standardized)`;
  return `${inputs.join(", ")}${x1 || x2 ? `, of x1 = ${x1} and x2 = ${x2} (scaled to the plane)` : ""}`;
}

/**
 * A program for the library: the same rows, the same weights at the start, the same order of rows.
 * @param {object} of The network as the engine's tables are made of it, the choices, both tables, the start, and whether targets are
 *   whole numbers.
 */
export function pythonProgram({ network, choices, tables, start, statistics, epochs, whole }) {
  const trainer = epochs && choices.schedule !== "constant" ? ["Trainer"] : [];
  const names = [...new Set(["NeuralNetwork", ...trainer, ...kinds(network.layers)])].sort();
  const layers = network.layers.map((one) => `        ${layer(one, network)},`).join("\n");
  const table = ({ X, targets }, suffix) => `X${suffix} = np.array(${list(X)}, "float32").reshape(-1, ${network.inputs})
y${suffix} = np.array(${list(targets)}, "${whole ? "int64" : "float32"}")`;
  return `"""A network of the glassnet playground: the same rows, the same weights at the start, the same steps."""

import numpy as np
from glassnet import ${names.join(", ")}

# inputs: ${described(choices)}
${table(tables[0], "")}
${table(tables[1], "_test")}

network = NeuralNetwork(
    ${network.inputs},
    [
${layers}
    ],
    loss="${choices.loss}",
    dtype="float32",
    seed=${choices.seed},
)
network.parameters[:] = ${list(start)}${statistics.length ? `\nnetwork.statistics[:] = ${list(statistics)}` : ""}
${training(choices, epochs)}

def loss(X, y):
    """The mean loss of these rows, as the page shows it."""
    return float(network.loss.value(network.forward(X), network.loss.prepare(y, network.outputs)).mean())


print(f"training loss {loss(X, y):.4g}, test loss {loss(X_test, y_test):.4g}")
`;
}

/** All parameters as a safetensors file: "1.W", "1.b", ... as the library calls them. */
export function safetensors(learned, parameters) {
  const entries = learned.map(({ layer: number, name, shape, start, stop }) =>
    [`${number}.${name}`, { dtype: "F32", shape, data_offsets: [4 * start, 4 * stop] }]);
  let header = JSON.stringify({ __metadata__: { from: "glassnet playground" }, ...Object.fromEntries(entries) });
  header += " ".repeat((8 - (header.length % 8)) % 8);
  const size = new DataView(new ArrayBuffer(8));
  size.setBigUint64(0, BigInt(header.length), true);
  return new Blob([size.buffer, header, parameters.slice().buffer], { type: "application/octet-stream" });
}
