"""A cluster that is reached by TLS, with certificates made here: the same answers, and strangers are refused."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

from glassnet import NeuralClassifier
from glassnet.distributed import clients
from glassnet.distributed.clients import connected
from glassnet.errors import ClusterError, InputError

dask = pytest.importorskip("dask")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make certificates")


def configured(folder):
    """Dask's configuration of a program whose certificate and authority are in a folder."""
    names = {"ca-file": "authority.pem"}
    names |= {f"{role}.{part}": f"own.{part}" for role in ("scheduler", "worker", "client") for part in ("cert", "key")}
    return {f"distributed.comm.tls.{name}": str(folder / file) for name, file in names.items()}


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """The configurations of two programs, each with a certificate of an authority that the other does not know."""

    def certify():
        folder = tmp_path_factory.mktemp("certificates")

        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        openssl("req", "-x509", *key, "-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=authority")
        openssl("req", *key, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=own")
        signed = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2"]
        openssl("x509", "-req", "-in", "own.csr", *signed, "-out", "own.cert")
        return configured(folder)

    return certify(), certify()


@pytest.mark.slow
def test_a_cluster_is_reached_by_tls_and_by_nobody_without_a_certificate(certified, monkeypatch):
    from distributed import LocalCluster

    own, stranger = certified
    X = np.random.default_rng(0).normal(size=(200, 2))
    y = X[:, 0] > 0
    options = {"preset": "bagged", "members": 2, "hidden_layers": (4,), "epochs": 2, "random_state": 0}
    with (
        dask.config.set(own),
        LocalCluster(
            n_workers=1, threads_per_worker=1, protocol="tls://", host="127.0.0.1", dashboard_address=None
        ) as there,
    ):
        address = there.scheduler_address
        assert address.startswith("tls://")
        with connected(address) as client:
            model = NeuralClassifier(**options).fit(X, y, client=client)
        monkeypatch.setattr(clients, "CONNECT", 2)  # a stranger is refused, however long it tries
        with (
            dask.config.set(stranger),
            pytest.raises(ClusterError, match="must answer at its address"),
            connected(address),
        ):
            pass
        nothing = dict.fromkeys(own)
        with dask.config.set(nothing), pytest.raises(InputError, match="needs certificates"), connected(address):
            pass
        missing = own | {"distributed.comm.tls.ca-file": "/no/such/authority.pem"}
        with dask.config.set(missing), pytest.raises(ClusterError, match="No such file"), connected(address):
            pass
    here = NeuralClassifier(**options).fit(X, y)
    assert (model.predict_proba(X) == here.predict_proba(X)).all()
