"""Training: the trainer, callbacks, history and checkpoints."""

from glassnet.training.callbacks import Callback, Run
from glassnet.training.checkpoint import Checkpoint
from glassnet.training.early_stopping import Rows
from glassnet.training.history import History
from glassnet.training.scorers import Scoring, scorer_for
from glassnet.training.split import Ties, split_rows
from glassnet.training.trainer import Trainer

__all__ = [
    "Callback",
    "Checkpoint",
    "History",
    "Rows",
    "Run",
    "Scoring",
    "Ties",
    "Trainer",
    "scorer_for",
    "split_rows",
]
