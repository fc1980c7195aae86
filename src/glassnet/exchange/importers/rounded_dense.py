"""Keras's dense layer with operands that are rounded to bfloat16, as networks of mixed precision have them.

The class is made when it is first asked for, since Keras is imported only then.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return the class."""
    if name != "RoundedDense":
        raise AttributeError(name)
    import keras
    from keras import ops

    @keras.saving.register_keras_serializable("glassnet")
    class RoundedDense(keras.layers.Dense):
        """x W · share + b, with x and W rounded to bfloat16 and sums in float32.

        Parameters
        ----------
        units : int
        share : float
            The factor of products with W: below 1 where the parametrization is "ntk".
        **settings
            Those of ``keras.layers.Dense``, without an activation.
        """

        __qualname__ = "RoundedDense"  # where pickle finds it

        def __init__(self, units: int, share: float = 1.0, **settings: Any) -> None:
            super().__init__(units, **settings)
            self.share = share

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            """Return the outputs for rows of float32."""
            x, W = (ops.cast(ops.cast(operand, "bfloat16"), "float32") for operand in (inputs, self.kernel))
            z = ops.matmul(x, W) * self.share
            return z + self.bias if self.use_bias else z

        def get_config(self) -> dict[str, Any]:
            """Return the settings, for a file."""
            return super().get_config() | {"share": self.share}

    globals()[name] = RoundedDense
    return RoundedDense
