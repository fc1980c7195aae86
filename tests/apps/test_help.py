"""Help: there at once, for every command, and fit for a terminal of 80 columns."""

from __future__ import annotations

import subprocess
import sys

import pytest

import glassnet
from glassnet.apps.cli import main
from glassnet.apps.commands import app

COMMANDS = (
    *("demo", "train", "search", "evaluate", "predict", "explain", "serve"),
    *("inspect", "doctor", "card", "export", "warm"),
)


def test_every_command_is_listed_in_the_order_of_use(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert "Exit codes: 0 done" in shown


def test_nothing_typed_shows_the_help(capsys):
    assert main([]) == 0
    assert "Usage: glassnet COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_within_80_columns(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    said = capsys.readouterr()
    assert f"Usage: glassnet {command}" in said.out
    examples = said.out.partition("Examples:\n")[2].splitlines()
    assert examples
    assert all(line.startswith(f"  glassnet {command}") for line in examples if line)
    assert said.err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_quiet_and_speaks_to_programs(command, capsys, monkeypatch):
    """A table of predictions is for programs as it is, and so are a server's answers."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "--quiet -q" in said
    assert ("--json" in said) == (command not in ("predict", "serve"))


def test_every_parameter_of_every_command_is_explained():
    for name in COMMANDS:
        for argument in app[name].assemble_argument_collection(parse_docstring=True):
            if not argument.children:  # a block of options has none of its own
                assert argument.parameter.help, f"{name}: {argument.name}"


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"glassnet {glassnet.__version__}\n"


def test_the_shell_completes_commands_and_options(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", f"{tmp_path}")
    script = tmp_path / "completion"
    assert main(["--install-completion", "--shell", "bash", "--output", f"{script}"]) == 0
    assert f"{script}" in capsys.readouterr().out
    program = f'source {script}; COMP_WORDS=(glassnet train --hid); COMP_CWORD=2; _glassnet; echo "${{COMPREPLY[@]}}"'
    completed = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert completed.stdout.split() == ["--hidden-layers"]


@pytest.mark.slow
def test_help_loads_nothing_heavy():
    heavy = ["llvmlite", "matplotlib", "narwhals", "pandas", "polars", "scipy", "sklearn"]
    code = (
        "import sys; from glassnet.apps.cli import main; main(['train', '--help']); "
        f"print(*[name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--hidden-layers" in run.stdout
    assert run.stderr.split() == []


def test_without_cyclopts_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cyclopts", None)
    assert main(["--help"]) == 1
    assert (
        capsys.readouterr().err
        == 'glassnet: The command line needs cyclopts. Install it with: pip install "glassnet[cli]"\n'
    )
