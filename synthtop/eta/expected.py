"""How long each package is expected to take: by what it took before, and by how this build goes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from math import exp, hypot, log, sqrt
from operator import mul
from typing import NamedTuple

from .newcomers import Durations, Newcomers
from .pace import Pace
from .past import Past
from .work import Running

HERE, ELSEWHERE, NEW = range(3)
"""What an expectation rests upon: builds of that package here, those on other hosts, other packages."""

_SIGMA = 0.3
"""Of the logarithm of what a package takes, from run to run, as far as nothing else is known."""
_USUAL = 20
"""So many pairs of builds say as much of it as that."""
_ENOUGH = 5_000
"""Packages from which it is found."""
_FEW = 10
"""Packages of a category below which it says nothing of one that was built before."""
_SLOWER, _OTHER_HOST = 0.2, 0.5
"""Sigma of the factor by which all takes longer in this build than in others, and than on other hosts."""
_SHORTEST, _LONGEST = 0.5, 3e8
"""Seconds: durations are whole ones, and 0 has no logarithm; and nothing takes more than ten years."""
_FASTEST = log(100)
"""The logarithm of the most by which a build or a host is faster or slower than another one."""


class Kind(NamedTuple):
    """Seconds that a package takes on average, the standard deviation of the logarithm, and which of
    :data:`HERE`, :data:`ELSEWHERE`, :data:`NEW` that rests upon."""

    seconds: float
    sigma: float
    basis: int


class Expected:
    """What packages are expected to take, by what ``past`` says and by what has ended in this build.

    One takes the median of its last builds on this host, else on others, times the factor by which those that
    have ended took longer in this build; else what its category takes. What
    is handed over may be wrong: no one duration decides.
    """

    def __init__(self, past: Past) -> None:
        self._past = past
        self._sigma = _sigma(past)
        self._bases: dict[str, tuple[float, int]] = {}  # by origin: what is multiplied with which factor
        self._groups: dict[str, int] = {}  # by category of what is new: which factor
        self._factors = [1.0, 1.0, 1.0]
        self._sigmas = [self._sigma, 2 * self._sigma, 1.0]
        self._unsure = [_SLOWER, _OTHER_HOST, 1.0]
        self._paces = (Pace(), Pace())
        before: dict[str, Durations] = {}
        medians = {origin: _median(seconds) for origin, seconds in past.here.items() if seconds}
        for origin, seconds in medians.items():
            before.setdefault(_category(origin), Durations()).add(seconds)
        for origin, seconds in medians.items():
            off = _luck(before[_category(origin)], seconds, self._sigma, len(past.here[origin]))
            self._bases[origin] = seconds * exp(-off), HERE
        for category, seconds in _other_categories(past, frozenset(before)):
            before.setdefault(category, Durations()).add(seconds)
        self._newcomers = Newcomers(before)
        self._farther = _between_hosts(past, medians)
        self._running: Sequence[Running] = ()
        self._ended = 0
        self._settled = False
        self._origins: Sequence[str] = ()
        self._bases_of: list[float] = []
        self._groups_of: list[int] = []
        self._basis_of = b""

    # -- what happens in this build --------------------------------------------------------------

    def ended(self, origin: str, seconds: float) -> None:
        """``origin`` was built, and took ``seconds``."""
        seconds = _duration(seconds)
        base, group = self._base(origin)
        if group < NEW:
            # The long ones say more of the seconds that are left, but a few must not outvote all others. With
            # all alike, or each by its seconds, the error at half way is half a percent larger.
            self._paces[group].add(log(seconds / base), sqrt(base))
        else:
            self._newcomers.ended(_category(origin), seconds)
        self._ended += 1
        self._settled = False

    def heed(self, running: Iterable[Running]) -> None:
        """These run now; nothing else does."""
        self._running = tuple(running)
        self._settled = False

    # -- what is expected ------------------------------------------------------------------------

    def kind(self, origin: str) -> Kind:
        """What is expected of ``origin``."""
        base, group = self._base(origin)
        self._settle()
        basis = min(group, NEW)
        return Kind(base * self._factors[group], self._sigmas[basis], basis)

    def by_place(self, origins: Sequence[str]) -> tuple[list[float], bytes]:
        """The seconds of each of ``origins``, and what they rest upon."""
        if origins is not self._origins or len(origins) != len(self._groups_of):
            # Those of a build of ours stay the same, and to look up 30,000 names again takes 15 ms.
            self._origins = origins
            found = [self._base(origin) for origin in origins]
            self._bases_of = [base for base, _ in found]
            self._groups_of = [group for _, group in found]
            self._basis_of = bytes([min(group, NEW) for _, group in found])
        self._settle()
        factors = map(self._factors.__getitem__, self._groups_of)
        return list(map(mul, self._bases_of, factors)), self._basis_of

    def known(self, origin: str) -> bool:
        """Whether ``origin`` was built before."""
        return bool(self._past.here.get(origin) or self._past.elsewhere.get(origin))

    @property
    def unnamed(self) -> float:
        """Seconds that one takes on average of which nothing is known."""
        self._settle()
        return self._newcomers.mean

    @property
    def sigmas(self) -> Sequence[float]:
        """The standard deviation of the logarithm of what one takes, by what it rests upon."""
        self._settle()
        return self._sigmas

    @property
    def unsure(self) -> Sequence[float]:
        """By how much all that rests upon the same may be wrong together: sigma of the logarithm."""
        self._settle()
        return self._unsure

    @property
    def grounds(self) -> int:
        """How many durations all this rests upon."""
        return self._newcomers.before + self._ended

    # -- how it is found -------------------------------------------------------------------------

    def _base(self, origin: str) -> tuple[float, int]:
        base = self._bases.get(origin)
        if base is not None:
            return base
        if before := self._past.elsewhere.get(origin):
            base = _median(before), ELSEWHERE
        else:
            category = _category(origin)
            group = self._groups.get(category)
            if group is None:
                group = self._groups[category] = len(self._factors)
                self._factors.append(1.0)
                self._settled = False
            base = 1.0, group
        self._bases[origin] = base
        return base

    def _settle(self) -> None:
        """Find the factors anew where something has happened since."""
        if self._settled:
            return
        running: list[list[tuple[float, float]]] = [[], []]
        new: list[tuple[str, float]] = []
        for origin, elapsed in self._running:
            base, group = self._base(origin)
            if group >= NEW:
                new.append((_category(origin), elapsed))
            elif elapsed > 0:
                running[group].append((log(elapsed / base), sqrt(base)))
        here = self._found(HERE, 0.0, _SLOWER, self._sigma, running[HERE])
        self._found(ELSEWHERE, here + self._farther, _OTHER_HOST, 2 * self._sigma, running[ELSEWHERE])
        newcomers = self._newcomers
        newcomers.settle(log(self._factors[HERE]), new)
        for category, group in self._groups.items():
            self._factors[group] = _duration(newcomers.of(category))
        self._sigmas[NEW] = newcomers.sigma
        # What is known of them from before is as slow in this build as all else is.
        self._unsure[NEW] = hypot(newcomers.unsure, self._unsure[HERE] if newcomers.before else 0.0)
        self._settled = True

    def _found(
        self,
        basis: int,
        usual: float,
        usual_sigma: float,
        sigma: float,
        running: Sequence[tuple[float, float]],
    ) -> float:
        pace = self._paces[basis]
        sigma = pace.sigma(sigma)
        shift, unsure = pace.found(usual, usual_sigma, sigma, running)
        shift = _factor(shift)
        # A median was multiplied with, and a sum is wanted: the mean of what varies by factors is over it.
        self._factors[basis] = exp(shift + sigma * sigma / 2)
        self._sigmas[basis], self._unsure[basis] = sigma, unsure
        return shift


def weights(past: Past, origins: Sequence[str]) -> list[float]:
    """Expected seconds of each of ``origins``, before anything has run; 1 each where nothing is known."""
    expected = Expected(past)
    return expected.by_place(origins)[0] if expected.grounds else [1.0] * len(origins)


def _category(origin: str) -> str:
    return origin.rpartition("/")[0]


def _duration(seconds: float) -> float:
    return min(max(_SHORTEST, seconds), _LONGEST)


def _factor(logarithm: float) -> float:
    return min(max(-_FASTEST, logarithm), _FASTEST)


def _median(seconds: Sequence[float]) -> float:
    """Of a few figures; the statistics module takes 10 ms to import."""
    ordered = sorted(seconds)
    middle = len(ordered) // 2
    return _duration(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _sigma(past: Past) -> float:
    """The standard deviation of the logarithm of what one package takes from run to run."""
    squares, pairs = _USUAL * _SIGMA * _SIGMA, _USUAL
    for seconds in islice(past.here.values(), _ENOUGH):
        if len(seconds) > 1:
            logs = [log(_duration(one)) for one in seconds]
            mean = sum(logs) / len(logs)
            squares += sum([min((one - mean) ** 2, 1.0) for one in logs])
            pairs += len(logs) - 1
    return sqrt(squares / pairs)


def _luck(alike: Durations, median: float, sigma: float, builds: int) -> float:
    """The logarithm of the factor by which ``median`` of so many builds is too long, most likely.

    The shortest of a category were not only short but lucky too, the longest unlucky. Without this, 6 % are
    missing at the end of a build that begins with the longest, and 2 % with it.
    """
    if alike.count < _FEW:
        return 0.0
    mean = alike.logs / alike.count
    variance = max(0.0, alike.squares / alike.count - mean * mean)
    # A median of three or more says less than a mean does: its variance is half as large again.
    error = sigma * sigma * (1.0 if builds < 3 else 1.4) / builds
    off = error / max(variance, error) * (log(median) - mean)
    # The more unlike the others one is, the less the others say of it.
    return max(-sqrt(error) / 2, min(off, sqrt(error) / 2))


def _other_categories(past: Past, own: Collection[str]) -> Iterable[tuple[str, float]]:
    """Durations of packages that are not of this build, in categories of which it has no known one: of all
    categories together where there is no other way."""
    named = past.categories.keys() - {""}
    for category, sample in past.categories.items():
        if category not in own and (category or not (named or own)):
            yield from [(category, _duration(seconds)) for seconds in sample]


def _between_hosts(past: Past, medians: Mapping[str, float]) -> float:
    """The logarithm of the factor by which packages take longer on this host than on others."""
    ratios = sorted(
        log(seconds / _median(past.elsewhere[origin]))
        for origin, seconds in medians.items()
        if past.elsewhere.get(origin)
    )
    return _factor(ratios[len(ratios) // 2]) if ratios else 0.0
