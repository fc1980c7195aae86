"""A model as a dataflow graph: the one form that every export is made from.

>>> from glassnet import NeuralNetwork
>>> graph = model_graph(NeuralNetwork(2, ["tanh:3", 1]))
>>> [node.operation for node in graph.nodes]
['input', 'constant', 'matmul', 'constant', 'add', 'tanh', 'constant', 'matmul', 'constant', 'add']
"""

from glassnet.exchange.graph.columns import GAP, graph_inputs
from glassnet.exchange.graph.evaluate import evaluate
from glassnet.exchange.graph.model import model_graph
from glassnet.exchange.graph.node import OPERATIONS, ROWS, TEXT, Graph, Input, Node, Scope, rows_in

__all__ = [
    "GAP",
    "OPERATIONS",
    "ROWS",
    "TEXT",
    "Graph",
    "Input",
    "Node",
    "Scope",
    "evaluate",
    "graph_inputs",
    "model_graph",
    "rows_in",
]
