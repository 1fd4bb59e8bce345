"""The guard process: forks the build, waits, and leaves nothing behind when it has ended.

It forwards signals, ends and reaps every descendant, restores the terminal, and exits with the
build's status. It does nothing else, so that nothing can go wrong in it.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

from ..ttystate import TerminalState
from .sweep import end_descendants

INTERNAL_ERROR = 70
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)
"""Sent on whoever sent them: the build takes them twice as well as once."""
_FROM_KEYBOARD = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
"""Sent on only if a process sent them: those of the terminal reach the build by themselves."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PROC_REAP_ACQUIRE = 1 if sys.platform.startswith("dragonfly") else 2
_PROC_PDEATHSIG_CTL = 11
"""procctl's numbers: FreeBSD's, and for the reaper DragonFly's own."""


_SHOWN, _TITLED = 1, 2
"""The bits of a :class:`ScreenFlag`."""


class ScreenFlag:
    """One byte that the build and its guard share: whether the terminal shows the full-screen app.

    While that is suspended it does not: the terminal is the shell's.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def __bool__(self) -> bool:
        return bool(self._shared[0] & _SHOWN)

    @property
    def titled(self) -> bool:
        """Whether the terminal keeps the title that was there before the app's."""
        return bool(self._shared[0] & _TITLED)

    def set(self, shown: bool) -> None:
        self._set(_SHOWN, shown)

    def set_titled(self, titled: bool) -> None:
        self._set(_TITLED, titled)

    def _set(self, bit: int, on: bool) -> None:
        self._shared[0] = self._shared[0] | bit if on else self._shared[0] & ~bit


def guarded(
    build: Callable[[ScreenFlag, Callable[[], bool]], int], grace: float, titled: bool = False
) -> int:
    """Run ``build(screen, orphaned)`` in a child process and return its exit status, 128 + n after signal n.

    To be called before any thread is started. ``orphaned()`` says in the child that the guard is gone.
    ``grace`` is how many seconds processes that the build left have between SIGTERM and SIGKILL. ``titled``
    says that the terminal has a title for the app to set.
    """
    screen = ScreenFlag()
    terminal = TerminalState()
    taken: set[signal.Signals] = {signal.SIGCHLD, signal.SIGCONT, *_FORWARDED, *_FROM_KEYBOARD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, taken)
    # A handler that never runs, since the signal is blocked: the BSDs drop a signal at its default action
    # "ignore" even where somebody waits for it, and an ignored one would have our children reaped for us.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    sys.stdout.flush()
    sys.stderr.flush()
    guard = os.getpid()
    _become_reaper()
    child = os.fork()
    if child == 0:
        _build_in_child(build, screen, guard, before)
    code = _wait_for(child, taken)
    deadline = time.monotonic() + grace
    left = end_descendants(guard, lambda: deadline, _reap)
    if screen:
        terminal.restore(titled=titled and screen.titled)
    if code < 0:
        with suppress(OSError, ValueError):
            ended = f"; {left} processes that it left were ended" if left else ""
            sys.stderr.write(f"synthtop: the build was ended by {_name_of(-code)}{ended}\n")
            sys.stderr.flush()
    return code if code >= 0 else 128 - code


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _build_in_child(
    build: Callable[[ScreenFlag, Callable[[], bool]], int],
    screen: ScreenFlag,
    guard: int,
    mask: set[int | signal.Signals],
) -> None:
    status = INTERNAL_ERROR
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _ask_for_death_signal()
        _become_reaper()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        status = build(screen, lambda: os.getppid() != guard)
    except SystemExit as error:
        status = _status_of(error)
    except BaseException:  # noqa: BLE001  (the last frame there is: told, and never run on into the caller)
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        # Not sys.exit: whoever called guarded() goes on in the guard alone.
        os._exit(status)


def _status_of(error: SystemExit) -> int:
    """What the interpreter makes of ``error``."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    sys.stderr.write(f"{error.code}\n")
    return 1


def _wait_for(child: int, taken: set[signal.Signals]) -> int:
    """Forward signals until ``child`` has ended; its exit status, or minus the signal that killed it."""
    while True:
        forward = _next_signal(taken)
        if forward is not None:
            with suppress(ProcessLookupError):
                os.kill(child, forward)
                if forward is not signal.SIGTSTP:
                    os.kill(child, signal.SIGCONT)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return -signal.SIGKILL  # somebody else reaped it: nothing is known but its end
            if pid == 0:
                break
            if pid != child:
                continue  # an orphan that came to us
            if not os.WIFSTOPPED(status):
                return os.waitstatus_to_exitcode(status)
            if os.WSTOPSIG(status) != signal.SIGSTOP:  # somebody who stops the build alone means just that
                # The shell must see its job stopped, and only after the build has put the terminal in order.
                stop_ourselves()
                os.kill(child, signal.SIGCONT)


def stop_ourselves() -> None:
    """Stop this process as ctrl+z would, until it is continued; on the main thread.

    Where nobody could continue us (no shell with job control has us as its job) the system lets it be.
    """
    before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    # To this thread: sent to the process, it may reach another one after the handler is back.
    signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})  # here we stop, if it was blocked
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    signal.signal(signal.SIGTSTP, before)


def _next_signal(taken: set[signal.Signals]) -> signal.Signals | None:
    """Wait for a signal; which one is to be sent on to the build, if it is."""
    if not hasattr(signal, "sigwaitinfo"):  # macOS: it is not told who sent it
        number = signal.sigwait(taken)
        return signal.Signals(number) if number in _FORWARDED else None
    info = signal.sigwaitinfo(taken)
    number = signal.Signals(info.si_signo)
    by_process = info.si_pid != 0
    return number if number in _FORWARDED or (number in _FROM_KEYBOARD and by_process) else None


def _reap(seconds: float) -> None:
    """Wait and reap: what :func:`end_descendants` does between two looks."""
    if hasattr(signal, "sigtimedwait"):
        signal.sigtimedwait({signal.SIGCHLD}, seconds)
    else:
        time.sleep(seconds)  # macOS: there is no waiting for a signal with a time limit
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_reaper() -> None:
    """Orphans among our descendants become our children, where the system knows that."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    elif sys.platform.startswith(("freebsd", "dragonfly")):
        libc.procctl(0, ctypes.c_long(os.getpid()), _PROC_REAP_ACQUIRE, None)


def _ask_for_death_signal() -> None:
    """SIGTERM at the guard's death. Where that is unknown, the runner notices within a second."""
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    elif sys.platform.startswith("freebsd"):
        signum = ctypes.c_int(signal.SIGTERM)
        libc.procctl(0, ctypes.c_long(0), _PROC_PDEATHSIG_CTL, ctypes.byref(signum))
