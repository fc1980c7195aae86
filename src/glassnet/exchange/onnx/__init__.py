"""A model as an ONNX file, which takes the columns of a table and needs no glassnet to run."""

from glassnet.exchange.onnx.write_onnx import OPSET, to_onnx

__all__ = ["OPSET", "to_onnx"]
