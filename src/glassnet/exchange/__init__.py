"""Exchange: models as files that outlive the program, and networks from other libraries and to them."""

from glassnet.exchange.files.model_file import load, save
from glassnet.exchange.importers.keras import from_keras, to_keras
from glassnet.exchange.importers.onnx_reader import from_onnx
from glassnet.exchange.importers.pytorch import from_torch, to_torch
from glassnet.exchange.importers.scikit_learn import from_sklearn

__all__ = ["from_keras", "from_onnx", "from_sklearn", "from_torch", "load", "save", "to_keras", "to_torch"]
