"""An encoder as scikit-learn asks for it: its options, a copy, what it is; so that it is a step of a pipeline."""

from __future__ import annotations

import inspect
from typing import Any, Self

from glassnet.errors import InputError
from glassnet.support.option_names import methods_suggest_options, unknown_option


@methods_suggest_options
class Transformer:
    """Options are the arguments of the constructor, and attributes of the same names.

    Examples
    --------
    >>> from glassnet import TableEncoder
    >>> TableEncoder(max_levels=8).set_params(scaling="robust").get_params()
    {'scaling': 'robust', 'max_levels': 8, 'max_one_hot': None, 'dtype': dtype('float32')}
    """

    _plan: Any

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The options by their names."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **options: Any) -> Self:
        """Set options by their names; it has to be fitted again then.

        Raises
        ------
        InputError
            If there is no such option, or it has no such value.
        """
        known = self.get_params()
        for name, value in options.items():
            if name not in known:
                raise InputError(*unknown_option(type(self).__name__, name, value, known))
        if options:
            type(self).__init__(self, **known | options)
        return self

    def __sklearn_clone__(self) -> Self:
        return type(self)(**self.get_params())

    def __sklearn_is_fitted__(self) -> bool:
        return self._plan is not None

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        takes = InputTags(categorical=True, string=True, sparse=True, allow_nan=True)
        return Tags("transformer", TargetTags(required=False), transformer_tags=TransformerTags(), input_tags=takes)

    def __repr__(self) -> str:
        said = {name: str(value) if name == "dtype" else value for name, value in self.get_params().items()}
        said = {name: value for name, value in said.items() if value is not None}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in said.items())})"
