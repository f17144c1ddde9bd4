"""Jobs of imports: check, import, undo; each in small transactions, so that one can watch and stop them.

Effect and place are written together, so a job that is started twice or dies in between goes on where the
rows say. A run that cannot go on says why on its page; the task itself is tried again like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core import clock
from crm.core.errors import DomainError
from crm.core.tasks import MAX_ATTEMPTS
from crm.imports import applying, driving, rules, runs, undo
from workers import jobnotices

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from crm.core.errors import Problem
    from crm.imports.driving import Step
    from workers.contract import Context, Payload, Result

IMPORT_SECONDS = 7200


def check(payload: Payload, context: Context) -> int:
    """Find out what every line would do."""
    run_id, files_dir = int(payload["run_id"]), context.settings.files_dir
    return _explained(
        run_id, context, lambda: driving.check(context.database, run_id, files_dir, clock.now, _progress(context))
    )


def apply(payload: Payload, context: Context) -> int:
    """Write the checked lines."""
    return _drive(int(payload["run_id"]), context, applying.step)


def take_back(payload: Payload, context: Context) -> int:
    """Take back what a run wrote."""
    return _drive(int(payload["run_id"]), context, undo.step)


def record(session: Session, payload: Payload, data: int, context: Context) -> Result:
    """Say how many lines were handled, also to who started it."""
    jobnotices.import_ended(session, int(payload["run_id"]), now=context.now)
    return {"rows": data}


def _drive(run_id: int, context: Context, step: Step) -> int:
    return _explained(
        run_id, context, lambda: driving.drive(context.database, run_id, step, clock.now, _progress(context))
    )


def _progress(context: Context) -> Callable[[int, int], None]:
    return lambda done, total: context.progress(min(100, done * 100 // max(1, total)), f"{done} / {total}")


def _explained(run_id: int, context: Context, work: Callable[[], int]) -> int:
    """A run that cannot go on says why; what is unforeseen is tried again, and told after the last try."""
    try:
        return work()
    except DomainError as error:
        if error.problems[0] is not rules.MISSING:
            _fail(run_id, context, error.problems[0])
        return 0
    except Exception:
        if context.attempt >= MAX_ATTEMPTS:
            _fail(run_id, context, rules.BROKE)
        raise


def _fail(run_id: int, context: Context, problem: Problem) -> None:
    with context.database.transaction() as session:
        run = runs.get_run(session, run_id, lock=True)
        runs.end(run, rules.FAILED, clock.now(), problem.message, problem.params)
