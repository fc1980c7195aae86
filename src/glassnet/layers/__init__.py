"""The layers of a network, with their forward and backward equations."""

from glassnet.layers.base import Layer, Parameter, Pass
from glassnet.layers.category_embedding import Embedding
from glassnet.layers.chain import Residual
from glassnet.layers.dense import Activate, Blend, Dense, Dropout
from glassnet.layers.layout import Layout, Slot
from glassnet.layers.members import Copies, MemberDense
from glassnet.layers.ngram_linear import NgramLinear
from glassnet.layers.normalization import BatchNorm, LayerNorm, RMSNorm, Scale
from glassnet.layers.numeric_embedding import PeriodicEmbedding, PiecewiseLinearEmbedding
from glassnet.layers.spelling import layer_from_dict, layer_to_dict, parse_layers
from glassnet.layers.text_rows import SparseMatrix, TextRows, TextStore

__all__ = [
    "Activate",
    "BatchNorm",
    "Blend",
    "Copies",
    "Dense",
    "Dropout",
    "Embedding",
    "Layer",
    "LayerNorm",
    "Layout",
    "MemberDense",
    "NgramLinear",
    "Parameter",
    "Pass",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "RMSNorm",
    "Residual",
    "Scale",
    "Slot",
    "SparseMatrix",
    "TextRows",
    "TextStore",
    "layer_from_dict",
    "layer_to_dict",
    "parse_layers",
]
