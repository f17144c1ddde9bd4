"""Reads of the counting rules: what keeps projects from counting, how each rule stands, how rules changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import select

from crm.auth.models import User
from crm.core.errors import Problem
from crm.core.money import digits
from crm.core.paging import Key, Page, fetch_page
from crm.pipeline.counting.book import DEFAULTS, from_json
from crm.pipeline.counting.finding import decide
from crm.pipeline.counting.models import CountingEdition, CountingMark, CountingRuling
from crm.pipeline.counting.rules import Bar
from crm.pipeline.counting.words import SPECS, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.pipeline.counting.book import Book
    from crm.pipeline.counting.rules import Ruling

RULINGS = 200
BARRED = Problem("counting.barred", "按认定规则不计入，不能认定。确应计入的，请招商办先在项目的“计入认定”页核定。")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project stands under one rule that is on: its reasons, and what was ruled by hand."""

    rule: Rule
    bars: tuple[Bar, ...]
    ruling: Ruling | None


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that an edition changed: switched on (None: not switched), its number and words before and after."""

    rule: Rule
    switched: bool | None
    number: tuple[str, str] | None
    words: tuple[tuple[str, ...], tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition with who made it and what it changed against the one made before."""

    row: CountingEdition
    by: str
    changes: tuple[Change, ...]


def bars(session: Session, ids: Collection[int]) -> dict[int, list[Bar]]:
    """Give what now keeps these signed projects from counting, read off their marks in one query."""
    statement = select(CountingMark).where(CountingMark.project_id.in_(ids), CountingMark.lifted_at.is_(None))
    found: dict[int, list[Bar]] = {}
    for mark in session.scalars(statement.order_by(CountingMark.id)):
        if mark.from_at is None:  # what ends only some day does not keep it from counting now
            bar = Bar(mark.rule, mark.params, ruled=mark.ruled, agreement_id=mark.agreement_id)
            found.setdefault(mark.project_id, []).append(bar)
    return found


def barred(session: Session, project_id: int, agreement_id: int | None = None) -> list[Problem]:
    """Say why a contract, or money of the project, cannot be recognised; empty when no rule bars it."""
    found = [bar for bar in bars(session, [project_id]).get(project_id, []) if bar.agreement_id in {None, agreement_id}]
    why = [Problem(f"counting.{bar.rule.value}", bar.text, params=dict(bar.params)) for bar in found]
    return [BARRED, *why] if why else []


def standings(session: Session, project_id: int, today: date) -> tuple[list[Standing], bool]:
    """Say how a project stands under every rule that is on, and whether it is signed."""
    found = decide(session, [project_id], today=today)[project_id]
    lines = [
        Standing(rule, tuple(bar for bar in found.bars if bar.rule is rule), found.rulings.get(rule))
        for rule, setting in found.book.items()
        if setting.on
    ]
    return lines, found.signed


def rulings(session: Session, project_id: int) -> list[tuple[CountingRuling, str]]:
    """Give what was ruled on a project, newest first, with who did."""
    statement = (
        select(CountingRuling, User.name)
        .join(User, User.id == CountingRuling.made_by)
        .where(CountingRuling.project_id == project_id)
        .order_by(CountingRuling.id.desc())
        .limit(RULINGS)
    )
    return [(row, name) for row, name in session.execute(statement)]


def editions(session: Session, cursor: str | None) -> Page[Edition]:
    """Give the editions, the one made last first, each with what it changed."""
    statement = select(CountingEdition, User.name).join(User, User.id == CountingEdition.made_by)
    order = [Key(CountingEdition.id, descending=True)]
    page = fetch_page(session, cast("Select[Any]", statement), order, lambda row: (row[0].id,), cursor=cursor)
    oldest = min((row[0].id for row in page.rows), default=0)
    before = session.scalar(
        select(CountingEdition.rules).where(CountingEdition.id < oldest).order_by(CountingEdition.id.desc()).limit(1)
    )
    book = from_json(before) if before else DEFAULTS
    found: list[Edition] = []
    for row, name in reversed(page.rows):
        now = from_json(row.rules)
        found.append(Edition(row, name, tuple(changes(book, now))))
        book = now
    return Page(tuple(reversed(found)), page.next, page.previous)


def changes(before: Book, after: Book) -> Sequence[Change]:
    """Compare two books rule by rule."""
    found = []
    for rule in SPECS:
        old, new = before[rule], after[rule]
        if old == new:
            continue
        numbers = tuple("" if one.number is None else digits(one.number) for one in (old, new))
        found.append(
            Change(
                rule,
                new.on if old.on != new.on else None,
                (numbers[0], numbers[1]) if numbers[0] != numbers[1] else None,
                (old.words, new.words) if old.words != new.words else None,
            )
        )
    return found
