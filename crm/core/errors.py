"""What services raise when they refuse; views, jobs and commands translate it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal.

    ``key`` is stable (tests, API); ``message`` is a Chinese gettext msgid that says
    what to do, with ``params`` filled in after translation; ``field`` names the form
    field it belongs to, if any.
    """

    key: str
    message: str
    field: str | None = None
    params: dict[str, object] = dataclasses.field(default_factory=dict)


class DomainError(Exception):
    """A request the rules refuse; nothing was written."""

    status = 422

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems, at least one, in the order they should be shown."""
        super().__init__("; ".join(problem.key for problem in problems))
        self.problems = problems


class NotFoundError(DomainError):
    """The record does not exist, or is not this person's to see."""

    status = 404


class ForbiddenError(DomainError):
    """The person may see the page but lacks the right for this action."""

    status = 403


class ConflictError(DomainError):
    """Somebody else changed the record in between."""

    status = 409
