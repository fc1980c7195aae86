"""Columns of text: which columns are, n-grams against a plain loop, the vocabulary, hashes, and the encoder."""

from __future__ import annotations

import json
import math
import re
import tracemalloc
import unicodedata
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from glassnet.errors import InputError, InputTypeError
from glassnet.layers.text_rows import TextRows
from glassnet.tables import TableEncoder
from glassnet.tables.columns import ngrams, texts
from glassnet.tables.columns.ngrams import SLOTS, Alphabet, fnv1a, normalized
from glassnet.tables.columns.texts import TextColumn, is_text, vocabulary
from glassnet.tables.fit_statistics import FitStatistics
from glassnet.tables.records import RecordEncoder

SPEECH = [
    "Neural networks, seen through …  at last!",
    "我的打印机又坏了，今天第二次。",
    "Der Drucker brennt – schon wieder; ÄRGER im ﬁnalen Büro",
    "\t\n",
    "",
    "a",
    "naïve 🤖👍🏽 cafe\u0301 İstanbul ½ Ⅷ ﷺ",
    "\x00\x01 \ud800 half\x00",
    "aaaa aaaa aaaa",
]


def plain_ngrams(text: str) -> Counter[str]:
    """What the fast path counts, as a loop."""
    letters = " ".join("".join(map(normalized, text)).split(" "))
    words = [f" {word} " for word in letters.split()]
    found = Counter(word[at : at + size] for word in words for size in (2, 3, 4) for at in range(len(word) - size + 1))
    return Counter({one: count for one, count in found.items() if " " not in one[1:-1]})


def counted(cells, alphabet=None):
    alphabet = alphabet or Alphabet(grows=True)
    found = [Counter() for _ in cells]
    for owners, keys in alphabet.ngrams(cells):
        for owner, ngram in zip(owners.tolist(), alphabet.spelled(keys), strict=True):
            found[owner][ngram] += 1
    return found


class TestNGrams:
    def test_they_are_those_of_a_plain_loop(self):
        assert counted([*SPEECH, None]) == [*map(plain_ngrams, SPEECH), Counter()]

    def test_they_do_not_depend_on_the_pieces_in_which_texts_are_read(self, monkeypatch):
        monkeypatch.setattr(ngrams, "AT_ONCE", 8)
        assert counted(SPEECH) == [*map(plain_ngrams, SPEECH)]

    def test_characters_outside_of_the_alphabet_are_in_none(self):
        (found,) = counted(["abxab"], Alphabet("ab"))
        assert found == Counter({" a": 1, "ab": 2, "b ": 1, " ab": 1, "ab ": 1})

    def test_keys_are_read_back(self):
        alphabet = Alphabet("äb世")
        some = [" ä", "b世b ", "世世世"]
        assert alphabet.spelled(alphabet.keys(some)) == some

    @pytest.mark.parametrize("text", [text for text in SPEECH if "\ud800" not in text])
    def test_character_by_character_is_normalized_as_the_whole(self, text):
        whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
        each = unicodedata.normalize("NFKC", "".join(map(normalized, text)))
        assert each.split() == whole.replace("\x00", " ").split()

    def test_hashes_are_fnv_1a(self):
        some = sorted(set().union(*map(plain_ngrams, SPEECH)))

        def plain(text):
            key = 0x811C9DC5
            for byte in text.encode():
                key = (key ^ byte) * 0x01000193 % 2**32
            return key

        assert fnv1a(some).tolist() == [*map(plain, some)]


class TestVocabulary:
    def test_the_most_frequent_are_taken_and_of_equals_the_first(self, monkeypatch):
        monkeypatch.setattr(texts, "MOST_NGRAMS", 4)
        assert vocabulary({"ba": 3, "bc": 2, "ad": 2}) == (" b", " ba", " ba ", "a ")

    def test_rows_count_and_not_occurrences(self):
        assert vocabulary({"zzzzzzzz": 1, "a": 2}) == (" a", " a ", "a ")

    def test_merging_pieces_changes_nothing(self, monkeypatch):
        rows = {text: 1 + number % 2 for number, text in enumerate(SPEECH)}
        whole = vocabulary(rows)
        monkeypatch.setattr(ngrams, "AT_ONCE", 8)
        monkeypatch.setattr(texts, "MERGED", 20)
        assert vocabulary(rows) == whole

    def test_no_text_has_one(self):
        assert vocabulary({}) == ()


