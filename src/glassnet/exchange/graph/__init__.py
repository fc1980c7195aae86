"""A model as a dataflow graph: the one form that every export is made from.

>>> from glassnet import NeuralNetwork
>>> graph = model_graph(NeuralNetwork(2, ["tanh:3", 1]))
>>> [node.operation for node in graph.nodes]
['input', 'constant', 'matmul', 'constant', 'add', 'tanh', 'constant', 'matmul', 'constant', 'add']
"""

from glassnet.exchange.graph.dataflow import OPERATIONS, ROWS, TEXT, Graph, Input, Node, Scope, evaluate, rows_in
from glassnet.exchange.graph.encoder_graph import GAP, graph_inputs
from glassnet.exchange.graph.model_graph import model_graph, named_answers

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
    "named_answers",
    "rows_in",
]
