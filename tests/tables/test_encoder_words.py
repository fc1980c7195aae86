"""How columns are encoded, and why a task was guessed, in Chinese."""

from __future__ import annotations

import datetime

import polars as pl

from glassnet.support.language import speaking
from glassnet.tables.encoder import TableEncoder
from glassnet.tables.target_column import guess_task


def test_encodings_are_said_in_chinese_and_levels_as_they_are():
    table = pl.DataFrame(
        {
            "age": [60.0, 180.0, None],
            "city": ["Ulm", "Graz, old", "Bern"],
            "when": [datetime.date(2020, 1, 1), datetime.date(2021, 5, 7), datetime.date(2022, 9, 15)],
        }
    )
    actions = [column.action.say("zh") for column in TableEncoder().fit(table).columns]
    assert actions[0] == "减 120、除以 60、标记缺失并填入 120"
    assert actions[1] == "3 个取值：'Bern'、'Graz, old'、'Ulm'"
    assert actions[2].startswith("拆分为：经过的时间、年、月、日、星期")


def test_the_reason_of_a_task_is_said_in_chinese():
    with speaking("zh"):
        assert str(guess_task([1, 2, 3] * 20)) == "multiclass：目标是整数，60 行中只有 3 个不同的值"
