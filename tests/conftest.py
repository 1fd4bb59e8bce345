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


def pytest_xdist_auto_num_workers(config: object) -> int:
    """Half as many again as there are cores: programs in terminals are waited for most of the time."""
    return (os.cpu_count() or 1) * 3 // 2
