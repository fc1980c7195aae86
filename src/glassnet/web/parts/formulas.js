// The formulas of glassnet/formulas, said again in JavaScript statement by statement. Made by `make wasm`; do not edit.

import { erfc } from "../model/erf.js";

const { abs, exp, expm1, log, log1p, max, min, sign, sqrt, tanh } = Math;
const gaussian = (x) => exp(-x * x);

function elu(z, alpha) {
  return z > 0 ? z : alpha * expm1(min(z, 0));
}

function elu_derivative(z, a, alpha) {
  return z > 0 ? 1 : a + alpha;
}

function gelu(z) {
  return 0.5 * z * erfc(-0.7071067811865476 * z);
}

function gelu_derivative(z, a) {
  const x = -0.7071067811865476 * z;
  return 0.5 * erfc(x) + 0.3989422804014327 * z * gaussian(x);
}

function _twice_u(z) {
  const near = min(max(z, -25), 25);
  return 1.5957691216057308 * (near + 0.044715 * near * near * near);
}

function sigmoid(z) {
  const e = exp(-abs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
}

function gelu_tanh(z) {
  return z * sigmoid(_twice_u(z));
}

function gelu_tanh_derivative(z, a) {
  const near = min(max(z, -25), 25);
  const u = _twice_u(z);
  const e = exp(-abs(u));
  const slope = 1.5957691216057308 * (1 + 0.134145 * near * near);
  return ((u >= 0 ? 1 : e) + near * slope * e / (1 + e)) / (1 + e);
}

function hard_sigmoid(z) {
  return min(max(z / 6 + 0.5, 0), 1);
}

function hard_sigmoid_derivative(z, a) {
  return Number(abs(z) < 3) / 6;
}

function hard_swish(z) {
  return z * hard_sigmoid(z);
}

function hard_swish_derivative(z, a) {
  return z < 3 ? Number(z > -3) * (z / 3 + 0.5) : 1;
}

function hard_tanh(z) {
  return min(max(z, -1), 1);
}

function hard_tanh_derivative(z, a) {
  return Number(abs(z) < 1);
}

function identity(z) {
  return z;
}

function identity_derivative(z, a) {
  return Number(true);
}

function leaky_relu(z, slope) {
  return z > 0 ? z : slope * z;
}

function leaky_relu_derivative(z, a, slope) {
  const above = Number(z > 0);
  return above + slope * (1 - above);
}

function tanh_softplus(z) {
  const e = exp(-abs(z));
  const n = z >= 0 ? 1 + 2 * e : e * (e + 2);
  return n / (n + (z >= 0 ? 2 * e * e : 2));
}

function mish(z) {
  return z * tanh_softplus(z);
}

function mish_derivative(z, a) {
  const t = tanh_softplus(z);
  return t + z * (1 - t * t) * sigmoid(z);
}

function relu(z) {
  return max(z, 0);
}

function relu_derivative(z, a) {
  return Number(a > 0);
}

function relu6(z) {
  return min(max(z, 0), 6);
}

function relu6_derivative(z, a) {
  return Number(a > 0) * Number(a < 6);
}

function selu(z, scale, alpha) {
  return scale * elu(z, alpha);
}

function selu_derivative(z, a, scale, alpha) {
  return z > 0 ? scale : a + scale * alpha;
}

function sigmoid_derivative(z, a) {
  return a * (1 - a);
}

function silu(z) {
  return z * sigmoid(z);
}

function silu_derivative(z, a) {
  const e = exp(-abs(z));
  return ((z >= 0 ? 1 : e) + a * (z >= 0 ? e : 1)) / (1 + e);
}

function softplus(z) {
  return max(z, 0) + log1p(exp(-abs(z)));
}

function softplus_derivative(z, a) {
  return sigmoid(z);
}

function softsign(z) {
  return z / (1 + abs(z));
}

function softsign_derivative(z, a) {
  return 1 / ((1 + abs(z)) * (1 + abs(z)));
}

function hyperbolic_tangent(z) {
  return tanh(z);
}

function hyperbolic_tangent_derivative(z, a) {
  return 1 - a * a;
}

function binary_cross_entropy(output, target) {
  const size = abs(output);
  return log1p(exp(-size)) + size * (output > 0 ? 1 - target : target);
}

function binary_cross_entropy_derivative(output, target) {
  const e = exp(-abs(output));
  const [yes, no] = [output >= 0 ? 1 : e, output >= 0 ? e : 1];
  return ((1 - target) * yes - target * no) / (1 + e);
}

const SMALLEST_PROBABILITY = 1e-07;

function _inside(p) {
  return min(max(p, SMALLEST_PROBABILITY), 1 - SMALLEST_PROBABILITY);
}

function binary_cross_entropy_from_probabilities(output, target) {
  const p = _inside(output);
  return -(target * log(p) + (1 - target) * log1p(-p));
}

function binary_cross_entropy_from_probabilities_derivative(output, target) {
  const p = _inside(output);
  return (p - target) / (p * (1 - p));
}

function _one_minus(log_p) {
  return max(-expm1(log_p), 1e-30);
}

function focal_term(log_p, gamma) {
  return -(_one_minus(log_p) ** gamma) * log_p;
}

function binary_focal(output, target, gamma) {
  return target * focal_term(-softplus(-output), gamma) + (1 - target) * focal_term(-softplus(output), gamma);
}

function focal_term_derivative(log_p, gamma) {
  const q = _one_minus(log_p);
  return gamma * q ** (gamma - 1) * exp(log_p) * log_p - q ** gamma;
}

function binary_focal_derivative(output, target, gamma) {
  const yes = target * focal_term_derivative(-softplus(-output), gamma) * sigmoid(-output);
  const no = (1 - target) * focal_term_derivative(-softplus(output), gamma) * sigmoid(output);
  return yes - no;
}

function hinge(output, target) {
  return max(1 - target * output, 0);
}

function hinge_derivative(output, target) {
  return -target * Number(target * output < 1);
}

function huber(output, target, delta) {
  const size = abs(output - target);
  const near = min(size, delta);
  return near * (size - 0.5 * near);
}

function huber_derivative(output, target, delta) {
  return min(max(output - target, -delta), delta);
}

function log_cosh(output, target) {
  const size = abs(output - target);
  const u = expm1(-size);
  const beyond_one = size < 1 ? u * u / (2 * max(1 + u, 0.25)) : (1 + u) * (1 + u);
  return (size < 1 ? 0 : size - 0.6931471805599453) + log1p(beyond_one);
}

function log_cosh_derivative(output, target) {
  return tanh(output - target);
}

function absolute_error(output, target) {
  return abs(output - target);
}

function absolute_error_derivative(output, target) {
  return sign(output - target);
}

function squared_error(output, target) {
  return (output - target) * (output - target);
}

function squared_error_derivative(output, target) {
  return 2 * (output - target);
}

function poisson(output, target) {
  return exp(output) - target * output;
}

function poisson_derivative(output, target) {
  return exp(output) - target;
}

function quantile(output, target, level) {
  const e = target - output;
  return max(level * e, (level - 1) * e);
}

function quantile_derivative(output, target, level) {
  return Number(output > target) * (1 - level) - Number(output < target) * level;
}

function squared_hinge(output, target) {
  return hinge(output, target) * hinge(output, target);
}

function squared_hinge_derivative(output, target) {
  return -2 * target * hinge(output, target);
}

function adagrad(theta, g, s, alpha, epsilon) {
  s = s + g * g;
  return [theta - alpha * g / (sqrt(s) + epsilon), s];
}

function ema(average, theta, share) {
  return average - share * average + share * theta;
}

function moments(g, m, v, share1, share2) {
  return [ema(m, g, share1), ema(v, g * g, share2)];
}

function adam(theta, g, m, v, alpha, beta1, beta2, epsilon, share1, share2, correction1, correction2) {
  [m, v] = moments(g, m, v, share1, share2);
  const m_hat = correction1 * m;
  const v_hat = correction2 * v;
  return [theta - alpha * m_hat / (sqrt(v_hat) + epsilon), m, v];
}

function bias_corrections(t, previous, beta1, beta2, epsilon) {
  return [1 - beta1, 1 - beta2, 1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)];
}

