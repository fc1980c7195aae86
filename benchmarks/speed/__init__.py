"""Speed beside PyTorch, JAX, Keras and scikit-learn, all measured in one run on one machine.

python -m benchmarks.speed [--data FOLDER] [--only steps predict ...] [--rounds N] [--quick]

Every library runs in processes of its own (``worker``), with its number of threads set from outside. The processes
take turns (``team``): a round measures each once, in an order that rotates, so that a drift of the machine hits all
alike. Results are medians with their spread and, above all, ratios to the others.

Fair means here: the same data, every side shuffles it each epoch, computes the loss and reports it, everything is
compiled and warm before the clock starts, and where a library knows several ways to write the same training
(``Peer.forms``) each is tried on the case at hand and the fastest counts.
"""
