"""A network: what it holds (``numbers.py``), what it answers (``answers.py``), and its steps (``network.py``)."""

from glassnet.network.network import BATCH_SIZE, EPOCHS, LBFGS, OPTIMIZER, NeuralNetwork

__all__ = ["BATCH_SIZE", "EPOCHS", "LBFGS", "OPTIMIZER", "NeuralNetwork"]