function amsgrad(theta, g, m, v, v_max, alpha, beta1, beta2, epsilon, share1, share2, correction1, correction2) {
  [m, v] = moments(g, m, v, share1, share2);
  v_max = max(v_max, v);
  const m_hat = correction1 * m;
  const v_hat = correction2 * v_max;
  return [theta - alpha * m_hat / (sqrt(v_hat) + epsilon), m, v, v_max];
}

function lion(theta, g, m, alpha, beta1, beta2, share1, share2) {
  const direction = sign(ema(m, g, share1));
  return [theta - alpha * direction, ema(m, g, share2)];
}

function shares_of_newest(t, previous, beta1, beta2) {
  return [1 - beta1, 1 - beta2];
}

function momentum(theta, g, b, alpha, mu) {
  b = mu * b + g;
  return [theta - alpha * b, b];
}

function nadam(theta, g, m, v, alpha, beta1, beta2, epsilon, psi, share1, share2, weight_m, weight_g, correction2, product) {
  [m, v] = moments(g, m, v, share1, share2);
  const m_hat = weight_m * m + weight_g * g;
  const v_hat = correction2 * v;
  return [theta - alpha * m_hat / (sqrt(v_hat) + epsilon), m, v];
}

function nadam_coefficients(t, previous, beta1, beta2, epsilon, psi) {
  const mu = beta1 * (1 - 0.5 * 0.96 ** (t * psi));
  const mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * psi));
  const product = previous === undefined ? mu : previous.at(-1) * mu;
  const weights = [mu_next / (1 - product * mu_next), (1 - mu) / (1 - product)];
  return [1 - beta1, 1 - beta2, ...weights, 1 / (1 - beta2 ** t), product];
}