class TestTextColumn:
    def test_values_are_logarithms_of_counts_over_their_length(self):
        cells = ["aaaa ab", None, "zz", "ab"]
        column = TextColumn("x", 0, vocabulary({"aaaa": 2, "ab ab": 2}), gaps=False)
        found = column.encode(cells)
        for row, cell in enumerate(cells):
            counts = {one: count for one, count in plain_ngrams(cell or "").items() if one in column.ngrams}
            weights = {one: 1 + math.log(count) for one, count in counts.items()}
            length = math.hypot(*weights.values())
            ids, values = found.ids[found.rows == row], found.values[found.rows == row]
            assert [column.ngrams[place] for place in ids.tolist()] == sorted(weights)
            np.testing.assert_allclose(values, [weights[one] / length for one in sorted(weights)], rtol=1e-7)

    def test_without_a_vocabulary_each_n_gram_has_a_slot_by_its_hash(self):
        found = TextColumn("x", 0, (), gaps=False).encode(["ab"])
        slots = {int(key) % SLOTS ^ int(key) // SLOTS for key in fnv1a([*plain_ngrams("ab")])}
        assert set(found.ids.tolist()) == slots

    def test_an_empty_text_is_missing_like_a_gap(self):
        out = np.zeros((3, 1))
        TextColumn("x", 0, (" a",), gaps=True).write(["a", "", None], out)
        assert out.ravel().tolist() == [0, 1, 1]

    def test_a_row_does_not_depend_on_the_rows_beside_it(self):
        for column in (TextColumn("x", 0, vocabulary(dict.fromkeys(SPEECH, 2)), False), TextColumn("x", 0, (), False)):
            together = column.encode(SPEECH)
            for row, text in enumerate(SPEECH):
                alone = column.encode([text])
                assert alone.ids.tolist() == together.ids[together.rows == row].tolist()
                assert alone.values.tobytes() == together.values[together.rows == row].tobytes()

    def test_a_long_text_is_read_in_pieces(self, monkeypatch):
        columns = TextColumn("x", 0, vocabulary(dict.fromkeys(SPEECH, 2)), False), TextColumn("x", 0, (), False)
        whole = [column.encode(SPEECH) for column in columns]
        monkeypatch.setattr(ngrams, "AT_ONCE", 5)
        for column, expected in zip(columns, whole, strict=True):
            assert [*map(np.ndarray.tolist, column.encode(SPEECH))] == [*map(np.ndarray.tolist, expected)]

    @pytest.mark.slow
    def test_a_long_text_takes_the_memory_of_a_piece(self, monkeypatch):
        monkeypatch.setattr(ngrams, "AT_ONCE", 1 << 12)
        column, text = TextColumn("x", 0, vocabulary({SENTENCE: 2}), False), SENTENCE * 5_000
        column.encode([SENTENCE])
        tracemalloc.start()
        column.encode([text])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20 * len(text)  # two copies of its characters, and the text that each belongs to


SENTENCE = "the printer is on fire again and nobody knows why it was left alone there"
NOTES = [" ".join(np.random.default_rng(row).permutation(SENTENCE.split())[: 3 + row % 5]) for row in range(60)]
CITIES = ["New York", "Los Angeles", "Ulm"]


class TestDetection:
    @pytest.mark.parametrize(
        ("rows", "answer"),
        [
            (Counter(NOTES), True),
            (Counter({f"打印机第{number}次坏了": 1 for number in range(50)}), True),
            (Counter({f"{city} {number}": 1 for number in range(40) for city in CITIES}), False),  # one word on average
            (Counter({f"Corolla Verso {number}": 2 for number in range(200)}), False),  # names that recur
            (Counter({f"name-{number}": 1 for number in range(200)}), False),
            (Counter({f"+49 731 {number:05}": 1 for number in range(200)}), False),
            (Counter({f"{number:032x}": 1 for number in range(200)}), False),
            (Counter(dict.fromkeys(CITIES, 100)), False),
            (Counter(dict.fromkeys(NOTES[:19], 1)), False),
        ],
    )
    def test_words_and_repetitions_decide(self, rows, answer):
        assert is_text(rows) is answer

    def test_what_the_container_calls_a_category_is_none(self):
        frame = pd.DataFrame({"plain": NOTES, "category": pd.Categorical(NOTES)})
        kinds = [column.kind for column in TableEncoder(free_text="auto").fit(frame).columns]
        assert kinds == ["text", "category"]

    def test_it_is_not_looked_for_unless_asked(self):
        assert not TableEncoder().fit(pd.DataFrame({"note": NOTES})).ngrams

    def test_levels_that_were_merged_count(self):
        survey = FitStatistics(quantiles=False)
        survey.most_levels = 10
        for note in NOTES:
            survey.add(pd.DataFrame({"note": [note]}), np.ones(1))
        assert survey.others[0].is_text()
        assert survey.plan("standard", 8, None, "auto").texts

    @pytest.mark.parametrize(("times", "answer"), [(1, True), (2, False)])
    def test_of_levels_that_were_merged_those_of_one_row_are_told_from_others(self, times, answer):
        survey = FitStatistics(quantiles=False)
        survey.most_levels = 10
        names = [f"Corolla Verso {number}" for number in range(200)] * times
        survey.add(pd.DataFrame({"name": names}), np.ones(len(names)))
        assert survey.others[0].is_text() is answer


FRAME = pd.DataFrame({"n": range(60), "note": NOTES, "title": NOTES[::-1], "city": CITIES * 20})
FRAME.loc[3, "note"] = None


class TestEncoder:
    def test_n_grams_stand_beside_the_matrix(self):
        encoder = TableEncoder(free_text="auto").fit(FRAME)
        rows = encoder.transform(FRAME)
        assert isinstance(rows, TextRows)
        assert encoder.feature_names_out == ["n", "note is missing", "city=Los Angeles", "city=New York", "city=Ulm"]
        assert rows.matrix[3, 1] == 1 == rows.matrix[:, 1].sum()
        note, title = encoder.plan.texts
        assert rows.store.size == encoder.ngrams == note.size + title.size
        of_third = rows.store.ids[rows.store.indptr[3] : rows.store.indptr[4]]
        assert (of_third >= note.size).all()  # its note is missing
        of_fourth = rows.store.ids[rows.store.indptr[4] : rows.store.indptr[5]]
        assert (np.diff(of_fourth) > 0).all()
        spelled = {(*note.ngrams, *title.ngrams)[place] for place in of_fourth.tolist()}
        assert {"fire", "prin"} & spelled <= {*plain_ngrams(NOTES[4]), *plain_ngrams(NOTES[-5])}

    def test_columns_can_be_named(self):
        encoder = TableEncoder(free_text=["city"]).fit(FRAME)
        assert [column.kind for column in encoder.columns] == ["number", "category", "category", "text"]

    @pytest.mark.parametrize("name", ["n", "absent"])
    def test_a_named_column_must_hold_text(self, name):
        with pytest.raises(InputError, match=f"`free_text` must name .* Received: '{name}'\\. These do: note, title"):
            TableEncoder(free_text=[name]).fit(FRAME)

    def test_a_sparse_table_has_none_to_be_named(self):
        with pytest.raises(InputError, match="`free_text` must name .* Received: 'note'\\. These do: none"):
            TableEncoder(free_text=["note"]).fit(sparse.csr_array(np.eye(3)))

    def test_a_named_column_without_values_is_left_out(self):
        encoder = TableEncoder(free_text=["note"]).fit(FRAME.assign(note=None))
        assert [column.kind for column in encoder.columns if column.name == "note"] == ["empty"]

    def test_a_named_column_without_values_is_text_where_later_rows_have_some(self):
        encoder = TableEncoder(free_text=["note"], hashed=True).fit(FRAME.assign(note=None))
        description, arrays = encoder.to_state()
        assert TableEncoder.from_state(json.loads(json.dumps(description)), arrays) == encoder
        later = encoder.transform(FRAME)
        of_all = TableEncoder(free_text=["note"], hashed=True).fit(FRAME).transform(FRAME)
        assert len(later.store.ids) > 0
        assert later.store.ids.tobytes() == of_all.store.ids.tobytes()

    @pytest.mark.parametrize("word", ["always", "note", "NONE"])
    def test_another_word_is_refused(self, word):
        remedy = re.escape('Give "auto", "none" or the names of columns: ["title"].')
        with pytest.raises(InputError, match=f"`free_text` of TableEncoder must be one of: auto, none.*{remedy}"):
            TableEncoder(free_text=word)

    def test_a_rule_is_named_where_it_is_neither_word_nor_list(self):
        with pytest.raises(InputTypeError, match="`free_text`"):
            TableEncoder(free_text=3)

    def test_a_table_of_text_alone_has_a_column_of_zeros(self):
        frame = FRAME[["title"]]
        encoder = TableEncoder(free_text="auto").fit(frame)
        rows = encoder.transform(frame)
        assert rows.matrix.tolist() == [[0.0]] * 60
        assert encoder.feature_names_out == ["0"]

    @pytest.mark.parametrize("hashed", [False, True])
    def test_its_state_gives_the_same_n_grams(self, hashed):
        encoder = TableEncoder(free_text=["note"], hashed=hashed).fit(FRAME)
        description, arrays = encoder.to_state()
        again = TableEncoder.from_state(json.loads(json.dumps(description)), arrays)
        assert again == encoder
        ours, its = encoder.transform(FRAME).store, again.transform(FRAME).store
        assert (ours.ids.tobytes(), ours.values.tobytes()) == (its.ids.tobytes(), its.values.tobytes())

    @pytest.mark.parametrize("ngrams", ["ab\nab", "b \na ", "a", "abcde", "ab\n", 3])
    def test_a_wrong_vocabulary_is_refused(self, ngrams):
        description, arrays = TableEncoder(free_text=["note"]).fit(FRAME).to_state()
        next(other for other in description["others"] if "ngrams" in other)["ngrams"] = ngrams
        with pytest.raises(InputError, match="The encoder of a model must match the rest"):
            TableEncoder.from_state(description, arrays)

    def test_rows_that_come_one_by_one_are_encoded_alike(self):
        encoder = TableEncoder(free_text="auto").fit(FRAME)
        records = RecordEncoder(encoder)
        cells = FRAME.head(5).to_dict("records")
        alone, table = records.encode([records.read(row) for row in cells]), encoder.transform(FRAME.head(5))
        assert alone.matrix.tolist() == table.matrix.tolist()
        assert alone.store.ids.tolist() == table.store.ids.tolist()
        assert alone.store.values.tobytes() == table.store.values.tobytes()

    def test_of_rows_in_pieces_n_grams_have_hashes(self):
        survey, merged = FitStatistics(quantiles=False), FitStatistics(quantiles=False)
        for piece in (FRAME[:25], FRAME[25:]):
            survey.add(piece, np.ones(len(piece)))
            other = FitStatistics(quantiles=False)
            other.add(piece, np.ones(len(piece)))
            merged.merge(other)
        encoder = TableEncoder(free_text="auto").fit_survey(survey)
        assert encoder == TableEncoder(free_text="auto").fit_survey(merged)
        assert encoder.ngrams == 2 * SLOTS

    def test_a_table_without_text_is_encoded_as_before(self):
        frame = pl.DataFrame({"n": range(60), "city": CITIES * 20})
        encoded = TableEncoder(free_text="auto").fit(frame).transform(frame)
        assert encoded.tobytes() == TableEncoder().fit(frame).transform(frame).tobytes()

    def test_decoding_leaves_texts_out(self):
        encoder = TableEncoder(free_text="auto").fit(FRAME)
        assert [*encoder.inverse_transform(encoder.transform(FRAME))] == ["n", "city"]

    def test_the_description_says_how_many_there_are(self):
        encoder = TableEncoder(free_text=["note"]).fit(FRAME)
        column = encoder.columns[1]
        assert (column.kind, column.inputs) == ("text", encoder.ngrams + 1)
        assert f"text: {encoder.ngrams} n-grams of 2 to 4 characters, gaps" in str(encoder)
