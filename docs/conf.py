"""How Sphinx builds the documentation: MyST pages, whose code cells are run at every build."""

from glassnet import __version__

project = "glassnet"
author = "glassnet contributors"
copyright = "2026, glassnet contributors"
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon", "sphinx_design"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "glassnet"

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_typehints = "none"  # the docstrings name the types
napoleon_google_docstring = False
