"""What pages of assessments share: tabs, sources in words, results in the person's language, what a change would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from crm.assessment.books import feeding, queries
from crm.assessment.books.list_rules import sheets
from crm.assessment.books.reckoning import english, english_label
from crm.assessment.books.rules import FEED_LABELS, TOUR_LABELS, FeedKind
from crm.assessment.engine import needs
from crm.assessment.engine.book import read_book
from crm.assessment.engine.numbers import read, shown
from crm.assessment.engine.run import run as reckon
from crm.assessment.engine.telling import told
from crm.assessment.links import rows_href
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.rules import METRIC_LABELS, Metric
from crm.assessment.sections import ASSESSING
from crm.assessment.window import READ
from crm.auth.tabs import tabs_of
from crm.core.errors import DomainError, Problem
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.assessment.books.feeding import Source
    from crm.assessment.books.models import AssessmentRun
    from crm.assessment.books.rules import Feed
    from crm.auth.rules import Actor

MOST_TRIED = 10_000
TOO_MUCH = Problem("run.trial", "这一组的单位和规则太多，不能在页面上试算；请改好指标值后重新计算。")


def tabs(current: str) -> list[dict[str, object]]:
    """Tabs over the pages of assessments."""
    return tabs_of(ASSESSING, current)


def in_language(text: str) -> str:
    """Give a reckoning in the person's language: its words are translated, names and numbers stay."""
    return text if locale() == "zh" else english(text)


def named(line: Mapping[str, Any]) -> str:
    """Give the label of a line in the person's language."""
    return str(line["label"]) if locale() == "zh" else english_label(line["key"], line["label"])


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value of a unit as the page shows it: from where, as of when, and the rows behind it."""

    name: str
    value: str
    source: str
    href: str
    typed: str
    typed_note: str
    kind: FeedKind
    parts: tuple[tuple[str, str], ...] = ()  # of a rate: what is divided and by what, each with its rows


def source_words(feed: Feed) -> str:
    """Say where an indicator comes from."""
    if feed.kind is FeedKind.MEASURE and feed.key in MEASURES:
        return f"{tr(FEED_LABELS[feed.kind])}{tr('：')}{tr(MEASURES[feed.key].label)}"
    if feed.kind is FeedKind.RATE and feed.key in RATES:
        return f"{tr(FEED_LABELS[feed.kind])}{tr('：')}{tr(RATES[feed.key].label)}"
    if feed.kind is FeedKind.TARGET and feed.key in set(Metric):
        return f"{tr(FEED_LABELS[feed.kind])}{tr('：')}{tr(METRIC_LABELS[Metric(feed.key)])}"
    if feed.kind is FeedKind.TOUR and feed.key in TOUR_LABELS:
        return f"{tr(FEED_LABELS[feed.kind])}{tr('：')}{tr(TOUR_LABELS[feed.key])}"
    return tr(FEED_LABELS[FeedKind.TYPED])


def values_of(session: Session, actor: Actor, run: AssessmentRun, unit_id: int, now: datetime) -> list[ShownValue]:
    """The values of one unit with sources, and rows for who may see them; typed ones stand above counted ones."""
    names = needs.indicators(read_book(queries.exact(run.book.body)))
    when = run.cutoff_at or now
    units = {unit.key: unit for unit in feeding.gather(session, run, names, when)}
    own = units[str(unit_id)].values
    typed = feeding.typed_values(session, run.id).get(unit_id, {})
    found = []
    for name, source in feeding.sources(run, names, when).items():
        row = typed.get(name)
        href, parts = ("", ()) if row is not None else _rows_behind(actor, source, unit_id)
        found.append(
            ShownValue(
                name=name,
                value="" if own.get(name) is None else shown(own[name]),
                source=source_words(source.feed),
                href=href,
                typed=row.text if row else "",
                typed_note=(row.note or "") if row else "",
                kind=FeedKind.TYPED if row else source.feed.kind,
                parts=parts,
            )
        )
    return found


def _rows_behind(actor: Actor, source: Source, unit_id: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Where the rows behind a counted value are listed, for who may see them; of a rate those of both its parts."""
    window, feed = source.window, source.feed
    if window is None:
        return "", ()

    def rows(key: str) -> str:
        sees = actor.reaches(READ[MEASURES[key].kind], unit_id)
        return rows_href(key, window, unit_id) if sees else ""

    if feed.kind is FeedKind.MEASURE:
        return rows(feed.key), ()
    if feed.kind is FeedKind.RATE:
        rate = RATES[feed.key]
        both = ((tr(one.label), rows(one.key)) for one in (rate.done, rate.of))
        return "", tuple((label, href) for label, href in both if href)
    return "", ()


@dataclass(frozen=True, slots=True)
class Behind:
    """What a line of a score was reckoned from: values by their place among those shown, and lists by theirs."""

    values: list[tuple[int, ShownValue]]
    lists: list[tuple[int, str]]


def behind(run: AssessmentRun, values: Sequence[ShownValue]) -> dict[str, Behind]:
    """For each rule what it reads: numbers that lead to their rows, lists that lead to their page."""
    book = read_book(queries.exact(run.book.body))
    at = {value.name: (number, value) for number, value in enumerate(values, start=1)}
    places = {name: number for number, name in enumerate(sheets(book), start=1)}
    found = {}
    for rule in book.rules:
        names, lists = needs.of_rule(book, rule)
        found[rule.key] = Behind(
            [at[name] for name in names if name in at], [(places[name], name) for name in lists if name in places]
        )
    return found


def what_if(
    session: Session, run: AssessmentRun, unit_id: int, changes: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """Reckon the whole group anew with some values of one unit changed; nothing is kept."""
    book = read_book(queries.exact(run.book.body))
    units = feeding.gather(session, run, needs.indicators(book), run.cutoff_at or now)
    key = str(unit_id)
    group = next(unit.group for unit in units if unit.key == key)
    if len(book.rules) * sum(unit.group == group for unit in units) > MOST_TRIED:
        raise DomainError(TOO_MUCH)
    typed = {name: read(text) for name, text in changes.items()}
    within = [
        replace(unit, values={**unit.values, **typed}) if unit.key == key else unit
        for unit in units
        if unit.group == group
    ]
    rows = told(book, reckon(book, within))["units"]
    return next(row for row in rows if row["key"] == key)


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Lines whose points differ: label, points before, points after, reckoning."""
    held = {line["key"]: line for line in (before or {}).get("lines", [])}
    found = []
    for line in after["lines"]:
        old = held.get(line["key"], {}).get("points", 0)
        if old != line["points"]:
            found.append(
                (named(line), shown(Fraction(str(old))), shown(Fraction(str(line["points"]))), line["working"])
            )
    return found
