"""PyTorch's linear layer with operands that are rounded to bfloat16, as networks of mixed precision have them.

The class is made when it is first asked for, since PyTorch is imported only then.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return the class."""
    if name != "RoundedLinear":
        raise AttributeError(name)
    from torch import nn

    class RoundedLinear(nn.Linear):
        """x Wᵀ · share + b, with x and W rounded to bfloat16 and sums in float32.

        Parameters
        ----------
        in_features, out_features : int
        bias : bool
        share : float
            The factor of products with W: below 1 where the parametrization is "ntk".
        """

        __qualname__ = "RoundedLinear"  # where pickle finds it

        def __init__(self, in_features: int, out_features: int, bias: bool = True, share: float = 1.0) -> None:
            super().__init__(in_features, out_features, bias)
            self.share = share

        def forward(self, x: Any) -> Any:
            """Return the outputs for rows of float32."""
            z = nn.functional.linear(x.bfloat16().float(), self.weight.bfloat16().float()) * self.share
            return z if self.bias is None else z + self.bias

    globals()[name] = RoundedLinear
    return RoundedLinear
