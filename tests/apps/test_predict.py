"""``glassnet predict``: a prediction for each row, piece by piece, under the classes' own names."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import polars as pl
import pytest

import glassnet
from glassnet import NeuralClassifier, NeuralNetwork, NeuralRegressor
from glassnet.apps.cli import main
from glassnet.apps.commands.predict import PredictOptions, predict
from glassnet.apps.shared_options import OutputOptions
from glassnet.errors import InputError
from glassnet.insight.predictions import predict_rows

QUIET = OutputOptions(quiet=True)


def test_predictions_are_those_of_the_estimator_with_ids_and_names(classifier, tables, tmp_path, capsys):
    out = tmp_path / "predictions.csv"
    assert main(["predict", f"{classifier}", f"{tables}/new.csv", "--out", f"{out}"]) == 0
    written, new, model = pl.read_csv(out), pl.read_csv(tables / "new.csv"), glassnet.load(classifier)
    assert written.columns == ["customer_id", "prediction", "probability_no", "probability_yes"]
    assert written["customer_id"].to_list() == new["customer_id"].to_list()
    assert written["prediction"].to_list() == model.predict(new).tolist()
    np.testing.assert_allclose(written[:, 2:].to_numpy(), model.predict_proba(new), rtol=1e-6)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"written     {out}: 40 predictions in ")


def test_standard_output_has_the_predictions_and_nothing_else(classifier, tables, capsysbinary):
    for words in ([], ["--out", "-"]):
        assert main(["predict", f"{classifier}", f"{tables}/new.csv", *words]) == 0
        said = capsysbinary.readouterr()
        assert len(pl.read_csv(io.BytesIO(said.out))) == 40
        assert said.err == b""


def test_pieces_make_the_same_predictions(classifier, tables, tmp_path, monkeypatch):
    for piece in (7, 1000):
        monkeypatch.setattr("glassnet.apps.commands.predict.PIECE", piece)
        options = PredictOptions(out=tmp_path / f"{piece}.csv", printing=QUIET)
        predict(classifier, tables / "new.csv", options=options)
    assert (tmp_path / "7.csv").read_bytes() == (tmp_path / "1000.csv").read_bytes()


def test_texts_and_names_are_what_was_written_whatever_is_in_the_other_rows(classifier, tmp_path):
    told = []
    for more in ("", "x1,30,Ulm,1.5\n"):
        (tmp_path / "new.csv").write_text(f"customer_id,age,city,paid\n007.50,40,1.50,3\n{more}")
        predict(
            classifier, tmp_path / "new.csv", options=PredictOptions(out=tmp_path / "p.csv", force=True, printing=QUIET)
        )
        told.append((tmp_path / "p.csv").read_text().splitlines()[1])
    assert told[0] == told[1]
    assert told[0].startswith("007.50,")


def test_text_that_a_spreadsheet_would_compute_gets_an_apostrophe_where_it_is_asked_for(classifier, tmp_path):
    (tmp_path / "new.csv").write_text(
        'customer_id,age,city,paid,@name\n=1+1,40,Ulm,3,+x\n-5,40,Ulm,3,Ann\n,40,Ulm,3,\n"-2+3",40,Ulm,3,=A1\n'
    )
    names = {}
    for words in ([], ["--no-formulas"]):
        out = tmp_path / f"{len(words)}.csv"
        typed = ["predict", f"{classifier}", f"{tmp_path}/new.csv", "--id", "@name", "--out", f"{out}", *words]
        assert main(typed) == 0
        names[bool(words)] = [line.split(",")[:2] for line in out.read_text().splitlines()]
    assert names[False][0] == ["customer_id", "@name"]
    assert names[False][1][0] == "=1+1"
    assert names[True] == [
        *(["customer_id", "'@name"], ["'=1+1", "'+x"], ["-5", "Ann"], ["", ""], ["'-2+3", "'=A1"]),
    ]


def test_names_keep_their_type_in_a_file_that_has_types(classifier, tables, tmp_path):
    predict(classifier, tables / "new.csv", options=PredictOptions(out=tmp_path / "p.parquet", printing=QUIET))
    assert pl.read_parquet(tmp_path / "p.parquet")["customer_id"].dtype == pl.Int64


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(classifier, tables, tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.apps.commands.predict.PIECE", 1000)
    peaks = []
    for copies in (100, 800):
        long = tmp_path / "long.parquet"
        pl.concat([pl.read_csv(tables / "new.csv")] * copies).write_parquet(long)
        tracemalloc.start()
        predict(classifier, long, options=PredictOptions(out=tmp_path / "out.csv", force=True, printing=QUIET))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_other_columns_can_be_carried_along(classifier, tables, tmp_path):
    words = ["predict", f"{classifier}", f"{tables}/new.csv", "--id", "city,age", "-o", f"{tmp_path}/p.parquet", "-q"]
    assert main(words) == 0
    assert pl.read_parquet(tmp_path / "p.parquet").columns[:4] == ["customer_id", "city", "age", "prediction"]


def test_columns_may_come_in_another_order_with_others_between(classifier, tables, tmp_path):
    new = pl.read_csv(tables / "new.csv")
    new.select(reversed(new.columns)).with_columns(more=pl.lit("?")).drop("customer_id").write_csv(tmp_path / "o.csv")
    for table, out in ((tables / "new.csv", "a.csv"), (tmp_path / "o.csv", "b.csv")):
        assert main(["predict", f"{classifier}", f"{table}", "-o", f"{tmp_path / out}", "-q"]) == 0
    first, second = pl.read_csv(tmp_path / "a.csv"), pl.read_csv(tmp_path / "b.csv")
    assert first.drop("customer_id").equals(second)


@pytest.mark.slow
def test_numbers_and_their_uncertainty(regressor, tables, tmp_path):
    assert main(["predict", f"{regressor}", f"{tables}/houses.csv", "-o", f"{tmp_path}/p.csv", "-q"]) == 0
    assert pl.read_csv(tmp_path / "p.csv").columns == ["prediction"]
    houses = pl.read_csv(tables / "houses.csv")
    X, y = houses.drop("price"), houses["price"].to_numpy()
    model = NeuralRegressor(loss="gaussian_nll", epochs=2, random_state=0).fit(X, y)
    table = predict_rows(model, X).table(X.select())
    assert table.columns == ["prediction", "deviation"]
    assert table["deviation"].to_list() == model.predict(X, return_std=True)[1].tolist()
    model = NeuralRegressor(loss="quantile(levels=(0.1, 0.5, 0.9))", epochs=2, random_state=0).fit(X, y)
    table = predict_rows(model, X).table(X.select())
    assert table.columns == ["prediction", "quantile_0.1", "quantile_0.5", "quantile_0.9"]
    assert table["prediction"].equals(table["quantile_0.5"].alias("prediction"))


def test_scores_without_probabilities_have_a_prediction_alone():
    X, y = [[0.0], [1.0]] * 10, ["a", "b"] * 10
    model = NeuralClassifier(loss="hinge", epochs=2).fit(X, y)
    assert predict_rows(model, X).table(pl.DataFrame()).columns == ["prediction"]


def test_a_missing_column_is_named_and_nothing_written(classifier, tables, tmp_path, capsys):
    pl.read_csv(tables / "new.csv").rename({"age": "Age"}).write_csv(tmp_path / "narrow.csv")
    assert main(["predict", f"{classifier}", f"{tmp_path}/narrow.csv", "--out", f"{tmp_path}/p.csv"]) == 1
    said = "glassnet: narrow.csv has no column 'age'. Did you mean 'Age'? Or treat absent columns as missing: "
    assert capsys.readouterr().err == f"{said}--absent-as-missing.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["narrow.csv"]


def test_force_replaces_predictions(classifier, tables, tmp_path):
    (tmp_path / "p.csv").write_text("old")
    words = ["predict", f"{classifier}", f"{tables}/new.csv", "-o", f"{tmp_path}/p.csv", "-q"]
    assert main(words) == 2
    assert main([*words, "--force"]) == 0
    assert len(pl.read_csv(tmp_path / "p.csv")) == 40


def test_a_name_of_rows_that_is_called_like_a_prediction_is_refused(tables, tmp_path):
    model = NeuralClassifier(epochs=2).fit([[0.0], [1.0]] * 10, ["a", "b"] * 10)
    with pytest.raises(InputError, match="'prediction'.*Rename it"):
        predict_rows(model, [[0.0]]).table(pl.DataFrame({"prediction": [1]}))


def test_models_that_no_table_belongs_to(tables, tmp_path, capsys):
    glassnet.save(NeuralNetwork(3, ["relu:4", 1]), tmp_path / "bare.safetensors")
    several = NeuralRegressor(epochs=2).fit([[0.0], [1.0]] * 10, [[0, 1], [1, 0]] * 10)
    glassnet.save(several, tmp_path / "several.safetensors")
    for name, says in (("bare", "a bare network"), ("several", "with several")):
        assert main(["predict", f"{tmp_path}/{name}.safetensors", f"{tables}/new.csv"]) == 1
        assert says in capsys.readouterr().err


def test_processors_change_no_prediction(classifier, tables, tmp_path, capsys):
    words = ["predict", f"{classifier}", f"{tables}/later.csv", "-q"]
    assert main([*words, "-o", f"{tmp_path}/all.csv"]) == 0
    assert main([*words, "-o", f"{tmp_path}/one.csv", "--jobs", "1"]) == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "all.csv").read_bytes()
    assert main([*words, "-o", f"{tmp_path}/none.csv", "--jobs", "0"]) == 2
    assert "--jobs must be at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["predict", "evaluate", "explain"])
@pytest.mark.parametrize(
    ("cells", "option"),
    [
        ({"height": "1,5", "born": "2024-01-31"}, "Add --decimal , if this file"),
        ({"height": "1.5", "born": "31/01/2024"}, "Add --date-format dmy if this file"),
        ({"height": "tall", "born": "2024-01-31"}, None),
    ],
)
def test_a_cell_of_another_notation_names_the_option_that_reads_it(command, cells, option, tmp_path, capsys):
    rows = [f"{height};2024-{1 + row % 12:02d}-11;{row % 2}" for row, height in enumerate(np.arange(40) / 8)]
    (tmp_path / "learned.csv").write_text("\n".join(["height;born;y", *rows]))
    model = f"{tmp_path / 'm.safetensors'}"
    quick = ["--preset", "mlp", "--epochs", "1", "--hidden-layers", "2", "--no-report", "--test", "0", "--quiet"]
    assert main(["train", f"{tmp_path / 'learned.csv'}", "--target", "y", "--out", model, *quick]) == 0
    (tmp_path / "new.csv").write_text("\n".join(["height;born;y", f"{cells['height']};{cells['born']};1", *rows]))
    assert main([command, model, f"{tmp_path / 'new.csv'}"]) == 1
    said = capsys.readouterr().err
    assert "as in training" in said
    assert option in said if option else "--" not in said
