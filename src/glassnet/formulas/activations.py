r"""Activation functions: the output of a neuron as a function of the weighted sum of its inputs.

Each is a pair of plain functions on arrays or scalars: ``f(z)``, and ``f_derivative(z, a)``, which gets the
pre-activation z *and* the activation a = f(z) and uses whichever is cheaper. At a kink the derivative is one of the
two one-sided ones, the one that PyTorch takes. Their order is that of a course: from the identity to the smooth ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.elementary import erfc, exp, expm1, gaussian, indicator, log1p, tanh
from glassnet.formulas.formula import Formula, Registry, of_numbers
from glassnet.support.option_names import methods_suggest_options
from glassnet.support.options import Each, Flag, Function, Number, String, validate

__all__ = ["ACTIVATIONS", "Activation"]


@methods_suggest_options
@dataclass(frozen=True, repr=False)
class Activation(Formula):
    """An activation function with its derivative.

    Parameters
    ----------
    name : str
    function : callable
        ``f(z, *parameters)``, of arrays or scalars, keeping shape and floating-point type.
    derivative : callable
        ``derivative(z, a, *parameters)`` with a = f(z). Where `elementwise` is False: the gradient
        ``derivative(z, a, d_a, *parameters)`` of the loss with respect to z, given d_a, that with respect to a.
    elementwise : bool
        Whether each output depends on its own input alone (all but softmax).
    initializer : str
        The default initializer of the weights in front of it.
    kinks : tuple of float
        The points z at which there is no derivative; a finite difference across one means nothing.
    parameters, domains
        See :class:`glassnet.formulas.formula.Formula`: the trailing arguments of the functions, and where they may lie.

    Examples
    --------
    A new activation is two functions of a few lines:

    >>> import numpy as np
    >>> square = Activation("square", lambda z: z * z, lambda z, a: 2 * z)
    >>> square(np.array([-1.0, 3.0]))
    array([1., 9.])
    >>> square.backward(np.array([3.0]), np.array([9.0]), np.array([1.0]))
    array([6.])
    """

    function: Callable[..., Any]
    derivative: Callable[..., Any]
    elementwise: bool = True
    initializer: str = "glorot_uniform"
    kinks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        function = Function("Give a function of z, and one of (z, a) for the derivative")
        kinks = Each(Number("(-inf, inf)", "0 for relu"), "For example (0.0,)")
        validate(self, function=function, derivative=function, elementwise=Flag(), initializer=String(), kinks=kinks)

    def __call__(self, z: Any) -> Any:
        """a = f(z)."""
        return of_numbers(self.function, z, *self.values) if self.elementwise else self.function(z, *self.values)

    def backward(self, z: Any, a: Any, d_a: Any) -> Any:
        """The gradient with respect to z, by the chain rule: d_z = d_a f'(z)."""
        if self.elementwise:
            return d_a * of_numbers(self.derivative, z, a, *self.values)
        return self.derivative(z, a, d_a, *self.values)


ACTIVATIONS: Registry[Activation] = Registry("an activation", Activation)


def identity(z: Any) -> Any:
    """f(z) = z: the output of a regression, and every link that bends nothing.

    >>> identity(2.0)
    2.0
    """
    return z


def identity_derivative(z: Any, a: Any) -> Any:
    """f'(z) = 1."""
    return indicator(True, a)


