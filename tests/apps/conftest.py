"""Small tables as people have them, and models trained on them by the command line itself."""

from __future__ import annotations

import csv
import json
import os

import numpy as np
import pytest

from glassnet.apps.cli import main

QUICK = {"--preset": "mlp", "--hidden-layers": "8", "--epochs": "5"}


@pytest.fixture(autouse=True)
def no_width(monkeypatch):
    """What runs tests in parallel gives its workers a width of 80 columns; output that goes nowhere has none."""
    monkeypatch.delenv("COLUMNS", raising=False)


def write_rows(path, head, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def people_rows(count, seed):
    """Who came back? Decided by age and city, with some noise; ages and cities have gaps."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        age, city, paid = rng.integers(18, 80), rng.choice(["Bern", "Graz", "Ulm"]), rng.gamma(2, 20)
        score = (age - 45) / 10 + 2 * (city == "Ulm") - 0.5 + rng.normal(0, 0.5)
        yield [
            1000 + number,
            "" if rng.random() < 0.05 else age,
            "" if rng.random() < 0.05 else city,
            f"{paid:.2f}",
            "yes" if score > 0 else "no",
        ]


PEOPLE = ["customer_id", "age", "city", "paid", "came back"]


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """A folder with people.csv and new.csv (a classification), houses.csv (a regression)."""
    folder = tmp_path_factory.mktemp("tables")
    write_rows(folder / "people.csv", PEOPLE, people_rows(300, seed=1))
    write_rows(folder / "new.csv", PEOPLE[:-1], (row[:-1] for row in people_rows(40, seed=2)))
    write_rows(folder / "later.csv", PEOPLE, people_rows(100, seed=3))
    rng = np.random.default_rng(4)
    size, kind = rng.uniform(40, 200, 300), rng.choice(["flat", "house"], 300)
    price = 1000 * size * (1 + (kind == "house")) + rng.normal(0, 5000, 300)
    houses = zip(size.round(1), kind, price.round(2), strict=True)
    write_rows(folder / "houses.csv", ["size", "kind", "price"], houses)
    return folder


@pytest.fixture(scope="session")
def classifier(tables):
    """The model of people.csv."""
    out = tables / "people.safetensors"
    words = ["train", f"{tables}/people.csv", "--target", "came back", "--id", "customer_id", "--out", f"{out}"]
    words += ["--no-report", "--members", "3"]
    assert main([*words, "--quiet", "--epochs", "20"]) == 0
    return out


@pytest.fixture(scope="session")
def regressor(tables):
    """The model of houses.csv."""
    out = tables / "houses.safetensors"
    words = ["train", f"{tables}/houses.csv", "--target", "price", "--out", f"{out}", "--quiet", "--no-report"]
    assert main([*words, "--members", "3"]) == 0
    return out


@pytest.fixture
def train(tables, tmp_path, capsys):
    """Train on a table, quickly; gives the exit code, the JSON of the result, and what was said."""

    def run(table, *words, target="came back"):
        table = tables / table if isinstance(table, str) else table
        out = tmp_path / "model.safetensors"
        quick = [word for option, value in QUICK.items() if option not in words for word in (option, value)]
        quick += [] if "--report" in words else ["--no-report"]
        code = main(["train", f"{table}", "--target", target, "--out", f"{out}", "--json", *quick, *words])
        said = capsys.readouterr()
        return code, json.loads(said.out) if code == 0 else None, said.err

    return run


@pytest.fixture
def process(forks):
    """Start the command line in a process of its own; it is ended with the test."""
    started = []

    def run(*words, **options):
        environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "1000"}
        started.append(forks.fork("-m", "glassnet", *words, **{"env": environment} | options))
        return started[-1]

    yield run
    for each in started:
        each.end()
