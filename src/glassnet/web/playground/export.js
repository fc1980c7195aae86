// The network to take along: as a program for the library, which computes the same numbers, and as a file of weights.

const CLASSES = { batch_norm: "BatchNorm", layer_norm: "LayerNorm", dropout: "Dropout", residual: "Residual", dense: "Dense" };

/** Numbers of float32 in as few digits as tell them apart. */
const digits = (numbers) => numbers.map((number) => String(Number(number.toPrecision(9))));

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

/**
 * A program for the library: the same rows, the same weights at the start, the same order of rows.
 * @param {object} of The network as the engine's tables are made of it, the choices, rows, targets, and the start.
 */
export function pythonProgram({ network, choices, X, targets, start, epochs, classes }) {
  const names = [...new Set(["NeuralNetwork", ...kinds(network.layers)])].sort();
  const layers = network.layers.map((one) => `        ${layer(one, network)},`).join("\n");
  const whole = ["cross_entropy", "focal"].includes(choices.loss) && classes;
  return `"""A network of the glassnet playground: the same rows, the same weights at the start, the same steps."""

import numpy as np
from glassnet import ${names.join(", ")}

# inputs: ${choices.inputs.join(", ")}
X = np.array(${list(X)}, "float32").reshape(-1, ${network.inputs})
y = np.array(${list(targets)}, "${whole ? "int64" : "float32"}")

network = NeuralNetwork(
    ${network.inputs},
    [
${layers}
    ],
    loss="${choices.loss}",
    dtype="float32",
    seed=${choices.seed},
)
network.parameters[:] = ${list(start)}
losses = network.train(
    X, y, epochs=${Math.max(1, epochs)}, batch_size=${choices.batch}, optimizer="${choices.optimizer}", learning_rate=${choices.rate}
)
print("mean loss while learning, in the last epoch:", losses[-1])
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
