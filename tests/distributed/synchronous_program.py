"""What each process of MPI runs for test_synchronous.py: trains, and says the digest of what came out."""

from __future__ import annotations

import hashlib

from mpi4py import MPI

from glassnet.distributed.synchronous import SynchronousEngine
from tests.distributed.test_synchronous import trained

if __name__ == "__main__":
    network = trained(SynchronousEngine(MPI.COMM_WORLD, parts=4))
    print(hashlib.sha256(network.parameters.tobytes()).hexdigest(), flush=True)
