"""What the directing program runs for test_training.py: trains by rounds on a cluster, and is killed on the way."""

from __future__ import annotations

import os
import signal
import sys
from unittest.mock import patch

import dask.dataframe as dd
from distributed import Client

from glassnet import Checkpoint
from tests.distributed.conftest import customers
from tests.distributed.test_training import ROUNDS, classifier


class Kill:
    """A callback: ends the process in the middle of the training, with nothing cleaned up."""

    def __init__(self, rounds):
        self.left = rounds

    def on_batch_end(self, run):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    address, folder, rounds = sys.argv[1:]
    table = dd.from_pandas(customers(), npartitions=7)
    with Client(address) as client, patch("glassnet.training.checkpoint.SHARE", 0):
        classifier(callbacks=[Kill(int(rounds))]).fit(
            *(table, "churn"), client=client, shards=ROUNDS, checkpoint=Checkpoint(folder, every=0)
        )