def sigmoid(z: Any) -> Any:
    r"""The logistic function, a probability from any number.

    :math:`\sigma(z) = 1 / (1 + e^{-z})`, in (0, 1). With :math:`e = e^{-|z|} \le 1` nothing overflows:
    :math:`1 / (1 + e)` for z ≥ 0 and :math:`e / (1 + e)` below.

    Source: Verhulst (1845), *Recherches mathématiques sur la loi d'accroissement de la population*.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_derivative(z: Any, a: Any) -> Any:
    r""":math:`\sigma'(z) = \sigma(z) (1 - \sigma(z)) = a (1 - a)`: of a, which is the sigmoid already."""
    return a * (1 - a)


def hyperbolic_tangent(z: Any) -> Any:
    r"""The hyperbolic tangent, a sigmoid from -1 to 1 with its centre at zero.

    :math:`\tanh(z) = (e^z - e^{-z}) / (e^z + e^{-z}) = 2 \sigma(2z) - 1`.

    Source: LeCun, Bottou, Orr, Müller (1998), *Efficient BackProp*, section 4.4, on why zero-centred is better.

    >>> hyperbolic_tangent(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return tanh(z)


def hyperbolic_tangent_derivative(z: Any, a: Any) -> Any:
    r""":math:`\tanh'(z) = 1 - \tanh^2(z) = 1 - a^2`."""
    return 1 - a * a


def relu(z: Any) -> Any:
    """The rectified linear unit, max(z, 0).

    Source: Nair, Hinton (2010), *Rectified Linear Units Improve Restricted Boltzmann Machines*.

    >>> relu(np.array([-2.0, 3.0]))
    array([0., 3.])
    """
    return np.maximum(z, 0)


def relu_derivative(z: Any, a: Any) -> Any:
    """f'(z) = 1[a > 0]; 0 at the kink z = 0."""
    return indicator(a > 0, a)


def relu6(z: Any) -> Any:
    """A rectifier with a ceiling: clip(z, 0, 6), so that few bits hold every activation.

    Source: Krizhevsky (2010), *Convolutional Deep Belief Networks on CIFAR-10*, section 2.2.

    >>> relu6(np.array([-2.0, 3.0, 8.0]))
    array([0., 3., 6.])
    """
    return np.minimum(np.maximum(z, 0), 6)


def relu6_derivative(z: Any, a: Any) -> Any:
    """f'(z) = 1 between 0 and 6, 0 elsewhere and at both kinks."""
    return indicator(a > 0, a) * indicator(a < 6, a)


def leaky_relu(z: Any, slope: Any) -> Any:
    """A rectifier that leaks: z above zero, slope · z below, so that no unit dies for good.

    `slope` is in [0, 1); 0.01 here as in the paper, PyTorch and ONNX (Keras has 0.3 or 0.2).

    Source: Maas, Hannun, Ng (2013), *Rectifier Nonlinearities Improve Neural Network Acoustic Models*, equation 2.

    >>> leaky_relu(np.array([-2.0, 3.0]), 0.01)
    array([-0.02,  3.  ])
    """
    return np.where(z > 0, z, slope * z)


def leaky_relu_derivative(z: Any, a: Any, slope: Any) -> Any:
    """f'(z) = 1 above zero, `slope` below and at the kink."""
    above = indicator(z > 0, z)
    return above + slope * (1 - above)


def elu(z: Any, alpha: Any) -> Any:
    r"""The exponential linear unit: z above zero, :math:`\alpha (e^z - 1)` below, levelling off at -alpha.

    `alpha` > 0. The exponential is taken of min(z, 0), so that it never overflows.

    Source: Clevert, Unterthiner, Hochreiter (2016), *Fast and Accurate Deep Network Learning by Exponential Linear
    Units*, equation 15.

    >>> elu(np.array([-1000.0, 3.0]), 1.0)
    array([-1.,  3.])
    """
    return np.where(z > 0, z, alpha * expm1(np.minimum(z, 0)))


def elu_derivative(z: Any, a: Any, alpha: Any) -> Any:
    r"""f'(z) = 1 above zero, :math:`\alpha e^z = a + \alpha` below."""
    return np.where(z > 0, 1, a + alpha)


def selu(z: Any, scale: Any, alpha: Any) -> Any:
    r"""The self-normalizing unit: :math:`\lambda\,\mathrm{elu}(z; \alpha)` (`scale` is λ).

    The two constants make mean 0 and variance 1 a fixed point from layer to layer, given LeCun-normal weights.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter (2017), *Self-Normalizing Neural Networks*, equations 2 and 14.

    >>> str(ACTIVATIONS.get("selu"))
    'selu(scale=1.0507009873554805, alpha=1.6732632423543772)'
    """
    return scale * elu(z, alpha)


def selu_derivative(z: Any, a: Any, scale: Any, alpha: Any) -> Any:
    r"""f'(z) = λ above zero, :math:`\lambda \alpha e^z = a + \lambda \alpha` below."""
    return np.where(z > 0, scale, a + scale * alpha)


def softplus(z: Any) -> Any:
    r"""A smooth rectifier: :math:`\ln(1 + e^z)`, computed as :math:`\max(z, 0) + \ln(1 + e^{-|z|})`.

    Source: Dugas, Bengio, Bélisle, Nadeau, Garcia (2001), *Incorporating Second-Order Functional Knowledge for
    Better Option Pricing*.

    >>> softplus(np.array([-1000.0, 0.0, 10.0])).round(4)
    array([ 0.    ,  0.6931, 10.    ])
    """
    return np.maximum(z, 0) + log1p(exp(-np.abs(z)))


def softplus_derivative(z: Any, a: Any) -> Any:
    r"""f'(z) = :math:`\sigma(z)`, the sigmoid."""
    return sigmoid(z)


def softsign(z: Any) -> Any:
    """z / (1 + abs(z)): between -1 and 1 like tanh, but with tails that fall off as slowly as 1/z.

    Source: Glorot, Bengio (2010), *Understanding the Difficulty of Training Deep Feedforward Neural Networks*.

    >>> softsign(np.array([-3.0, 0.0, 1.0]))
    array([-0.75,  0.  ,  0.5 ])
    """
    return z / (1 + np.abs(z))


def softsign_derivative(z: Any, a: Any) -> Any:
    """f'(z) = 1 / (1 + abs(z))²."""
    return 1 / ((1 + np.abs(z)) * (1 + np.abs(z)))


def gelu(z: Any) -> Any:
    r"""The Gaussian error linear unit, exact: :math:`z\,\Phi(z)` with the normal distribution function
    :math:`\Phi(z) = (1 + \mathrm{erf}(z / \sqrt 2)) / 2`.

    Computed as :math:`\Phi(z) = \mathrm{erfc}(-z / \sqrt 2) / 2`: below zero, 1 + erf cancels.

    Source: Hendrycks, Gimpel (2016), *Gaussian Error Linear Units*, equation 1.

    >>> gelu(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    return 0.5 * z * erfc(-0.7071067811865476 * z)


def gelu_derivative(z: Any, a: Any) -> Any:
    r""":math:`\Phi(z) + z\,\varphi(z)` with the normal density :math:`\varphi(z) = e^{-z^2/2} / \sqrt{2\pi}`."""
    x = -0.7071067811865476 * z
    return 0.5 * erfc(x) + 0.3989422804014327 * z * gaussian(x)


def gelu_tanh(z: Any) -> Any:
    r"""The tanh form of gelu: :math:`\tfrac12 z\,(1 + \tanh u)`, :math:`u = \sqrt{2/\pi}\,(z + 0.044715\,z^3)`.

    Computed as :math:`z\,\sigma(2u)`, which is the same and does not cancel below zero. In u, z is cut at ±25, where
    the sigmoid is 0 or 1 in every precision: its cube must not overflow. At most 5e-4 from the exact form.

    Source: Hendrycks, Gimpel (2016), section 2.

    >>> gelu_tanh(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1588,  0.    ,  0.8412])
    """
    return z * sigmoid(_twice_u(z))


def gelu_tanh_derivative(z: Any, a: Any) -> Any:
    r""":math:`\sigma(2u) + z\,\sigma'(2u)\,2u'` with :math:`\sigma'(x) = e / (1 + e)^2`, :math:`e = e^{-|x|}`, and
    :math:`u' = \sqrt{2/\pi}\,(1 + 3 · 0.044715 z^2)`."""
    near = np.minimum(np.maximum(z, -25), 25)
    u = _twice_u(z)
    e = exp(-np.abs(u))
    slope = 1.5957691216057308 * (1 + 0.134145 * near * near)
    return (np.where(u >= 0, 1, e) + near * slope * e / (1 + e)) / (1 + e)


def _twice_u(z: Any) -> Any:
    near = np.minimum(np.maximum(z, -25), 25)
    return 1.5957691216057308 * (near + 0.044715 * near * near * near)


def silu(z: Any) -> Any:
    r"""The sigmoid linear unit, also called swish: :math:`z\,\sigma(z)`.

    Source: Elfwing, Uchibe, Doya (2018), *Sigmoid-Weighted Linear Units*, equation 6; Ramachandran et al. (2017).

    >>> silu(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.2689,  0.    ,  0.7311])
    """
    return z * sigmoid(z)


def silu_derivative(z: Any, a: Any) -> Any:
    r""":math:`\sigma(z) + z\,\sigma(z)\,\sigma(-z) = s + a\,\sigma(-z)` with s = σ(z)."""
    e = exp(-np.abs(z))
    return (np.where(z >= 0, 1, e) + a * np.where(z >= 0, e, 1)) / (1 + e)


def mish(z: Any) -> Any:
    r""":math:`z \tanh(\mathrm{softplus}(z))`.

    With one exponential, since :math:`\tanh(\ln(1 + e^z)) = ((1 + e^z)^2 - 1) / ((1 + e^z)^2 + 1)`; see
    :func:`tanh_softplus`.

    Source: Misra (2019), *Mish: A Self Regularized Non-Monotonic Activation Function*, equation 1.

    >>> mish(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.3034,  0.    ,  0.8651])
    """
    return z * tanh_softplus(z)


def mish_derivative(z: Any, a: Any) -> Any:
    r""":math:`t + z (1 - t^2)\,\sigma(z)` with t = tanh(softplus(z)), the product and the chain rule.

    With the n and d of :func:`tanh_softplus`, :math:`(1 - t^2)\,\sigma(z) = 4 (e^z + e^{2z}) / (n + d)^2`: one
    exponential, and nothing cancels. Above 0, both are divided by :math:`e^{4z}`.
    """
    e = exp(-np.abs(z))
    n = np.where(z >= 0, 1 + 2 * e, e * (e + 2))
    whole = n + np.where(z >= 0, 2 * e * e, 2)
    share = 1 / whole
    return share * (n + z * (np.where(z >= 0, e, 1) * (4 * e * (1 + e)) * share))


def tanh_softplus(z: Any) -> Any:
    r""":math:`n / (n + d)` with :math:`n = e^{2z} + 2 e^z` and d = 2; above 0 both divided by :math:`e^{2z}`.

    So no power of e is above 1, and nothing overflows.
    """
    e = exp(-np.abs(z))
    n = np.where(z >= 0, 1 + 2 * e, e * (e + 2))
    return n * (1 / (n + np.where(z >= 0, 2 * e * e, 2)))


def hard_sigmoid(z: Any) -> Any:
    """A sigmoid of three straight lines: clip(z/6 + 1/2, 0, 1).

    Slope 1/6 as in PyTorch and the paper below; ONNX and older Keras have 0.2.

    Source: Howard et al. (2019), *Searching for MobileNetV3*, section 5.2.

    >>> hard_sigmoid(np.array([-4.0, 0.0, 4.0]))
    array([0. , 0.5, 1. ])
    """
    return np.minimum(np.maximum(z / 6 + 0.5, 0), 1)


def hard_sigmoid_derivative(z: Any, a: Any) -> Any:
    """f'(z) = 1/6 between -3 and 3, 0 elsewhere and at both kinks."""
    return indicator(np.abs(z) < 3, z) / 6


