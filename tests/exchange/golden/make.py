"""Makes the files of this folder that are of today's format: ``python tests/exchange/golden/make.py``.

Files of older formats are never made again: whoever changes the format keeps those that are here.
"""

import json
from pathlib import Path

import numpy as np

from glassnet import BatchNorm, Dense, LayerNorm, NeuralClassifier, NeuralNetwork, NeuralRegressor, Residual, save
from glassnet.support.container import FORMAT
from glassnet.tables.reading.notation import Notation

HERE = Path(__file__).parent
rng = np.random.default_rng(0)
NUMBERS = rng.normal(size=(40, 3)).round(4)
TABLE = [[a, b, "uvw"[i % 3], None if i % 5 == 0 else i] for i, (a, b, _) in enumerate(NUMBERS.tolist())]
NOTES = [f"{('slow', 'quick', 'fair')[i % 3]} delivery of item {i % 7}" + " again" * (i % 2) for i in range(60)]
CLASSES = np.array(["no", "yes", "ø"])[np.digitize(NUMBERS[:, 0], [-0.5, 0.5])]


def main() -> None:
    """Train, save, and write down what each model predicts for some rows."""
    options = {"epochs": 3, "random_state": 0, "engine": "reference"}
    classifier = NeuralClassifier(hidden_layers=(4, "gelu:3"), members=2, calibration="temperature", **options)
    classifier.fit(TABLE, CLASSES).conformalize(TABLE, CLASSES)
    classifier.notes_ = {"target": "answer", "scores": {"network": {"accuracy": 0.5}}}
    classifier.notation_ = Notation(",", "dmy")
    regressor = NeuralRegressor(preset="mlp", hidden_layers=(3,), **options).fit(NUMBERS, NUMBERS[:, :2] * 10 + 3)
    layers = ["tanh:4", BatchNorm(), Residual([LayerNorm(), Dense(4, "silu")]), 3]
    network = NeuralNetwork(3, layers, "cross_entropy", seed=7, engine="reference")
    network.train(NUMBERS, np.arange(40) % 3, epochs=2)
    numbers = rng.normal(size=(150, 3)).round(4)
    small = {"hidden_layers": (4,), "epochs": 3, "members": 2, "random_state": 0}
    kinds = NeuralRegressor(preset="bagged", monotone=[1, 0, -1], **small).fit(numbers, numbers @ [3.0, 2.0, -1.0])
    texts = NeuralClassifier(preset="mlp", hidden_layers=(3,), free_text=["x0"], **options)
    texts.fit([[note, i % 5] for i, note in enumerate(NOTES)], np.array(["late", "early", "right"])[np.arange(60) % 3])
    rows = [[note, 2] for note in (*NOTES[:4], "a quick and fair one", None)]
    keep("texts", texts, rows, texts.predict_proba(rows))
    keep("kinds", kinds, NUMBERS[:6].tolist(), kinds.predict(NUMBERS[:6]))
    keep("classifier", classifier, TABLE[:6], classifier.predict_proba(TABLE[:6]))
    keep("regressor", regressor, NUMBERS[:6].tolist(), regressor.predict(NUMBERS[:6]))
    keep("network", network, NUMBERS[:6].tolist(), network.predict(NUMBERS[:6]))


def keep(
    name: str, model: NeuralClassifier | NeuralRegressor | NeuralNetwork, rows: list, predicted: np.ndarray
) -> None:
    save(model, HERE / f"format_{FORMAT}_{name}.safetensors")
    record = {"rows": rows, "predicted": predicted.tolist()}
    (HERE / f"format_{FORMAT}_{name}.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
