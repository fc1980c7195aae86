"""From layers to the table of operations: which kernels a layer has, and what the table says of it."""

import pytest

from glassnet import Blend, Dense, MemberDense
from glassnet.engines.compiled.lower_network import lower_layers
from glassnet.engines.compiled.memory import Op
from glassnet.engines.compiled.program import Program
from glassnet.engines.compiled.wasm import Kernels

KERNELS = slice(Op.FORWARD, Op.LEARN + 1)


def operations(*layers):
    program = Program("float32", 4, 8, 8, training=True, kernel=Kernels())
    lower_layers(program, layers, 4, 0, 0)
    return program.ops


@pytest.mark.parametrize("layer", [Dense(4, "gelu"), MemberDense(2, "tanh", 2), MemberDense(2, "relu", 2, False)])
def test_the_first_layer_has_the_kernels_of_those_behind_it(layer):
    first, second = operations(layer, layer)
    assert first[KERNELS] == second[KERNELS]
    assert (first[Op.WANT_DX], second[Op.WANT_DX]) == (0, 1)


def test_a_first_layer_whose_way_back_is_d_x_alone_has_none():
    first, second = operations(Blend("silu"), Blend("silu"))
    assert first[Op.BACKWARD] == 0
    assert second[Op.BACKWARD] > 0
