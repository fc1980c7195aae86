"""The choice of a language for the whole process."""

from __future__ import annotations

from glassnet.support.language import Language, check_language, chosen
from glassnet.support.option_names import suggests_options


@suggests_options
def set_language(language: Language | None) -> None:
    """Set the language of everything that is shown: results, plots, reports, progress.

    Wherever a function has a parameter `language`, that one comes first. Where nothing is set, the environment variable
    ``GLASSNET_LANGUAGE`` decides, else the locale: Chinese where it is Chinese, English elsewhere.

    Parameters
    ----------
    language : {"en", "zh"} or None
        None: as the environment has it.

    Raises
    ------
    InputError, InputTypeError
        If there are no texts in that language.

    Examples
    --------
    >>> import glassnet
    >>> glassnet.set_language("zh")
    >>> print(glassnet.Diagnosis([], [], [], checked=3))
    检查了 3 项，发现 0 个问题
    >>> glassnet.set_language(None)
    """
    chosen[:] = [] if language is None else [check_language(language)]
