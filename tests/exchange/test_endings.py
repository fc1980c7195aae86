"""What older files say of the end of a training, in sentences, becomes codes."""

from __future__ import annotations

import pytest

from glassnet.errors import InputError
from glassnet.exchange.files.migration import migrated
from glassnet.training import History
from glassnet.training.history import Ending

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
