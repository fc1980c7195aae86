"""``glassnet train --checkpoint``: what goes on, and what is refused."""

from __future__ import annotations

import errno
import signal
from pathlib import Path

import pytest

import glassnet
from glassnet import Checkpoint
from glassnet.apps.commands import train as module


@pytest.mark.slow
def test_a_training_that_was_killed_goes_on(train, tmp_path):

    words = ["people.csv", "--id", "customer_id", "--members", "2", "--epochs", "4"]
    train(*words, "--checkpoint", f"{tmp_path}/run")
    wanted = glassnet.load(tmp_path / "model.safetensors").networks_
    for number in (1, 2):  # the second member has not begun
        (tmp_path / "run" / "member-2" / f"checkpoint-{number}.safetensors").unlink(missing_ok=True)
    code, *_ = train(*words, "--force", "--checkpoint", f"{tmp_path}/run", "--resume")
    again = glassnet.load(tmp_path / "model.safetensors").networks_
    assert code == 0
    assert [each.parameters.tobytes() for each in again] == [each.parameters.tobytes() for each in wanted]


@pytest.mark.slow
def test_a_folder_in_use_is_not_taken_up_unasked(train, tmp_path):
    words = ["people.csv", "--preset", "mlp", "--epochs", "2", "--checkpoint", f"{tmp_path}/run"]
    train(*words)
    code, _, said = train(*words, "--force")
    assert code == 2
    assert "The folder of --checkpoint must be empty" in said
    assert "Add --resume" in said


@pytest.fixture
def all_the_time(monkeypatch):
    """Checkpoints are written as often as they can be."""

    def taken(cls, name, value):
        return value if isinstance(value, cls) else cls(value, every=0)

    monkeypatch.setattr(Checkpoint, "taken", classmethod(taken))
    monkeypatch.setattr("glassnet.training.checkpoint.SHARE", 0)


class At:
    """A callback that does something after the second epoch, or in the middle of it."""

    def __init__(self, do, in_the_middle):
        self.do = do
        if in_the_middle:
            self.on_batch_end = lambda run: self.on_epoch_end(run) if run.step == 2 else None

    def on_epoch_end(self, run):
        if run.epoch == 2:
            self.do()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("in_the_middle", [False, True])
def test_a_training_that_is_told_to_stop_says_how_to_go_on_and_goes_on_to_the_same_bits(
    train, all_the_time, tmp_path, monkeypatch, number, in_the_middle
):
    words = ["people.csv", "--epochs", "6", "--batch-size", "32", "--no-compare"]
    train(*words)
    whole = (tmp_path / "model.safetensors").read_bytes()
    stopped = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop = At(lambda: signal.raise_signal(number), in_the_middle)
        patch.setattr(module, "_callbacks", lambda *_, **__: [stop])
        code, _, said = train(*words, "--force", "--checkpoint", f"{stopped}")
    assert code == 128 + number
    assert "to resume from the last checkpoint, run:\n  glassnet train " in said
    assert {"--resume", "--force"} < set(said.splitlines()[-1].split())
    code, *_ = train(*words, "--checkpoint", f"{stopped}", "--resume", "--force")
    assert code == 0
    assert parameters(tmp_path / "model.safetensors") == parameters(Path(tmp_path / "whole"), whole)


def parameters(file, content=None):
    if content is not None:
        file.write_bytes(content)
    model = glassnet.load(file)
    return [network.parameters.tobytes() for network in model.networks_], len(model.history_)


@pytest.mark.slow
def test_a_full_disk_is_said_once_in_plain_words_and_training_goes_on(train, all_the_time, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device; the model was not saved", "run/checkpoint-1.safetensors")

    monkeypatch.setattr("glassnet.training.checkpoint.write", full)
    code, record, said = train("people.csv", "--epochs", "3", "--checkpoint", f"{tmp_path}/run")
    assert (code, record["epochs"]) == (0, 3)
    assert said.count("No checkpoint could be written (No space left on device)") == 1
    assert "Errno" not in said