function nesterov(theta, g, b, alpha, mu) {
  b = mu * b + g;
  return [theta - alpha * (g + mu * b), b];
}

function radam(theta, g, m, v, alpha, beta1, beta2, epsilon, share1, share2, correction1, rectification) {
  [m, v] = moments(g, m, v, share1, share2);
  const m_hat = correction1 * m;
  const adaptive = rectification / (sqrt(v) + epsilon);
  return [theta - alpha * m_hat * (rectification > 0 ? adaptive : 1), m, v];
}

function radam_coefficients(t, previous, beta1, beta2, epsilon) {
  const correction1 = 1 / (1 - beta1 ** t);
  const rho_inf = 2 / (1 - beta2) - 1;
  const rho = rho_inf - 2 * t * beta2 ** t / (1 - beta2 ** t);
  if (rho <= 5) {
    return [1 - beta1, 1 - beta2, correction1, 0.0];
  }
  const r_squared = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho);
  return [1 - beta1, 1 - beta2, correction1, (r_squared * (1 - beta2 ** t)) ** 0.5];
}

function rmsprop(theta, g, v, alpha, rho, epsilon, share) {
  v = ema(v, g * g, share);
  return [theta - alpha * g / (sqrt(v) + epsilon), v];
}

function share_of_newest(t, previous, rho, epsilon) {
  return [1 - rho];
}

function sgd(theta, g, alpha) {
  return [theta - alpha * g];
}

function valleys(x) {
  return 0.25 * x * x * x * x - x * x + 0.3 * x + 1.5;
}

function basins(x, y) {
  return valleys(x) + 0.5 * y * y;
}

function basins_gradient(x, y) {
  return [x * x * x - 2 * x + 0.3, y];
}

function bowl(x, y) {
  return 0.5 * (x * x + y * y);
}

function bowl_gradient(x, y) {
  return [x, y];
}

function parabola(x) {
  return 0.5 * x * x;
}

function parabola_gradient(x) {
  return [x];
}

function plateau(x) {
  return x * x / (1 + x * x);
}

function plateau_gradient(x) {
  return [2 * x / ((1 + x * x) * (1 + x * x))];
}

function ravine(x, y) {
  return 0.5 * (x * x + 20 * y * y);
}

function ravine_gradient(x, y) {
  return [x, 20 * y];
}

function rosenbrock(x, y) {
  return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x);
}

function rosenbrock_gradient(x, y) {
  return [2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)];
}

function saddle(x, y) {
  return x * x - y * y + 0.25 * y * y * y * y + 1;
}

function saddle_gradient(x, y) {
  return [2 * x, y * y * y - 2 * y];
}

function valleys_gradient(x) {
  return [x * x * x - 2 * x + 0.3];
}

