from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm.core import audit, memo
from tests.support.builders import NOW

if TYPE_CHECKING:
    from datetime import datetime

    import pytest
    from sqlalchemy.orm import Session


class Counter:
    def __init__(self, session: Session, rows: int = memo.WORTH) -> None:
        self.session, self.rows, self.calls = session, rows, 0

    def ask(self, key: str = "a", now: datetime = NOW) -> int:
        def make() -> int:
            self.calls += 1
            return self.calls

        return memo.remembered(self.session, key, make, rows=lambda _value: self.rows, now=now)


def test_a_large_figure_is_counted_once_for_each_key(session: Session) -> None:
    counter = Counter(session)
    assert [counter.ask(), counter.ask(), counter.ask("b"), counter.ask()] == [1, 1, 2, 1]


def test_after_any_write_it_is_counted_anew(session: Session) -> None:
    counter = Counter(session)
    counter.ask()
    audit.record(session, None, "project.move", ("project", 1), now=NOW)
    session.flush()
    assert [counter.ask(), counter.ask()] == [2, 2]


def test_it_is_never_older_than_a_few_seconds(session: Session) -> None:
    counter = Counter(session)
    asked = [counter.ask(now=NOW + span) for span in (timedelta(0), memo.LASTING / 2, memo.LASTING, -memo.LASTING)]
    assert asked == [1, 1, 2, 3]


def test_what_took_long_to_count_is_kept_longer(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "perf_counter", iter((0.0, 2.0, 0.0, 9999.0)).__next__)
    counter = Counter(session)
    late = NOW + timedelta(seconds=119)
    assert [counter.ask(), counter.ask(now=late)] == [1, 1]
    again = NOW + timedelta(seconds=120)
    assert [counter.ask(now=one) for one in (again, again + memo.LONGEST / 2)] == [2, 2]
    monkeypatch.undo()
    assert counter.ask(now=again + memo.LONGEST) == 3


def test_a_small_figure_is_counted_each_time(session: Session) -> None:
    counter = Counter(session, rows=memo.WORTH - 1)
    assert [counter.ask(), counter.ask()] == [1, 2]


def test_only_the_last_keys_are_remembered(session: Session) -> None:
    counter = Counter(session)
    for number in range(memo.MOST + 1):
        counter.ask(str(number))
    assert counter.ask("1") == 2
    assert counter.ask("0") == memo.MOST + 2
