"""For all tests: no clock decides whether one passes, and scikit-learn leaves none of its checks out."""

import os
from pathlib import Path

from hypothesis import settings

os.environ["SCIPY_ARRAY_API"] = "1"  # before SciPy is imported: without it scikit-learn skips a check

# Kernels compiled by the tests are no business of the user's own cache; all workers and later runs share them.
os.environ.setdefault("GLASSNET_CACHE", str(Path(__file__).parent.parent / ".pytest_cache" / "kernels"))

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