export const ACTIVATIONS = {
  elu: {
    f: (z) => elu(z, 1.0),
    slope: (z, a) => elu_derivative(z, a, 1.0),
    texts: ["(exp(min(z, 0)) - 1)", "z"],
    slopes: ["a + 1", "1"],
  },
  gelu: {
    f: (z) => gelu(z),
    slope: (z, a) => gelu_derivative(z, a),
    texts: ["0.5 · z · erfc((-0.7071) · z)", "0.5 · z · erfc((-0.7071) · z)"],
    slopes: ["0.5 · erfc((-0.7071) · z) + 0.3989 · z · exp((-(-0.7071) · z) · (-0.7071) · z)", "0.5 · erfc((-0.7071) · z) + 0.3989 · z · exp((-(-0.7071) · z) · (-0.7071) · z)"],
  },
  gelu_tanh: {
    f: (z) => gelu_tanh(z),
    slope: (z, a) => gelu_tanh_derivative(z, a),
    texts: [null, null],
    slopes: [null, null],
  },
  hard_sigmoid: {
    f: (z) => hard_sigmoid(z),
    slope: (z, a) => hard_sigmoid_derivative(z, a),
    texts: ["min(max(z / 6 + 0.5, 0), 1)", "min(max(z / 6 + 0.5, 0), 1)"],
    slopes: ["0.1667", "0.1667"],
  },
  hard_swish: {
    f: (z) => hard_swish(z),
    slope: (z, a) => hard_swish_derivative(z, a),
    texts: ["z · min(max(z / 6 + 0.5, 0), 1)", "z · min(max(z / 6 + 0.5, 0), 1)"],
    slopes: ["1 · (z / 3 + 0.5)", "1 · (z / 3 + 0.5)"],
  },
  hard_tanh: {
    f: (z) => hard_tanh(z),
    slope: (z, a) => hard_tanh_derivative(z, a),
    texts: ["min(max(z, -1), 1)", "min(max(z, -1), 1)"],
    slopes: ["1", "1"],
  },
  identity: {
    f: (z) => identity(z),
    slope: (z, a) => identity_derivative(z, a),
    texts: ["z", "z"],
    slopes: ["1", "1"],
  },
  leaky_relu: {
    f: (z) => leaky_relu(z, 0.01),
    slope: (z, a) => leaky_relu_derivative(z, a, 0.01),
    texts: ["0.01 · z", "z"],
    slopes: ["0.01", "1"],
  },
  mish: {
    f: (z) => mish(z),
    slope: (z, a) => mish_derivative(z, a),
    texts: ["z · exp(-|z|) · (exp(-|z|) + 2) / (exp(-|z|) · (exp(-|z|) + 2) + 2)", "z · (1 + 2 · exp(-|z|)) / (1 + 2 · exp(-|z|) + 2 · exp(-|z|) · exp(-|z|))"],
    slopes: [null, null],
  },
  relu: {
    f: (z) => relu(z),
    slope: (z, a) => relu_derivative(z, a),
    texts: ["max(z, 0)", "max(z, 0)"],
    slopes: ["0", "1"],
  },
  relu6: {
    f: (z) => relu6(z),
    slope: (z, a) => relu6_derivative(z, a),
    texts: ["min(max(z, 0), 6)", "min(max(z, 0), 6)"],
    slopes: ["0", "1"],
  },
  selu: {
    f: (z) => selu(z, 1.0507009873554805, 1.6732632423543772),
    slope: (z, a) => selu_derivative(z, a, 1.0507009873554805, 1.6732632423543772),
    texts: ["1.051 · 1.673 · (exp(min(z, 0)) - 1)", "1.051 · z"],
    slopes: ["a + 1.758", "1.051"],
  },
  sigmoid: {
    f: (z) => sigmoid(z),
    slope: (z, a) => sigmoid_derivative(z, a),
    texts: ["exp(-|z|) / (1 + exp(-|z|))", "1 / (1 + exp(-|z|))"],
    slopes: ["a · (1 - a)", "a · (1 - a)"],
  },
  silu: {
    f: (z) => silu(z),
    slope: (z, a) => silu_derivative(z, a),
    texts: ["z · exp(-|z|) / (1 + exp(-|z|))", "z · 1 / (1 + exp(-|z|))"],
    slopes: ["(exp(-|z|) + a) / (1 + exp(-|z|))", "(1 + a · exp(-|z|)) / (1 + exp(-|z|))"],
  },
  softplus: {
    f: (z) => softplus(z),
    slope: (z, a) => softplus_derivative(z, a),
    texts: ["max(z, 0) + ln(1 + exp(-|z|))", "max(z, 0) + ln(1 + exp(-|z|))"],
    slopes: ["exp(-|z|) / (1 + exp(-|z|))", "1 / (1 + exp(-|z|))"],
  },
  softsign: {
    f: (z) => softsign(z),
    slope: (z, a) => softsign_derivative(z, a),
    texts: ["z / (1 + |z|)", "z / (1 + |z|)"],
    slopes: ["1 / ((1 + |z|) · (1 + |z|))", "1 / ((1 + |z|) · (1 + |z|))"],
  },
  tanh: {
    f: (z) => hyperbolic_tangent(z),
    slope: (z, a) => hyperbolic_tangent_derivative(z, a),
    texts: ["tanh(z)", "tanh(z)"],
    slopes: ["1 - a · a", "1 - a · a"],
  },
};

