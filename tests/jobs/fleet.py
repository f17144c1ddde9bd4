"""The fleet of the service with a few test jobs and short times: ``python -m tests.jobs.fleet default``."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from crm.core import audit, taskstore
from tests.support.stack import EFFECT
from workers import fleet, relay, runner, supervisor
from workers.contract import Context, Handler, Payload, Result
from workers.handlers import HANDLERS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def write(session: Session, payload: Payload, context: Context) -> Result:
    audit.record(session, None, EFFECT, ("test", payload["number"]), now=context.now)
    return {"attempt": context.attempt}


def write_then_fail(session: Session, payload: Payload, context: Context) -> Result:
    write(session, payload, context)
    session.flush()
    message = f"数据有误 {payload['number']}"
    raise ValueError(message)


def hang_once(payload: Payload, context: Context) -> str:
    context.progress(10, "第一次会卡住")
    if context.attempt == 1:
        threading.Event().wait(60)
    return str(payload["number"])


def linger(payload: Payload, context: Context) -> int:
    threading.Event().wait(0.05)
    return int(payload["number"])


def write_prepared(session: Session, payload: Payload, data: object, context: Context) -> Result:
    assert str(data) == str(payload["number"])
    return write(session, payload, context)


def main() -> None:
    HANDLERS.update(
        {
            "test_write": Handler(run=write),
            "test_fail": Handler(run=write_then_fail),
            "test_hang_once": Handler(prepare=hang_once, apply=write_prepared),
            "test_slow": Handler(prepare=linger, apply=write_prepared),
            "test_timeout": Handler(prepare=hang_once, apply=write_prepared, timeout=1),
        }
    )
    runner.LEASE = timedelta(seconds=1.5)
    relay.VISIBILITY = timedelta(seconds=1)
    taskstore.BACKOFF = timedelta(milliseconds=50)
    supervisor.FIRST_PAUSE = supervisor.LONGEST_PAUSE = 0.2
    fleet.main(sys.argv[1:])


if __name__ == "__main__":
    main()
