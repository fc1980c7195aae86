"""The chapters as notebooks: complete, readable by Jupyter, and written into a folder of their own."""

from __future__ import annotations

import ast
import json
import re

import pytest

from glassnet.apps.cli import main
from glassnet.apps.commands.book import chapters, notebook, plain
from glassnet.support.language import LANGUAGES

PAGE = """\
---
file_format: mystnb
---

# Sums

```{code-cell} ipython3
:tags: [remove-cell, page]
import drawing
```

See [another](other.md) and [the doctor](../doctor.md).

:::{exercise}
What is 1 + 1?
:::

:::{answer}
Two.
:::

```{code-cell} ipython3
---
mystnb:
  image:
    alt: nothing
tags: [hide-input]
---
assert 1 + 1 == 2
```

The end.
"""


def test_a_page_becomes_cells_in_their_order():
    cells = [(cell["cell_type"], cell["source"]) for cell in notebook(PAGE, "en")["cells"]]
    kinds, texts = zip(*cells, strict=True)
    assert kinds == ("markdown", "markdown", "markdown", "code", "markdown")
    assert texts[1] == "# Sums"
    assert "[another](other.ipynb) and the doctor" in texts[2]
    assert "**Exercise 1.** What is 1 + 1?" in texts[2]
    assert "<summary>Answer</summary>" in texts[2]
    assert texts[3:] == ("assert 1 + 1 == 2", "The end.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_book_is_written_into_a_new_folder(language, tmp_path, capsys):
    folder = tmp_path / "book"
    assert main(["book", str(folder), "--language", language]) == 0
    pages = chapters(language)
    assert len(pages) > 3
    assert sorted(path.stem for path in folder.iterdir()) == sorted(page.stem for page in pages)
    assert "jupyter lab" in capsys.readouterr().err
    for path in folder.iterdir():
        read = json.loads(path.read_text(encoding="utf-8"))
        assert (read["nbformat"], read["nbformat_minor"]) == (4, 5)
        for cell in read["cells"]:
            if cell["cell_type"] == "code":
                ast.parse(cell["source"])
                assert not re.search(r"drawing|sys\.path", cell["source"]), path.name
            else:
                assert not re.search(r"^:::|^```\{", cell["source"], re.MULTILINE), path.name


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path, capsys):
    (tmp_path / "mine").touch()
    assert main(["book", str(tmp_path)]) != 0
    assert "empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_directives_become_what_a_notebook_can_show():
    text = ":::{exercise}\nAdd.\n:::\n\n:::{answer}\n2, see [there](loss.md#up) or [here](../check.md).\n:::\n"
    said, count = plain(text, "en", 2)
    assert count == 3
    assert said == (
        "**Exercise 3.** Add.\n\n<details><summary>Answer</summary>\n\n"
        "2, see [there](loss.ipynb) or here.\n\n</details>\n"
    )
    with pytest.raises(ValueError, match="no form for {figure}"):
        plain(":::{figure} x\ny\n:::", "en", 0)