export const LOSSES = {
  binary_cross_entropy: {
    value: (output, target) => binary_cross_entropy(output, target),
    slope: (output, target) => binary_cross_entropy_derivative(output, target),
    texts: [null, null],
    target: "fractions",
    response: "sigmoid",
  },
  binary_cross_entropy_from_probabilities: {
    value: (output, target) => binary_cross_entropy_from_probabilities(output, target),
    slope: (output, target) => binary_cross_entropy_from_probabilities_derivative(output, target),
    texts: ["-(y · ln(min(max(a, 1e-07), 1)) + (1 - y) · ln(1 + -min(max(a, 1e-07), 1)))", "(min(max(a, 1e-07), 1) - y) / (min(max(a, 1e-07), 1) · (1 - min(max(a, 1e-07), 1)))"],
    target: "fractions",
    response: "identity",
  },
  binary_focal: {
    value: (output, target) => binary_focal(output, target, 2.0),
    slope: (output, target) => binary_focal_derivative(output, target, 2.0),
    texts: [null, null],
    target: "fractions",
    response: "sigmoid",
  },
  hinge: {
    value: (output, target) => hinge(output, target),
    slope: (output, target) => hinge_derivative(output, target),
    texts: ["max(1 - y · a, 0)", null],
    target: "signs",
    response: "identity",
  },
  huber: {
    value: (output, target) => huber(output, target, 1.0),
    slope: (output, target) => huber_derivative(output, target, 1.0),
    texts: ["min(|a - y|, 1) · (|a - y| - 0.5 · min(|a - y|, 1))", "min(max(a - y, -1), 1)"],
    target: "numbers",
    response: "identity",
  },
  log_cosh: {
    value: (output, target) => log_cosh(output, target),
    slope: (output, target) => log_cosh_derivative(output, target),
    texts: [null, "tanh(a - y)"],
    target: "numbers",
    response: "identity",
  },
  mae: {
    value: (output, target) => absolute_error(output, target),
    slope: (output, target) => absolute_error_derivative(output, target),
    texts: ["|a - y|", "sign(a - y)"],
    target: "numbers",
    response: "identity",
  },
  mse: {
    value: (output, target) => squared_error(output, target),
    slope: (output, target) => squared_error_derivative(output, target),
    texts: ["(a - y) · (a - y)", "2 · (a - y)"],
    target: "numbers",
    response: "identity",
  },
  poisson: {
    value: (output, target) => poisson(output, target),
    slope: (output, target) => poisson_derivative(output, target),
    texts: ["exp(a) - y · a", "exp(a) - y"],
    target: "counts",
    response: "exp",
  },
  quantile: {
    value: (output, target) => quantile(output, target, 0.5),
    slope: (output, target) => quantile_derivative(output, target, 0.5),
    texts: ["max(0.5 · (y - a), (-0.5) · (y - a))", null],
    target: "numbers",
    response: "identity",
  },
  squared_hinge: {
    value: (output, target) => squared_hinge(output, target),
    slope: (output, target) => squared_hinge_derivative(output, target),
    texts: ["max(1 - y · a, 0) · max(1 - y · a, 0)", "(-2) · y · max(1 - y · a, 0)"],
    target: "signs",
    response: "identity",
  },
};

