"""For all tests: no clock decides whether one passes, and scikit-learn leaves none of its checks out."""

import os

from hypothesis import settings

os.environ["SCIPY_ARRAY_API"] = "1"  # before SciPy is imported: without it scikit-learn skips a check

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