def hard_tanh(z: Any) -> Any:
    """tanh of three straight lines: clip(z, -1, 1).

    Source: Collobert (2004), *Large Scale Machine Learning*, PhD thesis, section 5.

    >>> hard_tanh(np.array([-4.0, 0.5, 4.0]))
    array([-1. ,  0.5,  1. ])
    """
    return np.minimum(np.maximum(z, -1), 1)


def hard_tanh_derivative(z: Any, a: Any) -> Any:
    """f'(z) = 1 between -1 and 1, 0 elsewhere and at both kinks."""
    return indicator(np.abs(z) < 1, z)


def hard_swish(z: Any) -> Any:
    """silu with the sigmoid of three straight lines: z · clip(z/6 + 1/2, 0, 1).

    Source: Howard et al. (2019), *Searching for MobileNetV3*, section 5.2.

    >>> hard_swish(np.array([-4.0, -1.5, 4.0]))
    array([-0.   , -0.375,  4.   ])
    """
    return z * hard_sigmoid(z)


def hard_swish_derivative(z: Any, a: Any) -> Any:
    """f'(z) = z/3 + 1/2 between -3 and 3; 0 below and at the kink there, 1 above and at that one."""
    return np.where(z < 3, indicator(z > -3, z) * (z / 3 + 0.5), 1)


