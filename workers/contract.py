"""What a job looks like: one function, or a slow half and a writing half.

A handler never commits. Its session is the transaction that also marks the task done, so
effect and "done" cannot come apart; raising rolls both back and the task is tried again.
Effects outside the database (mail, a call to another service) need their own idempotency
key, because a worker may die between the effect and the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from config import Settings
    from crm.core.db import Database

Payload: TypeAlias = "Mapping[str, Any]"
Result: TypeAlias = "dict[str, Any] | None"
DEFAULT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Context:
    """What a job may know of its surroundings; ``now`` is fresh for each half."""

    settings: Settings
    database: Database
    now: datetime
    task_id: int
    attempt: int
    progress: Callable[[int, str], None]


class Run(Protocol):
    """Do everything inside the transaction that also marks the task done."""

    def __call__(self, session: Session, payload: Payload, context: Context) -> Result:
        """Return what is to be kept in ``task.result``."""


class Prepare(Protocol):
    """Do slow work outside any transaction; may run more than once."""

    def __call__(self, payload: Payload, context: Context) -> Any:  # noqa: ANN401 (whatever the other half wants)
        """Return what the other half needs."""


class Apply(Protocol):
    """Write what was prepared, inside the transaction that marks the task done."""

    def __call__(self, session: Session, payload: Payload, data: Any, context: Context) -> Result:  # noqa: ANN401 (as prepared)
        """Return what is to be kept in ``task.result``."""


@dataclass(frozen=True, slots=True)
class Handler:
    """Either ``run``, or ``prepare`` and ``apply``; ``timeout`` in seconds for all of it."""

    run: Run | None = None
    prepare: Prepare | None = None
    apply: Apply | None = None
    timeout: int = DEFAULT_SECONDS

    def __post_init__(self) -> None:
        """Refuse half a handler."""
        halves = (self.prepare is not None, self.apply is not None)
        if halves not in {(True, True), (False, False)} or (self.run is None) != halves[0]:
            message = "give run, or prepare and apply"
            raise ValueError(message)
