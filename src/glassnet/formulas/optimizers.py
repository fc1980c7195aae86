r"""Optimizers: how the parameters move once their gradient is known; their rules in the letters of their papers.

The parameters are θ (`theta`), their gradient g, the memories ("slots") that a rule carries from step to step, the
learning rate α (`alpha`), then the rule's own parameters, and the coefficients of this step: see
:class:`~glassnet.formulas.optimizer.Optimizer`.

The values are those of PyTorch, which is checked over whole trajectories; where PyTorch departs from the paper the
docstring says so. Weight decay is decoupled, and not part of any rule: see
:func:`glassnet.formulas.regularization.decay`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.formulas.elementary import whole_power
from glassnet.formulas.formula import Registry
from glassnet.formulas.optimizer import Optimizer
from glassnet.formulas.regularization import ema

__all__ = ["OPTIMIZERS", "Optimizer"]


OPTIMIZERS: Registry[Optimizer] = Registry("an optimizer", Optimizer)


def sgd(theta: Any, g: Any, alpha: Any) -> tuple[Any]:
    r"""Gradient descent: :math:`\theta \leftarrow \theta - \alpha g`; "stochastic" when g comes from a mini-batch.

    Source: Robbins, Monro (1951), *A Stochastic Approximation Method*; Cauchy (1847) for the full gradient.

    >>> sgd(1.0, 2.0, 0.1)
    (0.8,)
    """
    return (theta - alpha * g,)


def momentum(theta: Any, g: Any, b: Any, alpha: Any, mu: Any) -> tuple[Any, Any]:
    r"""A heavy ball: past gradients go on pushing, each step with the fraction μ of the push before.

    .. math:: b \leftarrow \mu b + g, \qquad \theta \leftarrow \theta - \alpha b

    Variant: PyTorch's (without dampening), b is a sum of gradients. The books have the velocity
    :math:`v \leftarrow \mu v - \alpha g,\ \theta \leftarrow \theta + v`: v = -α b, the same as long as α is constant;
    when α changes, PyTorch's form changes the whole step at once, the books' only later additions.

    Source: Polyak (1964), *Some Methods of Speeding Up the Convergence of Iteration Methods*; Sutskever,
    Martens, Dahl, Hinton (2013), *On the Importance of Initialization and Momentum in Deep Learning*, equations 1, 2.

    >>> momentum(1.0, 2.0, 10.0, 0.1, 0.5)  # b = 0.5 · 10 + 2
    (0.29999999999999993, 7.0)
    """
    b = mu * b + g
    return theta - alpha * b, b


def nesterov(theta: Any, g: Any, b: Any, alpha: Any, mu: Any) -> tuple[Any, Any]:
    r"""Momentum that looks ahead: to where the ball is about to roll.

    .. math:: b \leftarrow \mu b + g, \qquad \theta \leftarrow \theta - \alpha (g + \mu b)

    Variant: PyTorch's. The books take the gradient at the point ahead, θ + μ v, while θ itself is kept; here θ *is*
    the point ahead (Bengio et al.), so that the gradient is taken where the network stands. The same path for
    constant α, seen from one momentum step further on.

    Source: Nesterov (1983), *A Method of Solving a Convex Programming Problem with Convergence Rate O(1/k²)*;
    Sutskever et al. (2013), equations 3, 4; the form: Bengio, Boulanger-Lewandowski, Pascanu (2013), *Advances in
    Optimizing Recurrent Networks*, section 3.5.

    >>> nesterov(1.0, 2.0, 10.0, 0.1, 0.5)  # 1 - 0.1 (2 + 0.5 · 7)
    (0.44999999999999996, 7.0)
    """
    b = mu * b + g
    return theta - alpha * (g + mu * b), b


def adagrad(theta: Any, g: Any, s: Any, alpha: Any, epsilon: Any) -> tuple[Any, Any]:
    r"""A learning rate for each parameter, falling with all the gradient that it has seen.

    .. math:: s \leftarrow s + g^2, \qquad \theta \leftarrow \theta - \alpha\, g / (\sqrt s + \epsilon)

    Variant: ε outside the root and s = 0 at the start, as in PyTorch (Keras starts from s = 0.1).

    Source: Duchi, Hazan, Singer (2011), *Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization*, figure 1 with the diagonal matrix.

    >>> print(*adagrad(1.0, 4.0, 9.0, 0.5, 0.0))  # √(9 + 16) = 5
    0.6 25.0
    """
    s = s + g * g
    return theta - alpha * g / (np.sqrt(s) + epsilon), s


def rmsprop(theta: Any, g: Any, v: Any, alpha: Any, rho: Any, epsilon: Any, share: Any) -> tuple[Any, Any]:
    r"""AdaGrad that forgets: the gradient over the root of its mean square in the recent past.

    .. math:: v \leftarrow \rho v + (1 - \rho) g^2, \qquad \theta \leftarrow \theta - \alpha\, g / (\sqrt v + \epsilon)

    Variant: ε outside the root, ρ = 0.99 (PyTorch calls it alpha), not centred, as in PyTorch. The lecture and Keras
    have ρ = 0.9. There is no bias correction: the first step is of length α / √(1 - ρ). `share` is 1 - ρ.

    Source: Tieleman, Hinton (2012), *Neural Networks for Machine Learning*, lecture 6.5.

    >>> print(*rmsprop(1.0, 4.0, 9.0, 0.5, 0.0, 0.0, 1.0))  # nothing remembered: the sign of g alone
    0.5 16.0
    """
    v = ema(v, g * g, share)
    return theta - alpha * g / (np.sqrt(v) + epsilon), v


def share_of_newest(t: int, previous: tuple[float, ...] | None, rho: float, epsilon: float) -> tuple[float]:
    r"""For RMSProp: :math:`1 - \rho`, at every step.

    >>> share_of_newest(1, None, 0.75, 1e-8)
    (0.25,)
    """
    return (1 - rho,)


def moments(g: Any, m: Any, v: Any, share1: Any, share2: Any) -> tuple[Any, Any]:
    r"""The running means of the gradient and of its square, which all of Adam's kin share.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2

    `share1`, `share2` are :math:`1 - \beta_1` and :math:`1 - \beta_2`; see
    :func:`glassnet.formulas.regularization.ema`.

    Source: Kingma, Ba (2015), *Adam: A Method for Stochastic Optimization*, Algorithm 1.

    >>> moments(2.0, 0.0, 0.0, 0.5, 0.25)
    (1.0, 1.0)
    """
    return ema(m, g, share1), ema(v, g * g, share2)


def adam(
    theta: Any,
    g: Any,
    m: Any,
    v: Any,
    alpha: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    share1: Any,
    share2: Any,
    correction1: Any,
    correction2: Any,
) -> tuple[Any, Any, Any]:
    r"""Adaptive moments: the mean gradient over the root of the mean squared gradient.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g   & \hat m &= m / (1 - \beta_1^t) \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\, g^2 & \hat v &= v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \alpha\, \hat m / (\sqrt{\hat v} + \epsilon)

    m and v start at zero, which pulls them down in the first steps; the hats take that out, each with *its own* beta.
    `share1`, `share2` are :math:`1 - \beta`, `correction1`, `correction2` are :math:`1 / (1 - \beta^t)`, see
    :func:`bias_corrections`.

    Variant: the ε of Algorithm 1, added to the root of the corrected :math:`\hat v`, as in PyTorch and optax. Keras
    and scikit-learn add it before the correction (the paper's "epsilon hat", before section 2.1). `adamw` is this
    same rule; its weight decay is taken off θ outside.

    Source: Kingma, Ba (2015), *Adam: A Method for Stochastic Optimization*, Algorithm 1; Loshchilov, Hutter (2019),
    *Decoupled Weight Decay Regularization*, Algorithm 2.

    The first step is of length α, however long the gradient:

    >>> c = bias_corrections(1, None, 0.9, 0.999, 1e-8)
    >>> [float(round(adam(1.0, g, 0.0, 0.0, 0.1, 0.9, 0.999, 1e-8, *c)[0], 6)) for g in (1e-3, 1.0, 1e6)]
    [0.900001, 0.9, 0.9]
    """
    m, v = moments(g, m, v, share1, share2)
    m_hat = correction1 * m
    v_hat = correction2 * v
    return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def bias_corrections(
    t: int, previous: tuple[float, ...] | None, beta1: float, beta2: float, epsilon: float
) -> tuple[float, float, float, float]:
    r"""For Adam and its kin: :math:`1 - \beta_1`, :math:`1 - \beta_2`, :math:`1 / (1 - \beta_1^t)` and
    :math:`1 / (1 - \beta_2^t)`.

    >>> bias_corrections(1, None, 0.5, 0.75, 1e-8)
    (0.5, 0.25, 2.0, 4.0)
    """
    return 1 - beta1, 1 - beta2, 1 / (1 - whole_power(beta1, t)), 1 / (1 - whole_power(beta2, t))


def amsgrad(
    theta: Any,
    g: Any,
    m: Any,
    v: Any,
    v_max: Any,
    alpha: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    share1: Any,
    share2: Any,
    correction1: Any,
    correction2: Any,
) -> tuple[Any, Any, Any, Any]:
    r"""Adam with a second moment that never falls, so that no step grows because a large gradient was forgotten.

    As :func:`adam`, but :math:`v_{max} \leftarrow \max(v_{max}, v)` stands in the place of v in the last line.

    Variant: with Adam's bias corrections, the maximum taken of the uncorrected v, as in PyTorch. The paper's
    algorithm has no corrections and no ε.

    Source: Reddi, Kale, Kumar (2018), *On the Convergence of Adam and Beyond*, Algorithm 2.

    >>> print(*amsgrad(1.0, 0.0, 1.0, 4.0, 9.0, 0.3, 0.5, 0.5, 0.0, 0.5, 0.5, 1.0, 1.0))  # 1 - 0.3 · 0.5 / √9
    0.95 0.5 2.0 9.0
    """
    m, v = moments(g, m, v, share1, share2)
    v_max = np.maximum(v_max, v)
    m_hat = correction1 * m
    v_hat = correction2 * v_max
    return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v, v_max


def nadam(
    theta: Any,
    g: Any,
    m: Any,
    v: Any,
    alpha: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    psi: Any,
    share1: Any,
    share2: Any,
    weight_m: Any,
    weight_g: Any,
    correction2: Any,
    product: Any,
) -> tuple[Any, Any, Any]:
    r"""Adam with Nesterov's look ahead, and with a momentum :math:`\mu_t` that warms up from about β1/2 to β1.

    .. math::

        \mu_t &= \beta_1 (1 - \tfrac12 \cdot 0.96^{t \psi}) \\
        \hat m &= \frac{\mu_{t+1}}{1 - \prod_{i=1}^{t+1} \mu_i}\, m + \frac{1 - \mu_t}{1 - \prod_{i=1}^{t} \mu_i}\, g

    with m, v, :math:`\hat v` and the last line of :func:`adam`. The two fractions are `weight_m` and `weight_g`, see
    :func:`nadam_coefficients`; `product` is carried there from step to step and not needed here.

    Variant: PyTorch's, with ψ = 0.004; m itself is a mean with β1, where the paper has :math:`\mu_t`.

    Source: Dozat (2016), *Incorporating Nesterov Momentum into Adam*.

    >>> print(*nadam(1.0, 2.0, 0.0, 0.0, 0.1, 0.5, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.5))  # 1 - 0.1 (1 + 2) / √4
    0.85 1.0 4.0
    """
    m, v = moments(g, m, v, share1, share2)
    m_hat = weight_m * m + weight_g * g  # the momentum of the *next* step, already with this gradient
    v_hat = correction2 * v
    return theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def nadam_coefficients(
    t: int, previous: tuple[float, ...] | None, beta1: float, beta2: float, epsilon: float, psi: float
) -> tuple[float, float, float, float, float, float]:
    r"""Both :math:`1 - \beta`, the weights of m and g, :math:`1 / (1 - \beta_2^t)`, and :math:`\prod_{i=1}^t \mu_i` for
    the next step.

    >>> *_, correction2, product = nadam_coefficients(1, None, 0.9, 0.75, 1e-8, 0.0)
    >>> correction2, product  # at ψ = 0 the momentum is β1 / 2 for ever
    (4.0, 0.45)
    """
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * psi))
    mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * psi))
    product = mu if previous is None else previous[-1] * mu
    weights = mu_next / (1 - product * mu_next), (1 - mu) / (1 - product)
    return 1 - beta1, 1 - beta2, *weights, 1 / (1 - whole_power(beta2, t)), product


def radam(
    theta: Any,
    g: Any,
    m: Any,
    v: Any,
    alpha: Any,
    beta1: Any,
    beta2: Any,
    epsilon: Any,
    share1: Any,
    share2: Any,
    correction1: Any,
    rectification: Any,
) -> tuple[Any, Any, Any]:
    r"""Rectified Adam: momentum alone while v rests on too few gradients to be trusted, then Adam with its
    variance rectified by :math:`r_t`, which makes a warm-up needless.

    .. math::

        \theta \leftarrow \theta - \alpha\, \hat m \cdot
        \begin{cases} r_t \sqrt{1 - \beta_2^t} / (\sqrt v + \epsilon) & \rho_t > 5 \\ 1 & \text{else} \end{cases}

    with m, v, :math:`\hat m` of :func:`adam`. `rectification` is :math:`r_t \sqrt{1 - \beta_2^t}`, or 0 in the other
    case, see :func:`radam_coefficients`. With β2 = 0.999 the first five steps are of the other case.

    Variant: PyTorch's, with 5 where the paper has 4 (as in the authors' code), and with ε added to the *uncorrected*
    root; the paper has no ε.

    Source: Liu, Jiang, He, Chen, Liu, Gao, Han (2020), *On the Variance of the Adaptive Learning Rate and Beyond*,
    Algorithm 2.

    >>> print(*radam(1.0, 2.0, 0.0, 0.0, 0.1, 0.5, 0.0, 0.0, 0.5, 1.0, 2.0, 0.0))  # m_hat = 2
    0.8 1.0 4.0
    >>> print(*radam(1.0, 2.0, 0.0, 0.0, 0.1, 0.5, 0.0, 0.0, 0.5, 1.0, 2.0, 0.5))  # 0.5 / √4 of that
    0.95 1.0 4.0
    """
    m, v = moments(g, m, v, share1, share2)
    m_hat = correction1 * m
    adaptive = rectification / (np.sqrt(v) + epsilon)
    return theta - alpha * m_hat * np.where(rectification > 0, adaptive, 1), m, v


def radam_coefficients(
    t: int, previous: tuple[float, ...] | None, beta1: float, beta2: float, epsilon: float
) -> tuple[float, float, float, float]:
    r"""Both :math:`1 - \beta`, :math:`1 / (1 - \beta_1^t)`, and :math:`r_t \sqrt{1 - \beta_2^t}` or 0 while
    :math:`\rho_t \le 5`.

    ρ is the number of gradients that a simple mean would need for the same variance as v:
    :math:`\rho_\infty = 2 / (1 - \beta_2) - 1`, :math:`\rho_t = \rho_\infty - 2 t \beta_2^t / (1 - \beta_2^t)`, and

    .. math:: r_t = \sqrt{\frac{(\rho_t - 4) (\rho_t - 2) \rho_\infty}{(\rho_\infty - 4) (\rho_\infty - 2) \rho_t}}

    >>> [round(radam_coefficients(t, None, 0.9, 0.999, 1e-8)[-1], 4) for t in (5, 6, 10000)]
    [0.0, 0.002, 0.9998]
    """
    correction1 = 1 / (1 - whole_power(beta1, t))
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * whole_power(beta2, t) / (1 - whole_power(beta2, t))
    if rho <= 5:
        return 1 - beta1, 1 - beta2, correction1, 0.0
    r_squared = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
    return 1 - beta1, 1 - beta2, correction1, (r_squared * (1 - whole_power(beta2, t))) ** 0.5


def lion(theta: Any, g: Any, m: Any, alpha: Any, beta1: Any, beta2: Any, share1: Any, share2: Any) -> tuple[Any, Any]:
    r"""Evolved sign momentum: every parameter moves by exactly α, in the direction of a mixed momentum.

    .. math:: \theta \leftarrow \theta - \alpha\,\mathrm{sign}(\beta_1 m + (1 - \beta_1) g), \qquad
        m \leftarrow \beta_2 m + (1 - \beta_2) g

    The direction weights the newest gradient more (β1 = 0.9) than the memory does (β2 = 0.99). The paper advises an α
    three to ten times smaller than AdamW's and a weight decay λ as many times larger, so that α λ stays the same:
    hence the defaults, a tenth of AdamW's α and ten times its λ.

    Source: Chen et al. (2023), *Symbolic Discovery of Optimization Algorithms*, Algorithm 2 and section 5.

    `share1`, `share2` are :math:`1 - \beta_1` and :math:`1 - \beta_2`.

    >>> print(*lion(1.0, -3.0, 1.0, 0.5, 0.5, 0.75, 0.5, 0.25))  # the sign of 0.5 - 1.5
    1.5 0.0
    """
    direction = np.sign(ema(m, g, share1))
    return theta - alpha * direction, ema(m, g, share2)


def shares_of_newest(t: int, previous: tuple[float, ...] | None, beta1: float, beta2: float) -> tuple[float, float]:
    r"""For Lion: :math:`1 - \beta_1` and :math:`1 - \beta_2`, at every step.

    >>> shares_of_newest(1, None, 0.5, 0.75)
    (0.5, 0.25)
    """
    return 1 - beta1, 1 - beta2


# The share that a memory keeps in a step lies in [0, 1): with 1 it would never change.
MOMENTUM: Any = {"parameters": (("mu", 0.9),), "domains": (("mu", "[0, 1)"),)}
BETAS = (("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8))
BETA_DOMAINS = (("beta1", "[0, 1)"), ("beta2", "[0, 1)"), ("epsilon", "[0, inf)"))
MOMENTS: Any = {"parameters": BETAS, "domains": BETA_DOMAINS}

for _optimizer in (
    Optimizer("sgd", sgd, learning_rate=0.01, rests=True),
    Optimizer("momentum", momentum, ("b",), learning_rate=0.01, **MOMENTUM),
    Optimizer("nesterov", nesterov, ("b",), learning_rate=0.01, **MOMENTUM),
    Optimizer(
        "adagrad",
        adagrad,
        ("s",),
        learning_rate=0.01,
        rests=True,
        parameters=(("epsilon", 1e-10),),
        domains=(("epsilon", "[0, inf)"),),
    ),
    Optimizer(
        "rmsprop",
        rmsprop,
        ("v",),
        share_of_newest,
        learning_rate=0.01,
        parameters=(("rho", 0.99), ("epsilon", 1e-8)),
        domains=(("rho", "[0, 1)"), ("epsilon", "[0, inf)")),
    ),
    Optimizer("adam", adam, ("m", "v"), bias_corrections, 0.001, **MOMENTS),
    Optimizer("amsgrad", amsgrad, ("m", "v", "v_max"), bias_corrections, 0.001, **MOMENTS),
    Optimizer("adamw", adam, ("m", "v"), bias_corrections, 0.001, weight_decay=0.01, **MOMENTS),
    Optimizer(
        "nadam",
        nadam,
        ("m", "v"),
        nadam_coefficients,
        0.002,
        parameters=(*BETAS, ("psi", 0.004)),
        domains=(*BETA_DOMAINS, ("psi", "[0, inf)")),
    ),
    Optimizer("radam", radam, ("m", "v"), radam_coefficients, 0.001, **MOMENTS),
    Optimizer(
        "lion",
        lion,
        ("m",),
        shares_of_newest,
        learning_rate=0.0001,
        weight_decay=0.1,
        parameters=(("beta1", 0.9), ("beta2", 0.99)),
        domains=BETA_DOMAINS[:2],
    ),
):
    OPTIMIZERS.register(_optimizer)
