"""Exchange: models as files that outlive the program, and networks from other libraries and to them."""

from glassnet.exchange.files.model_file import save
from glassnet.exchange.importers.keras import from_keras, to_keras
from glassnet.exchange.importers.onnx_reader import from_onnx
from glassnet.exchange.importers.pytorch import from_torch, to_torch

__all__ = ["from_keras", "from_onnx", "from_torch", "save", "to_keras", "to_torch"]
