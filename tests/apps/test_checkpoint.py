"""``glassnet train --checkpoint``: what goes on, and what is refused."""

from __future__ import annotations

import glassnet


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


def test_a_folder_in_use_is_not_taken_up_unasked(train, tmp_path):
    words = ["people.csv", "--preset", "mlp", "--epochs", "2", "--checkpoint", f"{tmp_path}/run"]
    train(*words)
    code, _, said = train(*words, "--force")
    assert code == 2
    assert "The folder of --checkpoint must be empty" in said
    assert "Add --resume" in said


def test_to_resume_needs_a_folder(train):
    code, _, said = train("people.csv", "--resume")
    assert code == 2
    assert "--resume needs the folder to resume from" in said
