"""Photographs a report and an exported page for the READMEs: python docs/screens.py. Writes docs/images/*.png.

Both are of one model of the flats in docs/data, in both languages, in light and dark. Needs Chromium and what
`make browser` installs.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split
from stills import DOCS, drive, keep

from glassnet import NeuralRegressor

IMAGES = DOCS / "images"
LARGEST = 150_000


def write_pages(folder: Path) -> None:
    """A report and a page with a form, in each language: report.en.html and so on."""
    flats = pd.read_csv(DOCS / "data" / "flats.csv", parse_dates=["available"])
    X, y = flats.drop(columns=["flat", "rent", "gone_in_a_week"]), flats["rent"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
    model = NeuralRegressor(random_state=0).fit(X_train, y_train)
    for language in ("en", "zh"):
        model.report(folder / f"report.{language}.html", X_test, y_test, target="rent", language=language)
        model.to_html(folder / f"page.{language}.html", target="rent", language=language)


def main() -> None:
    """Photograph them.

    Raises
    ------
    SystemExit
        If a picture is too large for a repository.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pages(folder)
        drive("screens.js", folder, *sorted(folder.glob("*.html")))
        for picture in sorted(folder.glob("*.png")):
            keep(picture, IMAGES / picture.name)
            if (IMAGES / picture.name).stat().st_size > LARGEST:
                raise SystemExit(f"{picture.name} must be below {LARGEST / 1000:.0f} kB")


if __name__ == "__main__":
    main()
