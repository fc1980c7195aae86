"""Files of every format are read for good, and predict what they predicted when they were written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from glassnet import NeuralNetwork, load, save
from glassnet.errors import InputError
from glassnet.exchange.files.migration import migrated
from glassnet.support.container import FORMAT, read
from glassnet.training import History
from glassnet.training.history import Ending

FILES = sorted((Path(__file__).parent / "golden").glob("*.safetensors"))


def answer(model, rows):
    return model.predict_proba(rows) if hasattr(model, "predict_proba") else model.predict(rows)


def test_there_is_a_file_of_each_kind_in_each_format():
    kinds = ("classifier", "network", "regressor")
    wanted = {f"format_{version}_{kind}" for version in range(1, FORMAT + 1) for kind in kinds}
    of_kinds = {f"format_{version}_{'mixed' if version < 8 else 'kinds'}" for version in range(5, FORMAT + 1)}
    assert {file.stem for file in FILES} == wanted | of_kinds | {
        f"format_{version}_texts" for version in range(8, FORMAT + 1)
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_predicts_what_it_predicted(file):
    known = json.loads(file.with_suffix(".json").read_text())
    model = load(file)
    rows = np.array(known["rows"]) if isinstance(model, NeuralNetwork) else known["rows"]
    np.testing.assert_allclose(answer(model, rows), known["predicted"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_of_the_format_that_its_name_says(file):
    assert read(file)[0]["format"] == int(file.stem.split("_")[1])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_saved_again_it_is_of_today_s_format_and_has_lost_nothing(file, tmp_path):
    model = load(file)
    save(model, tmp_path / "again")
    before, arrays = read(file)
    after, its_arrays = read(tmp_path / "again")
    assert after["format"] == FORMAT
    assert {**migrated(before), "versions": None} == {**after, "versions": None}
    assert {name: array.tolist() for name, array in arrays.items()} == {
        name: array.tolist() for name, array in its_arrays.items()
    }


@pytest.mark.parametrize(("name", "layer"), [("retrieval", "Retrieval"), ("trees", "Trees")])
def test_a_part_that_was_removed_is_named_where_a_file_has_it(name, layer):
    with pytest.raises(InputError, match=f"cannot be loaded: A model must have no {layer} layer: .* Train it again"):
        load(Path(__file__).parent / "golden" / "removed" / f"format_7_{name}.safetensors")


def test_the_networks_of_the_preset_that_had_trees_are_those_of_bagged():
    model = load(next(file for file in FILES if file.stem == "format_7_mixed"))
    assert (model.preset, model.settings_["preset"], len(model.settings_["kinds"])) == ("bagged", "bagged", 2)
    assert model.fit(np.eye(9)[:, :3], np.arange(9)).settings_["kinds"] is not None


def test_what_an_old_file_does_not_say_is_not_known():
    model = load(next(file for file in FILES if file.stem == "format_1_classifier"))
    assert model.data_ is None
    assert [network.seed for network in model.networks_] == [0, 1]
    assert not hasattr(model, "updaters_")


def test_a_new_file_says_what_the_rows_were_like():
    data = load(next(file for file in FILES if file.stem == "format_2_classifier")).data_
    assert (data.rows, data.width, data.looked_at) == (40, 4, 40)
    assert [column.kind for column in data.columns] == ["number", "number", "category", "number"]
    assert data.columns[3].gaps == 8
    assert dict(data.columns[2].levels) == {"u": 14, "v": 13, "w": 13}
    assert sum(count for _, count in data.target.levels) == 40


# ------------------------------------------------------------ why training ended
# What older files say of the end of a training, in sentences, becomes codes.


SENTENCES = {
    "": [],
    "all 5 epochs are done": ["done"],
    "the one epoch is done": ["one"],
    "no better for 10 epochs": ["patience"],
    "time was up in epoch 1 of 30; 3 of 4 members were left out": ["time", "left_out"],
    "interrupted": ["interrupted"],
    "The loss became nan at step 7. Try a smaller learning rate, `clip_norm=1`, or scale the inputs": ["diverged"],
    "L-BFGS ended: converged": ["lbfgs"],
    "trained by scikit-learn": ["elsewhere"],
    "seen\nenough": ["callback"],
}
TODAY = {
    "the one epoch is done": "the only epoch is done",
    "no better for 10 epochs": "no improvement for 10 epochs",
    "time was up in epoch 1 of 30; 3 of 4 members were left out": (
        "time limit reached in epoch 1 of 30; 3 of 4 members were not trained"
    ),
}
"""What has other words now."""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_of_format_4_become_codes_that_say_the_same(sentence):
    old = {"format": 4, "histories": [{"rows": [], "best_epoch": None, "ended": sentence}]}
    history = History.from_dict(migrated(old)["histories"][0])
    assert [ending.code for ending in history.endings] == SENTENCES[sentence]
    assert history.ended == TODAY.get(sentence, sentence.partition(". Try")[0])


def test_an_end_without_its_words_is_refused():
    with pytest.raises(InputError, match="The end of a history must have a code, words and numbers"):
        Ending.from_dict({"code": "callback", "words": "", "numbers": {}})