export const OPTIMIZERS = {
  adagrad: {
    slots: ["s"],
    coefficients: (t, previous) => [],
    rule: (theta, g, slots, alpha, coefficients) => adagrad(theta, g, ...slots, alpha, 1e-10, ...coefficients),
  },
  adam: {
    slots: ["m", "v"],
    coefficients: (t, previous) => bias_corrections(t, previous, 0.9, 0.999, 1e-08),
    rule: (theta, g, slots, alpha, coefficients) => adam(theta, g, ...slots, alpha, 0.9, 0.999, 1e-08, ...coefficients),
  },
  adamw: {
    slots: ["m", "v"],
    coefficients: (t, previous) => bias_corrections(t, previous, 0.9, 0.999, 1e-08),
    rule: (theta, g, slots, alpha, coefficients) => adam(theta, g, ...slots, alpha, 0.9, 0.999, 1e-08, ...coefficients),
  },
  amsgrad: {
    slots: ["m", "v", "v_max"],
    coefficients: (t, previous) => bias_corrections(t, previous, 0.9, 0.999, 1e-08),
    rule: (theta, g, slots, alpha, coefficients) => amsgrad(theta, g, ...slots, alpha, 0.9, 0.999, 1e-08, ...coefficients),
  },
  lion: {
    slots: ["m"],
    coefficients: (t, previous) => shares_of_newest(t, previous, 0.9, 0.99),
    rule: (theta, g, slots, alpha, coefficients) => lion(theta, g, ...slots, alpha, 0.9, 0.99, ...coefficients),
  },
  momentum: {
    slots: ["b"],
    coefficients: (t, previous) => [],
    rule: (theta, g, slots, alpha, coefficients) => momentum(theta, g, ...slots, alpha, 0.9, ...coefficients),
  },
  nadam: {
    slots: ["m", "v"],
    coefficients: (t, previous) => nadam_coefficients(t, previous, 0.9, 0.999, 1e-08, 0.004),
    rule: (theta, g, slots, alpha, coefficients) => nadam(theta, g, ...slots, alpha, 0.9, 0.999, 1e-08, 0.004, ...coefficients),
  },
  nesterov: {
    slots: ["b"],
    coefficients: (t, previous) => [],
    rule: (theta, g, slots, alpha, coefficients) => nesterov(theta, g, ...slots, alpha, 0.9, ...coefficients),
  },
  radam: {
    slots: ["m", "v"],
    coefficients: (t, previous) => radam_coefficients(t, previous, 0.9, 0.999, 1e-08),
    rule: (theta, g, slots, alpha, coefficients) => radam(theta, g, ...slots, alpha, 0.9, 0.999, 1e-08, ...coefficients),
  },
  rmsprop: {
    slots: ["v"],
    coefficients: (t, previous) => share_of_newest(t, previous, 0.99, 1e-08),
    rule: (theta, g, slots, alpha, coefficients) => rmsprop(theta, g, ...slots, alpha, 0.99, 1e-08, ...coefficients),
  },
  sgd: {
    slots: [],
    coefficients: (t, previous) => [],
    rule: (theta, g, slots, alpha, coefficients) => sgd(theta, g, ...slots, alpha, ...coefficients),
  },
};

export const SURFACES = {
  basins: {
    f: basins,
    gradient: basins_gradient,
    reach: [[-2.4, 2.4], [-1.6, 1.6]],
    start: [2.1, 1.2],
    rate: 0.05,
    stride: 0.1,
  },
  bowl: {
    f: bowl,
    gradient: bowl_gradient,
    reach: [[-3, 3], [-2, 2]],
    start: [-2.4, 1.5],
    rate: 0.1,
    stride: 0.1,
  },
  parabola: {
    f: parabola,
    gradient: parabola_gradient,
    reach: [[-3, 3]],
    start: [-2.6],
    rate: 0.3,
    stride: 0.2,
  },
  plateau: {
    f: plateau,
    gradient: plateau_gradient,
    reach: [[-5, 5]],
    start: [4.0],
    rate: 0.5,
    stride: 0.2,
  },
  ravine: {
    f: ravine,
    gradient: ravine_gradient,
    reach: [[-3, 3], [-2, 2]],
    start: [-2.6, 1.4],
    rate: 0.04,
    stride: 0.1,
  },
  rosenbrock: {
    f: rosenbrock,
    gradient: rosenbrock_gradient,
    reach: [[-2, 2], [-1, 3]],
    start: [-1.2, 1.0],
    rate: 0.0005,
    stride: 0.05,
  },
  saddle: {
    f: saddle,
    gradient: saddle_gradient,
    reach: [[-3, 3], [-2, 2]],
    start: [2.4, 0.01],
    rate: 0.05,
    stride: 0.05,
  },
  valleys: {
    f: valleys,
    gradient: valleys_gradient,
    reach: [[-2.3, 2.3]],
    start: [2.1],
    rate: 0.05,
    stride: 0.1,
  },
};
