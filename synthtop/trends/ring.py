"""The newest samples in bounded memory, and the columns that are made of them."""

from __future__ import annotations

from collections import deque

from .sample import Sample, together


class Ring:
    """The ``size`` newest samples by their index in time: those of a second, or of a minute. What was left
    out is unknown."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.newest = 0
        self._samples: list[Sample | None] = [None] * size

    def come_to(self, index: int) -> None:
        """Make ``index``, not before the newest, the newest one: nothing is known of it, nor of those that
        were left out."""
        if index - self.newest >= self.size:
            self._samples = [None] * self.size
        else:
            for passed in range(self.newest + 1, index + 1):
                self._samples[passed % self.size] = None
        self.newest = index

    def begin_at(self, index: int) -> None:
        """Forget all, with ``index`` as the newest one."""
        self._samples = [None] * self.size
        self.newest = index

    def add(self, sample: Sample) -> None:
        """This is known of the newest one too."""
        place = self.newest % self.size
        there = self._samples[place]
        self._samples[place] = sample if there is None or there == sample else together((there, sample))

    def put(self, sample: Sample) -> None:
        """This is all that is known of the newest one."""
        self._samples[self.newest % self.size] = sample

    def between(self, first: int, stop: int) -> list[Sample]:
        """What is known from ``first`` on and before ``stop``."""
        first, stop = max(first, self.newest - self.size + 1), min(stop, self.newest + 1)
        found = (self._samples[index % self.size] for index in range(first, stop))
        return [sample for sample in found if sample is not None]

    def copy(self) -> Ring:
        """The same, on its own."""
        ring = Ring(self.size)
        ring.newest, ring._samples = self.newest, self._samples.copy()
        return ring


class Columns:
    """The end of a ring in columns of equal length, from one time to the next: only the last one changes,
    until it is full and they all move on."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._newest = 0
        self._fresh_from = 0
        self._columns: deque[Sample] = deque()

    def of(self, ring: Ring, samples: int, columns: int, build: int) -> list[Sample]:
        """The last ``samples`` of ``ring`` in ``columns``, the oldest first; ``build`` is which one it is of.

        Where there are more columns than samples, some have the same.
        """
        newest = ((ring.newest + 1) * columns - 1) // samples
        made_for = ring.size, samples, columns, build
        if made_for != self._made_for:
            self._made_for = made_for
            self._columns = deque(maxlen=columns)
            self._newest = self._fresh_from = newest - columns
        while self._columns and self._newest >= self._fresh_from:
            self._columns.pop()
            self._newest -= 1
        for column in range(max(self._newest, newest - columns) + 1, newest + 1):
            first = column * samples // columns
            stop = max(first + 1, (column + 1) * samples // columns)
            self._columns.append(together(ring.between(first, stop)))
        self._newest = newest
        self._fresh_from = min(newest, -(-ring.newest * columns // samples))
        return list(self._columns)
