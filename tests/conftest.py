"""What holds for all tests."""

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

# A busy machine makes single examples slow: that is no failure.
settings.register_profile("synthtop", deadline=None)
settings.load_profile("synthtop")

# No test writes into the history of whoever runs it.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="synthtop-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)
