"""The commands with all their options, from the parser itself, in the language of the page."""

from __future__ import annotations

import re
from textwrap import dedent

from cyclopts.help.help import docstring_parse
from IPython.display import Markdown

from glassnet.apps.commands import app
from glassnet.apps.helping import help_in_words
from glassnet.support.language import Language, speaking

HEAD = {"en": ("option", "what it is"), "zh": ("选项", "说明")}
REQUIRED = {"en": "required", "zh": "必填"}


def command(name: str, language: Language = "en") -> Markdown:
    """What a command does, a table of what it takes, and its examples.

    Parameters
    ----------
    name : str
    language : {"en", "zh"}
    """
    one = app[name]
    described = docstring_parse(one.help, "plaintext")
    with speaking(language):
        words = [help_in_words(text) for text in (described.short_description, described.long_description) if text]
        parts = [*words, "| {} | {} |\n|---|---|".format(*HEAD[language])]
        group = ""
        for argument in one.assemble_argument_collection(default_parameter=app.default_parameter, parse_docstring=True):
            if argument.children or not argument.show:
                continue
            title = next((str(found.name) for found in argument.parameter.group if found.name), "")
            if title != group:
                group = title
                parts[-1] += f"\n| **{help_in_words(title)}** | |"
            names = ", ".join(f"`{found}`" for found in argument.names)
            said = " ".join(help_in_words(str(argument.parameter.help or "")).split()).replace("|", r"\|")
            said = said.replace("*", r"\*").replace("$", r"\$").replace("<", r"\<")
            said = re.sub(r"('[^']*\"[^']*')", r"`\1`", said)  # typed as it is, quotes and all
            needed = f" *{REQUIRED[language]}*" if argument.required else ""
            parts[-1] += f"\n| {names} | {said}{needed} |"
        examples = dedent(help_in_words(str(one.help_epilogue or "")).partition("\n")[2])
        if examples:
            parts.append(f"```text\n{examples}\n```")
    return Markdown("\n\n".join(parts))
