"""Signals that end the program: Ctrl-C, a closed terminal, `kill`.

While a command works, a signal raises `zoomdream.interruption.Interrupted` in it, so that everything is closed on the
way out. Before and after, there is nothing to close, and the program ends at once. No signal shows a traceback, and
however many come, the exit code is the first one's.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from zoomdream.interruption import Interrupted, pending, request

WORDS: Mapping[str, str] = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up", "SIGQUIT": "quit"}
"""The signals that end a command, those that this system has, and what a line on stderr calls the end."""

PATIENCE = 5.0
"""Seconds in which further signals are ignored, while files are closed and processes ended after the first.

One that comes later ends the program at once, as it must where a dead network disk holds a file up.
"""
_MOMENT = 0.01  # seconds until a signal is handled that could not be when it came


@dataclass
class _State:
    is_installed: bool = False
    """Whether the handlers are."""
    is_working: bool = False
    """Whether a command works, which a signal interrupts."""
    first: int | None = None
    """The signal that ends it."""
    raised: float | None = None
    """When that was raised, on `time.monotonic`'s clock."""
    postponed: int = 0
    """The signal that is handled a moment later."""
    exit_code: int | None = None
    """The command's, once it has ended."""
    say: Callable[[str], None] | None = None
    """Writes a line for a person."""


_state = _State()


def word(number: int) -> str:
    """What the end by a signal is called: `interrupted`, `terminated`."""
    return WORDS[signal.Signals(number).name]


def exit_code_of(number: int) -> int:
    """128 and the signal's number, as shells count."""
    return 128 + number


def handle_signals() -> None:
    """Install the handlers, in the main thread. A signal that is ignored, as SIGHUP under nohup, stays so."""
    for number in _numbers():
        if signal.getsignal(number) not in (signal.SIG_IGN, _handle):
            signal.signal(number, _handle)
    sys.unraisablehook = _unraisable
    if not _state.is_installed:
        atexit.register(_ignore)  # before all others, and so it runs after them
    _state.is_installed = True


def _numbers() -> list[int]:
    return [getattr(signal, name) for name in WORDS if hasattr(signal, name)]


def _ignore() -> None:
    """While Python takes itself apart, which is short: it puts the system's handlers back, which kill."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def working(say: Callable[[str], None]) -> Iterator[None]:
    """A block in which a signal raises Interrupted. `say` writes a line where the signal has to wait."""
    _state.first, _state.raised, _state.exit_code, _state.say = None, None, None, say
    _state.is_working = True
    try:
        yield
        _state.exit_code = 0
    finally:
        _state.is_working = False


def ends_with(code: int) -> None:
    """Note the exit code of a command that has ended: a signal that comes while Python exits does not change it."""
    _state.exit_code = code


def _handle(number: int, frame: Any) -> None:
    is_first = _state.first is None
    if _state.raised is not None or (not is_first and pending() is None):
        return _on_the_way_out()
    _state.first = _state.first or number  # at once: another signal may come at any line
    if _is_in_hook(frame):
        _state.first = None if is_first else _state.first
        return _postpone(number)
    if not _state.is_working:
        _leave(number)
    try:
        return request(number, on_deferred=_on_deferred)
    except Interrupted:
        _state.raised = time.monotonic()
        _shield()
        raise


def _on_the_way_out() -> None:
    """A signal after the one that ends the command."""
    if _state.raised is None:  # it was raised where a frame ended
        _state.raised = time.monotonic()
    if time.monotonic() - _state.raised > PATIENCE:
        _leave(_state.first or signal.SIGINT)
    _shield()


def _shield() -> None:
    """Ignore further signals as long as `PATIENCE` lasts, where the system has a timer.

    Handlers that only return would be enough for a few; but many at once would call one another until Python's stack
    is full.
    """
    if hasattr(signal, "setitimer"):
        _ignore()
        signal.signal(signal.SIGALRM, _unshield)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)


def _unshield(number: int, frame: Any) -> None:
    for heeded in _numbers():
        signal.signal(heeded, _handle)


def _leave(number: int) -> NoReturn:
    """End here: while modules are imported, and while Python exits, an exception would show a traceback."""
    if _state.exit_code is None:
        with suppress(OSError):
            os.write(2, f"{word(number)}\n".encode())
    os._exit(exit_code_of(number) if _state.exit_code is None else _state.exit_code)


def _on_deferred(number: int) -> None:
    if _state.say is None:
        return
    again = "Ctrl-C again" if number == signal.SIGINT else "a second signal"
    _state.say(f"finishing this frame; {again} stops at once")


def _unraisable(unraisable: Any) -> None:
    """What Python calls for an exception in a destructor, where nobody can catch it.

    An interrupt that came there is lost, and Python would show a traceback. Instead it is raised once more, soon.
    """
    error = unraisable.exc_value
    if isinstance(error, OSError) and "race condition" in str(error):  # a signal that came while it became ignored
        return
    if not isinstance(error, Interrupted):
        sys.__unraisablehook__(unraisable)
        return
    _state.raised = _state.first = None
    _postpone(error.number)


def _postpone(number: int) -> None:
    """Handle a signal a moment later, by the system's timer: a thread would need locks that may be held here."""
    _state.postponed = number
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _handle_postponed)
        signal.setitimer(signal.ITIMER_REAL, _MOMENT)


def _handle_postponed(number: int, frame: Any) -> None:
    _handle(_state.postponed, frame)


def _is_in_hook(frame: Any) -> bool:
    """Whether `_unraisable` runs, from which no exception gets out."""
    while frame is not None and frame.f_code is not _unraisable.__code__:
        frame = frame.f_back
    return frame is not None
