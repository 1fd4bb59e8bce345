"""What a build of others that is looked at leaves in the history, and what the history says of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence

from ..config import Settings
from ..eta.estimator import Estimator
from ..eta.feed import Estimating
from ..eta.followed import FollowedWork
from ..history.loading import LoadingFollowed
from ..history.place import history_file
from ..history.recorder import Recorder
from ..protocols import Consumer, Feed


class Remembered:
    """``tell`` gets a line about what is wrong with the history."""

    def __init__(self, settings: Settings, tell: Callable[[str], None]) -> None:
        self._path = history_file(os.environ)
        self._host = socket.gethostname()
        self._tell = tell
        self.consumers: Sequence[Consumer] = ()
        """Those that record what is shown, if that is wanted."""
        if not settings.no_history:
            self.consumers = (Recorder(self._path, tell, own=False, host=self._host),)

    def with_eta(self, feed: Feed) -> Feed:
        """``feed`` with an ETA, where it says none itself and enough is known of its build."""
        past = LoadingFollowed(self._path, self._host, self._tell)
        return Estimating(feed, Estimator(FollowedWork(past.last_origins), past.past))
