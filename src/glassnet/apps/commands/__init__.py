"""The commands: each is one file here, with its options, its help and its work.

To add a command, add a file whose function is decorated with ``@app.command``; its `sort_key` is its place in the list.
What a command computes with is imported in its functions, so that help comes at once.
"""

import importlib
import pkgutil

from cyclopts import App, Parameter  # rather than typer: help from numpydoc docstrings, options from any signature

import glassnet
from glassnet.apps.helping import TranslatedFormatter

HELP = """\
Neural networks that you can see through.

Give it a table, with text columns and missing values, and get a trained,
scored, saved network. Tables are text files (CSV, TSV, JSON lines, also
compressed), spreadsheets or Parquet files, with a header; - is the standard
input."""

EXAMPLES = """\
Examples:
  glassnet demo                                try it on handwritten digits
  glassnet train customers.csv --target churn  train, score, save the model
  glassnet search customers.csv --target churn tune the options, then train
  glassnet predict model.safetensors new.csv   predictions for new rows
  glassnet train --help                        all options of a command

Exit codes: 0 success, 1 a problem with data, model or machine, 2 usage error,
130 interrupted, 143 by SIGTERM. Add --debug to any command to show where an
error comes from."""

app = App(
    name="glassnet",
    help=HELP,
    help_epilogue=EXAMPLES,
    help_format="plaintext",
    help_formatter=TranslatedFormatter(),
    suppress_keyboard_interrupt=False,  # cli.py says what Ctrl-C left behind
    version=f"glassnet {glassnet.__version__}",
    default_parameter=Parameter(negative=(), show_default=False),
)

app.register_install_completion_command(help="Install completion of commands and options for your shell.")

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
