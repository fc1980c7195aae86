// Random numbers for toy tables and for weights at the start, from a seed: the same on every machine.

/** A generator of numbers in [0, 1), each as likely as another (Mulberry32, by Tommy Ettinger). */
export function uniformFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

/** A generator of normal numbers (Box and Muller 1958). */
export function normalFrom(uniform) {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** What the weights of a layer begin with: the spread that suits its activation. */
const SPREADS = {
  he_normal: (inputs) => Math.sqrt(2 / inputs),
  he_uniform: (inputs) => Math.sqrt(2 / inputs),
  lecun_normal: (inputs) => Math.sqrt(1 / inputs),
  lecun_uniform: (inputs) => Math.sqrt(1 / inputs),
  glorot_uniform: (inputs, outputs) => Math.sqrt(2 / (inputs + outputs)),
  glorot_normal: (inputs, outputs) => Math.sqrt(2 / (inputs + outputs)),
};

/** The numbers at the start of what layers learn, one parameter after the other. */
export function initial(learned, seed) {
  const uniform = uniformFrom(seed * 7919 + 1);
  const normal = normalFrom(uniform);
  return learned.flatMap(({ begins, shape, start, stop }) => {
    const size = stop - start;
    if (begins === "ones") return Array(size).fill(1);
    if (!(begins in SPREADS)) return Array(size).fill(0);
    const spread = SPREADS[begins](...shape);
    const draw = begins.endsWith("normal") ? normal : () => Math.sqrt(3) * (2 * uniform() - 1);
    return Array.from({ length: size }, () => Math.fround(spread * draw()));
  });
}