def softmax(z: Any) -> Any:
    r"""A probability for each class from one row of scores: :math:`p_j = e^{z_j} / \sum_k e^{z_k}`.

    z has shape (rows, classes); each row of the result sums to 1. The row's maximum is subtracted first, which changes
    nothing (it cancels) and keeps every exponent at or below 0. As an *output*: for training, leave it out and let
    the loss work on the scores (`cross_entropy`), which is stable where log(softmax) is not.

    Source: Bridle (1990), *Probabilistic Interpretation of Feedforward Classification Network Outputs*.

    >>> softmax(np.array([[1000.0, 1000.0], [0.0, np.log(3)]]))
    array([[0.5 , 0.5 ],
           [0.25, 0.75]])
    """
    e = exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_backward(z: Any, a: Any, d_a: Any) -> Any:
    r"""The gradient through a softmax: :math:`d z_j = a_j (d a_j - \sum_k a_k\,d a_k)`.

    Each output depends on every input of its row, so there is no elementwise derivative; this is the product of the
    Jacobian :math:`\mathrm{diag}(a) - a a^T` with d_a.
    """
    return a * (d_a - np.sum(a * d_a, axis=-1, keepdims=True))


RECTIFIER = "he_normal"

for _activation in (
    Activation("identity", identity, identity_derivative),
    Activation("sigmoid", sigmoid, sigmoid_derivative),
    Activation("tanh", hyperbolic_tangent, hyperbolic_tangent_derivative),
    Activation("relu", relu, relu_derivative, initializer=RECTIFIER, kinks=(0.0,)),
    Activation("relu6", relu6, relu6_derivative, initializer=RECTIFIER, kinks=(0.0, 6.0)),
    Activation(
        "leaky_relu",
        leaky_relu,
        leaky_relu_derivative,
        initializer=RECTIFIER,
        kinks=(0.0,),
        parameters=(("slope", 0.01),),
        domains=(("slope", "[0, 1)"),),
    ),
    Activation(
        "elu",
        elu,
        elu_derivative,
        initializer=RECTIFIER,
        kinks=(0.0,),
        parameters=(("alpha", 1.0),),
        domains=(("alpha", "(0, inf)"),),
    ),
    Activation(
        "selu",
        selu,
        selu_derivative,
        initializer="lecun_normal",
        kinks=(0.0,),
        parameters=(("scale", 1.0507009873554805), ("alpha", 1.6732632423543772)),
        domains=(("scale", "(0, inf)"), ("alpha", "(0, inf)")),
    ),
    Activation("softplus", softplus, softplus_derivative),
    Activation("softsign", softsign, softsign_derivative),
    Activation("gelu", gelu, gelu_derivative, initializer=RECTIFIER),
    Activation("gelu_tanh", gelu_tanh, gelu_tanh_derivative, initializer=RECTIFIER),
    Activation("silu", silu, silu_derivative, initializer=RECTIFIER),
    Activation("mish", mish, mish_derivative, initializer=RECTIFIER),
    Activation("hard_sigmoid", hard_sigmoid, hard_sigmoid_derivative, kinks=(-3.0, 3.0)),
    Activation("hard_tanh", hard_tanh, hard_tanh_derivative, kinks=(-1.0, 1.0)),
    Activation("hard_swish", hard_swish, hard_swish_derivative, initializer=RECTIFIER, kinks=(-3.0, 3.0)),
    Activation("softmax", softmax, softmax_backward, elementwise=False),
):
    ACTIVATIONS.register(_activation)
ACTIVATIONS.meant_by(swish="silu", hard_silu="hard_swish", logistic="sigmoid", linear="identity", none="identity")
