"""The command line as a process: exit codes, signals, pipes, terminals, and no traceback unless asked for."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

import glassnet
from glassnet.apps import cli, training_result
from glassnet.apps.cli import main
from glassnet.apps.terminal import StopSignal, stoppable
from tests.forks import CLOSED

pytestmark = pytest.mark.slow  # not in `make quick`

FULL = Path("/dev/full")
ENDLESS = ["--epochs", "1000000", "--hidden-layers", "8", "--schedule", "constant", "--no-early-stopping"]


def wait_for(stream, word):
    """Read lines until one has the word."""
    lines = []
    for line in stream:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"no {word!r} in {lines}")


@pytest.mark.slow
def test_ctrl_c_saves_what_was_learned(tables, tmp_path, process):
    out = tmp_path / "m.safetensors"
    running = process("train", tables / "people.csv", "--target", "came back", "--out", out, *ENDLESS, "--watch")
    wait_for(running.stderr, "epoch 1 of ")
    running.send_signal(signal.SIGINT)
    shown, said = running.communicate()
    assert running.returncode == 130
    assert "stopped     after " in said
    assert "network" in shown
    assert "logistic regression" not in shown  # whoever stops does not want to wait
    assert f"model       {out}" in shown
    assert glassnet.load(out).history_.ended == "interrupted"


class At:
    """A callback that does something after the second epoch."""

    def __init__(self, do):
        self.do = do

    def on_epoch_end(self, run):
        if run.epoch == 2:
            self.do()


@pytest.fixture
def at_epoch(tables, tmp_path, monkeypatch, capsys):
    """Train, and do something after the second epoch; gives the exit code, the results, and what was said."""

    def run(do, out=tmp_path / "m.safetensors", *words):
        monkeypatch.setattr("glassnet.apps.commands.train._callbacks", lambda *_, **__: [At(do)])
        typed = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}", "--epochs", "6", *words]
        code = main([*typed, "--preset", "mlp", "--hidden-layers", "4"])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_whoever_is_told_to_stop_keeps_what_was_learned(number, code, at_epoch, tmp_path):
    before = signal.getsignal(getattr(signal, number))
    ended, shown, said = at_epoch(lambda: signal.raise_signal(getattr(signal, number)))
    assert ended == code
    assert "stopped     after 2 epochs" in said
    assert glassnet.load(tmp_path / "m.safetensors").history_.ended == "interrupted"
    assert "network" in shown
    assert signal.getsignal(getattr(signal, number)) == before


def test_a_signal_that_comes_twice_at_once_is_one(at_epoch, monkeypatch, tmp_path):
    """As ``timeout`` sends it, to the process and to its group."""
    real = training_result.predict_rows

    def predict_rows(*arguments):
        signal.raise_signal(signal.SIGTERM)
        return real(*arguments)

    monkeypatch.setattr(training_result, "predict_rows", predict_rows)
    code, shown, _ = at_epoch(lambda: signal.raise_signal(signal.SIGTERM))
    assert code == 143
    assert "test rows" in shown


def test_an_interrupt_that_python_drops_comes_again():
    """As it drops what is raised while it cleans up after an object."""

    class Object:
        def __del__(self):
            signal.raise_signal(signal.SIGTERM)

    def clean_up_and_wait():
        with stoppable(told):
            Object()
            threading.Event().wait(60)

    told = StopSignal()
    with pytest.raises(KeyboardInterrupt):
        clean_up_and_wait()
    assert told.code == 143


def test_what_was_started_to_ignore_a_signal_ignores_it(at_epoch, monkeypatch):
    """As ``nohup`` starts it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        code, _, said = at_epoch(lambda: signal.raise_signal(signal.SIGHUP))
    finally:
        signal.signal(signal.SIGHUP, before)
    assert code == 0
    assert "all 6 epochs are done" in said


