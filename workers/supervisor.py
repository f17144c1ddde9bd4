"""A small supervisor: starts programs, starts them again, and takes all of them down.

Every child asks the kernel to be killed with its parent, so even ``kill -9`` of the
supervisor leaves nothing behind. Standard library only: it has to stay small.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workers import lifeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 10.0
STOP_SECONDS = 7.0
LAST_SECONDS = 2.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopRequestedError(Exception):
    """A signal asked the supervisor to end while it was still starting."""


class StartError(RuntimeError):
    """A program that everything depends on did not start."""


class Child(Protocol):
    """A running process, however it was made."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""

    def wait(self) -> int | None:
        """Wait for the end."""

    def send_signal(self, sig: int) -> None:
        """Send a signal."""


@dataclass(slots=True)
class Program:
    """One child and how to make it; ``last`` is stopped after all others."""

    name: str
    launch: Callable[[], Child]
    last: bool = False
    process: Child | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        """Make the child."""
        self.process = self.launch()
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Tell whether the child runs; reaps it if it ended."""
        return self.process is not None and self.process.poll() is None

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the child, if it still runs; what it started is tied to it."""
        if self.process is not None and self.alive():
            self.process.send_signal(number)


class Supervisor:
    """Owns the children and the signals of this process."""

    def __init__(self) -> None:
        """Route SIGCHLD and the stop signals into a pipe that ``_sleep`` waits on."""
        self.programs: list[Program] = []
        self.stopping = False
        self._wake, sender = os.pipe()
        for end in (self._wake, sender):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in SIGNALS:
            signal.signal(number, self._stop)

    def start(self, program: Program) -> Program:
        """Start a program and keep it running from now on."""
        self.programs.append(program)
        program.start()
        return program

    def once(self, argv: list[str], env: Mapping[str, str], *, pipe: bool = False) -> str:
        """Run a command to its end and return its output (if ``pipe``), or raise :class:`StartError`."""
        child = subprocess.Popen(  # noqa: S603 (commands of this project)
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipe else None,
            preexec_fn=lifeline.tied(),  # noqa: PLW1509 (the supervisor has one thread)
            text=True,
        )
        try:
            self.wait_for(lambda: child.poll() is not None)
        except StopRequestedError:
            child.kill()
            raise
        if child.returncode:
            message = f"{' '.join(argv[1:])} (exit {child.returncode})"
            raise StartError(message)
        return child.stdout.read() if child.stdout else ""

    def wait_for(self, condition: Callable[[], object], *, needs: Program | None = None) -> None:
        """Wait until ``condition`` is true; give up when a signal came or ``needs`` ended."""
        while not condition():
            if self.stopping:
                raise StopRequestedError
            if needs is not None and not needs.alive():
                raise StartError(needs.name)
            self._sleep(0.03)

    def run(self) -> None:
        """Keep everything running until a stop signal."""
        while not self.stopping:
            self._sleep(min((self._revive(program) for program in self.programs), default=1.0))

    def shut_down(self, seconds: float = STOP_SECONDS) -> None:
        """Stop all children, within ten seconds: the queue last, so that workers can sign off."""
        self._end([program for program in self.programs if not program.last], seconds)
        self._end([program for program in self.programs if program.last], LAST_SECONDS)

    def _end(self, programs: list[Program], seconds: float) -> None:
        for program in programs:
            program.tell(signal.SIGTERM)
        end = time.monotonic() + seconds
        while any(program.alive() for program in programs) and time.monotonic() < end:
            self._sleep(0.05)
        for program in programs:
            program.tell(signal.SIGKILL)
            if program.process is not None:
                program.process.wait()

    def _revive(self, program: Program) -> float:
        """Start an ended program again once its pause is over; return seconds until the next look."""
        now = time.monotonic()
        if program.alive():
            return LONGEST_PAUSE
        if program.process is not None:
            code = program.process.returncode
            program.process = None
            program.pause = FIRST_PAUSE if now - program.started > STEADY_SECONDS else program.pause
            program.start_at = now + program.pause
            program.pause = min(program.pause * 2, LONGEST_PAUSE)
            say(f"{program.name} 已退出（{code}），{program.start_at - now:.1f} 秒后重启 / ended, starting again")
        if now >= program.start_at:
            program.start()
            return LONGEST_PAUSE
        return program.start_at - now

    def _stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _sleep(self, seconds: float) -> None:
        """Wait until a signal arrives or the time is over."""
        ready, _, _ = select.select([self._wake], [], [], seconds)
        if ready:
            os.read(self._wake, 4096)


def spawner(argv: list[str], env: Mapping[str, str], pass_fds: tuple[int, ...] = ()) -> Callable[[], Child]:
    """Return what starts a command, in its own process group, so that Ctrl+C reaches only the supervisor."""

    def launch() -> Child:
        return subprocess.Popen(  # noqa: S603 (programs of this project)
            argv,
            env=env,
            stdin=subprocess.DEVNULL,
            pass_fds=pass_fds,
            process_group=0,
            preexec_fn=lifeline.tied(),  # noqa: PLW1509 (a supervisor has one thread)
        )

    return launch


def say(message: str) -> None:
    """Write one line for the person at the terminal."""
    sys.stderr.write(f"[yinfeng] {message}\n")
    sys.stderr.flush()
