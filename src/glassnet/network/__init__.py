"""A network: its parameters and predictions (``inference.py``) and training steps (``network.py``)."""

from glassnet.network.network import BATCH_SIZE, EPOCHS, LBFGS, OPTIMIZER, NeuralNetwork

__all__ = ["BATCH_SIZE", "EPOCHS", "LBFGS", "OPTIMIZER", "NeuralNetwork"]