def test_a_model_that_cannot_be_written_where_it_should_be_is_written_elsewhere(at_epoch, tmp_path, monkeypatch):
    folder, refuge = tmp_path / "gone", tmp_path / "refuge"
    folder.mkdir()
    refuge.mkdir()
    monkeypatch.setattr("tempfile.tempdir", f"{refuge}")
    code, shown, said = at_epoch(folder.rmdir, folder / "m.safetensors")
    assert code == 1
    (found,) = refuge.glob("*/m.safetensors")
    assert said.splitlines()[-1] == (
        f"glassnet: {folder}/m.safetensors: No such file or directory. The model was saved to {found} instead"
    )
    assert glassnet.load(found).n_iter_ == 6
    assert f"report      {found.with_suffix('.report.html')}" in shown
    assert found.parent.stat().st_mode & 0o077 == 0  # it is nobody else's


def test_an_import_that_was_interrupted_is_no_mistake_of_ours(monkeypatch, capsys, classifier):
    def interrupted(*_):
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise ImportError("half of it is there") from None

    monkeypatch.setattr("glassnet.api.models.load", interrupted)
    assert main(["inspect", f"{classifier}"]) == 143
    assert capsys.readouterr().err == "glassnet: interrupted; nothing more was written\n"


def test_ctrl_c_before_the_first_epoch_saves_nothing(tables, tmp_path, monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("glassnet.training.trainer.Trainer._epochs", interrupt)
    out = tmp_path / "m.safetensors"
    assert main(["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "glassnet: interrupted; nothing more was written"
    assert not out.exists()


def test_ctrl_c_while_scoring_leaves_the_model(tables, tmp_path, monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(training_result, "simple_models", interrupt)
    out = tmp_path / "m.safetensors"
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--out", f"{out}", "--epochs", "2"]
    assert main(words) == 130
    assert f"model       {out}" in capsys.readouterr().out
    assert glassnet.load(out).n_iter_ == 2


@pytest.mark.parametrize("words", [["predict", "{model}", "{long}"], ["train", "--help"]])
def test_a_reader_that_goes_away_is_no_reason_to_complain(words, classifier, tables, tmp_path, process):
    long = tmp_path / "long.csv"
    pl.concat([pl.read_csv(tables / "new.csv")] * 1500).write_csv(long)
    read, write = os.pipe()
    os.close(read)
    names = {"model": classifier, "long": long}
    running = process(*(word.format(**names) for word in words), stdout=write)
    os.close(write)
    _, said = running.communicate()
    assert running.returncode == 141
    assert said == ""


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["predict", "{model}", "{new}"], ["inspect", "{model}"]])
def test_a_full_disk_is_said(words, classifier, tables, process):
    with FULL.open("w") as full:
        running = process(*(w.format(model=classifier, new=tables / "new.csv") for w in words), stdout=full)
        _, said = running.communicate()
    assert running.returncode == 1
    assert said.startswith("glassnet: ")
    assert "Traceback" not in said
    assert "/-" not in said  # as if the standard output were a file of that name


def test_results_that_have_nowhere_to_go_are_an_error(classifier, process):
    running = process("inspect", classifier, stdout=CLOSED)
    _, said = running.communicate()
    assert (running.returncode, said) == (1, "glassnet: a required standard stream is closed\n")


def test_talk_that_has_nowhere_to_go_ends_no_training(tables, tmp_path, process):
    words = ["train", tables / "people.csv", "--target", "came back", "--out", tmp_path / "m", "--epochs", "2"]
    running = process(*words, stderr=CLOSED)
    shown, _ = running.communicate()
    assert running.returncode == 0
    assert f"model       {tmp_path / 'm'}" in shown


def test_ctrl_c_before_anything_is_loaded_is_quiet():
    program = "import os, signal, sys\nsys.modules['glassnet.apps.cli'] = Late = type(sys)('late')\n"
    program += "Late.__getattr__ = lambda name: os.kill(os.getpid(), signal.SIGINT)\n"
    program += "signal.signal(signal.SIGINT, signal.default_int_handler)\nimport glassnet.__main__ as it\nit.main()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_the_code_of_an_interrupt_is_ours_wherever_it_came(tmp_path):
    """Python itself would end by SIGINT where text that it made at run time was interrupted."""
    stub = "def main():\n try: exec('raise KeyboardInterrupt')\n except KeyboardInterrupt: return 143"
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys.modules['glassnet.apps.cli'] = cli = type(sys)('cli')\nexec({stub!r}, vars(cli))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    ended = subprocess.run([sys.executable, "-m", "glassnet"], env=environment, timeout=300, check=False)
    assert ended.returncode == 143


def test_a_terminal_gets_a_progress_bar_and_no_colour_is_respected(tables, tmp_path, process):
    shown = {}
    for no_color in ("", "1"):
        ours, theirs = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
        environment |= {"TERM": "xterm-256color"}
        environment |= {"NO_COLOR": no_color} if no_color else {}
        words = [
            "train",
            tables / "people.csv",
            "--target",
            "came back",
            "--out",
            tmp_path / f"m{no_color}",
            "--no-report",
            *("--preset", "mlp", "--epochs", "3"),
        ]
        running = process(*words, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        text = b""
        while running.poll() is None or select.select([ours], [], [], 0)[0]:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    text += os.read(ours, 4096)
                except OSError:  # the other side is closed
                    break
        os.close(ours)
        assert running.wait() == 0
        shown[no_color] = text.decode()
    for text in shown.values():
        assert "epoch 3/3" in text
        assert "rows/s" in text
    assert "\x1b[3" in shown[""] or "\x1b[9" in shown[""]
    assert not any(f"\x1b[{code}" in shown["1"] for code in ("31", "32", "33", "34", "35", "36", "9", "38"))


def test_errors_have_no_traceback_unless_asked_for(tables, capsys):
    words = ["train", f"{tables}/people.csv", "--target", "cam back"]
    assert main(words) == 1
    assert capsys.readouterr() == ("", "glassnet: people.csv has no column 'cam back'. Did you mean 'came back'?\n")
    assert main([*words, "--debug"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert said.endswith("glassnet: people.csv has no column 'cam back'. Did you mean 'came back'?\n")


def test_a_mistake_of_ours_is_one_line_too(monkeypatch, capsys, classifier):
    def fail(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("glassnet.api.models.load", fail)
    assert main(["inspect", f"{classifier}"]) == 1
    assert capsys.readouterr().err == "glassnet: ZeroDivisionError: division by zero (--debug shows where)\n"


def test_warnings_of_glassnet_are_one_line_and_others_are_silent(monkeypatch, capsys):
    import warnings

    from glassnet.errors import TrainingWarning

    def warn(*_):
        warnings.warn("the weights of the best epoch are kept", TrainingWarning, stacklevel=1)
        warnings.warn("not for users", DeprecationWarning, stacklevel=1)
        return 0

    monkeypatch.setattr(cli, "_run", warn)
    assert main([]) == 0
    assert capsys.readouterr().err == "glassnet: note: the weights of the best epoch are kept\n"


def test_a_terminal_that_knows_no_dots_and_lines_still_gets_its_words(classifier, process):
    running = process("inspect", classifier, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    shown, said = running.communicate()
    assert (running.returncode, said) == (0, "")
    assert "came back: one of no, yes" in shown


def test_without_polars_it_says_what_to_install(tables, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "polars", None)
    assert main(["train", f"{tables}/people.csv", "--target", "y", "--out", f"{tmp_path}/m"]) == 1
    assert capsys.readouterr().err.endswith('needs polars. Install it with: pip install "glassnet[cli]"\n')


def test_a_predicted_pipe_is_a_table(classifier, tables, process):
    shown, _ = process("predict", classifier, tables / "new.csv").communicate()
    assert pl.read_csv(io.StringIO(shown)).height == 40


def test_the_module_and_the_script_are_the_same_thing():
    run = subprocess.run([sys.executable, "-m", "glassnet", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"glassnet {glassnet.__version__}\n"
