"""A network: its parameters (``numbers.py``), predictions (``answers.py``) and training steps (``network.py``)."""

from glassnet.network.network import BATCH_SIZE, EPOCHS, LBFGS, OPTIMIZER, NeuralNetwork

__all__ = ["BATCH_SIZE", "EPOCHS", "LBFGS", "OPTIMIZER", "NeuralNetwork"]
