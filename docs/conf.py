"""How Sphinx builds the documentation: MyST pages in two languages, whose code cells and commands are really run."""

import logging
import os
import sys
from pathlib import Path

import glassnet

os.environ["OMP_NUM_THREADS"] = "1"  # the networks of these pages are too small for more

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import cells  # noqa: E402  of this folder

# Kernels and commands run the library that these pages describe.
_library = str(Path(glassnet.__file__).parents[1].resolve())
os.environ["PYTHONPATH"] = os.pathsep.join([_library, *os.environ.get("PYTHONPATH", "").split(os.pathsep)])

os.environ.setdefault("GLASSNET_LANGUAGE", "en")  # whatever the locale of whoever builds the pages

# Kernels that say nothing but errors, and know nothing of a reader's own IPython.
_profile = HERE / "_build" / "ipython" / "profile_default"
_profile.mkdir(parents=True, exist_ok=True)
(_profile / "ipython_kernel_config.py").write_text("get_config().IPKernelApp.log_level = 40\n")
(_profile / "startup").mkdir(exist_ok=True)
(_profile / "startup" / "used.py").write_text(cells.STARTUP)
os.environ["IPYTHONDIR"] = str(_profile.parent)
logging.getLogger("traitlets").setLevel(logging.ERROR)

project = "glassnet"
author = "glassnet contributors"
copyright = "2026, glassnet contributors"
release = version = glassnet.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "extension",
    "book",
    "navigation",
    "cells",
]
exclude_patterns = ["_build", "data", "speed-table.md", "accuracy-table.md"]
html_search_language = "both"
html_theme = "furo"
html_title = "glassnet"
html_static_path = ["_static"]
html_math_renderer = "mathml"
html_css_files = ["glassnet.css"]
html_copy_source = html_show_sourcelink = False
templates_path = ["_templates"]

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "cells")
nb_execution_raise_on_error = nb_execution_show_tb = True
nb_execution_timeout = 300
nb_code_prompt_show = "▸ Show the code"
nb_code_prompt_hide = "▾ Hide the code"
nb_merge_streams = True
nb_render_markdown_format = "myst"

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings name the types
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_maximum_signature_line_length = 100

# With `-t en` or `-t zh`: the book by itself, in one language, to be read on paper or on a reader.
for _language, _title in (("en", "Neural networks: foundations"), ("zh", "神经网络：基础篇")):
    if tags.has(_language):  # type: ignore[name-defined]  # noqa: F821, which Sphinx defines
        root_doc, include_patterns = f"{_language}/book/index", [f"{_language}/book/*.md"]
        language = "zh_CN" if _language == "zh" else "en"
        epub_title, epub_basename, epub_show_urls = _title, f"glassnet-{_language}", "no"
        epub_tocscope = "includehidden"  # links of the contents are then those from the top, wherever the root lies
        epub_language, epub_identifier = language.replace("_", "-"), f"glassnet-{_language}"
        suppress_warnings = ["myst.xref_missing"]  # links to the pages that are left out
