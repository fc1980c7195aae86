"""The server's metrics, for Prometheus."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that tells prometheus_client, before it is imported, in which folder several processes add up."""

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one server."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "glassnet_requests", "Requests that were answered.", ["path", "status"], registry=registry
        )
        self.seconds = Histogram(
            "glassnet_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ["path"],
            buckets=SECONDS,
            registry=registry,
        )
        self.open = Gauge(
            "glassnet_open_requests",
            "Requests that are being answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.rows = Counter("glassnet_rows", "Rows that were predicted.", registry=registry)
        self.bad_rows = Counter("glassnet_bad_rows", "Rows that could not be.", registry=registry)
        self.batch = Histogram(
            "glassnet_batch_rows", "Rows that were predicted together.", buckets=ROWS, registry=registry
        )
        self.loads = Counter("glassnet_loads", "Model files that were loaded.", registry=registry)
        self.failed_loads = Counter("glassnet_failed_loads", "Model files that could not be.", registry=registry)
        self.loaded = Gauge(
            "glassnet_loaded_seconds",
            "When the model was loaded, since 1970.",
            registry=registry,
            multiprocess_mode="max",
        )

    def text(self) -> bytes:
        """All of it, of all processes of the server, in Prometheus's own format."""
        registry = self.registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
