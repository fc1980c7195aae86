"""Help: there at once, for every command, and fit for a terminal of 80 columns."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields
from functools import cache

import pytest
from rich.cells import cell_len

import glassnet
from glassnet.apps.cli import main
from glassnet.apps.commands import app
from glassnet.apps.helping import help_in_words, sentences
from glassnet.apps.shared_options import NewTableOptions, ResultOptions
from glassnet.support.language import speaking

COMMANDS = (
    *("demo", "train", "search", "evaluate", "predict", "explain", "serve"),
    *("inspect", "doctor", "card", "export", "warm"),
)


@cache
def arguments(command):
    """The options and arguments of a command; hundreds for those that train."""
    return app[command].assemble_argument_collection(parse_docstring=True)


def test_every_command_is_listed_in_the_order_of_use(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"│ {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert "Exit codes: 0 success" in shown


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


def test_lines_of_the_help_end_where_they_are_full_and_not_where_those_of_a_docstring_do(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["train", "--help"]) == 0
    _, shown = capsys.readouterr().out.split("--group STR")
    lines = [line.strip("│ ") for line in shown.splitlines()]
    wanted = ["number: no group is on both sides of a split. It is", "not used for training."]
    assert lines[1:3] == wanted


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_quiet_and_speaks_to_programs(command, capsys, monkeypatch):
    """A table of predictions is for programs as it is, and so are a server's answers."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "--quiet -q" in said
    assert ("--json" in said) == (command not in ("predict", "serve"))


@pytest.mark.parametrize("option", ["--missing", "--decimal", "--date-format"])
def test_only_commands_of_a_model_read_a_file_as_in_training(option):
    """Whoever trains has nothing to remember."""
    own = {name: [each.parameter.help for each in arguments(name) if option in each.names] for name in COMMANDS}
    as_in_training = {name for name, helps in own.items() if any("as in training" in text for text in helps)}
    assert as_in_training == {"evaluate", "predict", "explain", "doctor", "card"}


SHARED = {
    "File format": {f"--{field.name.replace('_', '-')}" for field in fields(NewTableOptions)},
    "Terminal": {f"--{field.name}" for field in fields(ResultOptions)},
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_commands_share_stands_apart_from_their_own_options(command):
    shown = {one.name: one.parameter.group[0].name for one in arguments(command) if not one.children}
    apart = {name: group for group, names in SHARED.items() for name in names}
    assert {name for name, group in shown.items() if group in SHARED} == shown.keys() & apart.keys()


def test_every_parameter_of_every_command_is_explained():
    for name in COMMANDS:
        for argument in arguments(name):
            if not argument.children:  # a block of options has none of its own
                assert argument.parameter.help, f"{name}: {argument.name}"


@speaking("zh")
def test_every_sentence_of_an_option_is_said_in_chinese():
    options = {argument.parameter.help for name in COMMANDS for argument in arguments(name) if not argument.children}
    said = {sentence: help_in_words(sentence) for text in options for sentence in sentences(text)}
    assert [sentence for sentence, chinese in said.items() if not re.search("[\u4e00-\u9fff]", chinese)] == []


@pytest.mark.parametrize("command", [*COMMANDS, "playground", "book"])
def test_help_in_chinese_is_chinese_within_80_columns(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help", "--language", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"用法：glassnet {command}" in lines[0]
    assert max(map(cell_len, lines)) <= 80
    described = [line for line in lines if not line.startswith("  glassnet ")]
    assert not [line for line in described if re.search("[a-z]{2,} [a-z]{2,} [a-z]{2,}", line)]


@pytest.mark.parametrize("typed", ["besst", "zzz"])
def test_a_choice_that_there_is_not_is_refused_in_the_readers_language(typed, capsys):
    with speaking("zh"):
        assert main(["train", "a.csv", "--target", "b", "--preset", typed]) == 2
    said = capsys.readouterr().err
    assert f"--preset 不能是 {typed}，可选：" in said
    assert ("是否指 best？" in said) == (typed == "besst")


@pytest.mark.parametrize(
    ("typed", "chinese"),
    [
        (["train", "--target", "b", "--xyzw", "a.csv"], "没有这个选项：--xyzw。"),
        (["train", "a.csv", "--target", "b", "--test-size", "2"], "没有这个选项：--test-size。是否指 --test？"),
        (["inspect", "--model", "a"], "没有这个选项：--model。请直接写 MODEL，不加 --model。"),
        (["train", "-x"], "TABLE 不能是 -x。没有这个选项：-x。如果文件名就是如此，请写成 ./-x。"),
        (["train", "a.csv", "--target", "b", "--epochs", "many"], "--epochs 的值 many 不是整数。"),
        (["train", "a.csv", "--target"], "train 缺少参数 --target。"),
        (["trai"], "没有这个命令：trai。是否指 train？可用的命令："),
    ],
)
def test_what_the_parser_refuses_is_refused_in_the_readers_language(typed, chinese, capsys):
    with speaking("zh"):
        assert main(typed) == 2
    said = capsys.readouterr().err.replace("\n", "")
    assert chinese in said
    assert not re.search(r"\b(Unknown|Invalid|option)\b", said)


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"glassnet {glassnet.__version__}\n"


@pytest.mark.slow
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
