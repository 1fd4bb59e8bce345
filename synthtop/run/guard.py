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
import termios
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

from .sweep import end_descendants

INTERNAL_ERROR = 70
_FORWARDED = (signal.SIGTERM, signal.SIGHUP)
"""Sent on whoever sent them: the build takes them twice as well as once."""
_FROM_KEYBOARD = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
"""Sent on only if a process sent them: those of the terminal reach the build by themselves."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PROC_REAP_ACQUIRE, _PROC_PDEATHSIG_CTL = 2, 11
_RESTORE_SCREEN = (
    "\x1b[<u"  # Kitty keyboard off
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l"  # mouse off
    "\x1b[?1004l\x1b[?2004l\x1b[?2026l"  # focus reports, bracketed paste, synchronised output off
    "\x1b[?1049l\x1b[?25h\x1b[0m\r\n"  # normal screen, cursor, colours
)


class ScreenFlag:
    """One byte that the build and its guard share: whether the terminal shows the full-screen app."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 1)

    def __bool__(self) -> bool:
        return self._shared[0] != 0

    def set(self, shown: bool) -> None:
        self._shared[0] = shown


def guarded(build: Callable[[ScreenFlag, Callable[[], bool]], int], grace: float) -> int:
    """Run ``build(screen, orphaned)`` in a child process and return its exit status, 128 + n after signal n.

    To be called before any thread is started. ``orphaned()`` says in the child that the guard is gone.
    ``grace`` is how many seconds processes that the build left have between SIGTERM and SIGKILL.
    """
    screen = ScreenFlag()
    terminal = _Terminal()
    taken: set[signal.Signals] = {signal.SIGCHLD, signal.SIGCONT, *_FORWARDED, *_FROM_KEYBOARD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, taken)
    # Where whoever started us ignored it, the system would reap our children and keep their statuses.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdout.flush()
    sys.stderr.flush()
    guard = os.getpid()
    _become_reaper()
    child = os.fork()
    if child == 0:
        _build_in_child(build, screen, guard, before)
    code = _wait_for(child, taken)
    deadline = time.monotonic() + grace
    end_descendants(guard, lambda: deadline, _reap)
    if screen:
        terminal.restore()
    return code if code >= 0 else 128 - code


def _build_in_child(
    build: Callable[[ScreenFlag, Callable[[], bool]], int],
    screen: ScreenFlag,
    guard: int,
    mask: set[int | signal.Signals],
) -> None:
    status = INTERNAL_ERROR
    try:
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
            # The shell must see its job stopped, and only after the build has put the terminal in order.
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(child, signal.SIGCONT)


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


class _Terminal:
    """The terminal's settings at the start, to be put back if the build could not do it itself."""

    def __init__(self) -> None:
        self._path: str | None = None
        try:
            with open("/dev/tty", "rb", buffering=0) as tty:
                self._settings = termios.tcgetattr(tty)
                self._path = "/dev/tty"
        except (OSError, termios.error):
            return  # no terminal: nothing to restore

    def restore(self) -> None:
        if self._path is None:
            return
        # From the background, writing would stop us; a terminal that takes nothing must not hold us up.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with suppress(OSError, termios.error):
            descriptor = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                os.write(descriptor, _RESTORE_SCREEN.encode("ascii"))
                termios.tcsetattr(descriptor, termios.TCSANOW, self._settings)
            finally:
                os.close(descriptor)
