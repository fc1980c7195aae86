"""The command table: what can be typed after ``glassnet``, and the help that is shown for it.

Only words and options are here. Each command does its work in the file of its name in the room around it, imported when
it runs, so that help comes at once. To add a command, write its function here, with a `sort_key` for its place in the
list.
"""

from glassnet.apps.commands import asking, learning, looking, serving
from glassnet.apps.commands.table import app

__all__ = ["app", "asking", "learning", "looking", "serving"]
