"""What the databases refuse by themselves: one person at two posts full time on the same day.

PostgreSQL has a constraint for it. SQLite has none, there two triggers ask the same question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import DDL, event

if TYPE_CHECKING:
    from sqlalchemy import Table

NAME = "ex_posting_full_time"
EXCLUDE = (
    f"ALTER TABLE posting ADD CONSTRAINT {NAME} EXCLUDE USING gist "
    "(int8range(user_id, user_id, '[]') WITH &&, daterange(valid_from, valid_to, '[]') WITH &&) WHERE (full_time)"
)
TRIGGER = (
    "CREATE TRIGGER {name}_{moment} BEFORE {event} ON posting WHEN NEW.full_time AND EXISTS ("
    "SELECT 1 FROM posting WHERE user_id = NEW.user_id AND full_time AND id IS NOT NEW.id "
    "AND (NEW.valid_to IS NULL OR valid_from <= NEW.valid_to) AND (valid_to IS NULL OR NEW.valid_from <= valid_to)"
    ") BEGIN SELECT RAISE(ABORT, '{name}'); END"
)


def statements(dialect: str) -> list[str]:
    """Return what makes the database refuse an overlap."""
    if dialect == "postgresql":
        return [EXCLUDE]
    return [
        TRIGGER.format(name=NAME, moment=moment, event=what)
        for moment, what in (("insert", "INSERT"), ("update", "UPDATE"))
    ]


def watch(table: Table) -> None:
    """Make the refusal a part of creating the table."""
    for dialect in ("postgresql", "sqlite"):
        for text in statements(dialect):
            made = DDL(text.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
            event.listen(table, "after_create", made.execute_if(dialect=dialect))
