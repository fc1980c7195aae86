"""What is written for TensorBoard and MLflow is read back."""

from __future__ import annotations

import pickle
import struct
import sys

import numpy as np
import pytest

from glassnet import MLflow, NeuralNetwork, TensorBoard, Trainer
from glassnet.errors import MissingExtraError


def train(callback, **options):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    network = NeuralNetwork(3, ["tanh:4", 1], engine="reference", seed=7)
    return network, Trainer(epochs=4, callbacks=[callback], **options).fit(network, X, X[:, 0])


def events(folder):
    """Every event of the one file in a folder; a record is its length, a checksum, the bytes, a checksum."""
    from tensorboardX.proto.event_pb2 import Event

    (file,) = folder.glob("*/events*")
    data, at = file.read_bytes(), 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        yield Event.FromString(data[at + 12 : at + 12 + length])
        at += 16 + length


def test_tensorboard_reads_every_epoch_and_distribution(tmp_path):
    callback = TensorBoard(tmp_path, every=2)
    network, history = train(callback, restore_best=False)
    scalars, histograms = {}, {}
    for event in events(tmp_path):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                scalars.setdefault(value.tag, []).append((event.step, value.simple_value))
            elif value.HasField("histo"):
                histograms.setdefault(value.tag, []).append((event.step, value.histo))
    assert set(scalars) == {"loss", "validation_loss", "learning_rate", "seconds"}
    for name in ("loss", "validation_loss"):
        assert [step for step, _ in scalars[name]] == [1, 2, 3, 4]
        np.testing.assert_allclose([value for _, value in scalars[name]], history[name], rtol=1e-6)
    assert set(histograms) == set(network.named_parameters)
    assert [step for step, _ in histograms["1.W"]] == [0, 2, 4]
    last = histograms["1.W"][-1][1]
    assert last.num == 12
    assert last.sum == pytest.approx(network["1.W"].sum())
    assert last.max == pytest.approx(network["1.W"].max())


def test_two_trainings_have_two_folders(tmp_path):
    callback = TensorBoard(tmp_path)
    train(callback)
    train(pickle.loads(pickle.dumps(callback)))
    assert len(list(tmp_path.glob("*/events*"))) == 2


@pytest.mark.parity  # with the other packages that are too large for everybody's tests
def test_mlflow_has_parameters_metrics_and_the_end(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    place = (tmp_path / "runs").as_uri()
    callback = MLflow("test", tracking_uri=place, name="first", parameters={"table": "may.csv"})
    _, history = train(callback)
    client = mlflow.MlflowClient(place)
    (run,) = client.search_runs([client.get_experiment_by_name("test").experiment_id])
    assert run.info.run_name == "first"
    assert run.info.status == "FINISHED"
    assert run.data.params["optimizer"].startswith("adam(beta1=0.9")
    assert run.data.params["numbers"] == "21"
    assert run.data.params["seed"] == "7"
    assert run.data.params["table"] == "may.csv"
    for name in ("loss", "validation_loss"):
        metrics = client.get_metric_history(run.info.run_id, name)
        assert [metric.step for metric in metrics] == [1, 2, 3, 4]
        assert [metric.value for metric in metrics] == history[name]
    assert run.data.tags["best_epoch"] == str(history.best_epoch)
    assert run.data.tags["ended"] == "all 4 epochs are done"
    assert mlflow.active_run() is None


@pytest.mark.parametrize(("callback", "module"), [(TensorBoard, "tensorboardX"), (MLflow, "mlflow")])
def test_without_the_package_the_error_names_the_extra_and_nothing_is_trained(callback, module, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf'pip install "glassnet\[{callback.__name__.lower()}\]"'):
        train(callback(str(tmp_path / "runs")))
    assert not (tmp_path / "runs").exists()
