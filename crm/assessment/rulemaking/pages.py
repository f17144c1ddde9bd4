"""What the pages of a draft share: a form read and checked, choices of indicators, what a rule does in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flask import request

from crm.assessment.books import queries as books
from crm.assessment.books.list_rules import FIXED, sheets
from crm.assessment.books.rules import FEED_LABELS, TOUR_LABELS, Feed, FeedKind, read_feeds
from crm.assessment.engine import needs
from crm.assessment.engine.book import read_book
from crm.assessment.measures import MEASURES
from crm.assessment.rates import RATES
from crm.assessment.rulemaking import drafting, services, trying
from crm.assessment.rulemaking.drafting import PLACES, RULES, Naming, Spot
from crm.assessment.rulemaking.flat import NAME, SOURCE, Reading
from crm.assessment.rulemaking.sayings import said
from crm.assessment.rules import METRIC_LABELS
from crm.core.errors import DomainError, Problem
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm.assessment.books.models import RuleBook
    from crm.assessment.engine.book import Book
    from crm.assessment.rulemaking.flat import Fields, Path
    from crm.assessment.rulemaking.sayings import Say
    from crm.assessment.rulemaking.trying import Trial

MOST_FIELDS, LONGEST_NAME, LONGEST = 4000, 200, 4000
OURS = {"csrf_token", "act", "version", "was"}
Options = list[tuple[str, list[tuple[str, str]]]]
SOURCES: dict[FeedKind, Mapping[str, str]] = {
    FeedKind.MEASURE: {key: one.label for key, one in MEASURES.items()},
    FeedKind.RATE: {key: one.label for key, one in RATES.items()},
    FeedKind.TARGET: {str(key): label for key, label in METRIC_LABELS.items()},
    FeedKind.TOUR: TOUR_LABELS,
}


@dataclass(slots=True)
class Checked:
    """A form of a rule as it was read: the rule, what is wrong by field, and what it gives on sample values."""

    rule: dict[str, Any]
    faults: dict[str, list[str]] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    labels: Mapping[str, Path] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    trial: Trial | None = None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and not self.general


def typed() -> Fields:
    """What was typed into the form, without what every form has."""
    pairs = [(name, text) for name, text in request.form.items() if name not in OURS and len(name) < LONGEST_NAME]
    return {name: text[:LONGEST].replace("\r\n", "\n") for name, text in pairs[:MOST_FIELDS]}


def version() -> int:
    """The version of the draft the person saw."""
    found = request.form.get("version", "")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else 0  # noqa: PLR2004 (fits an integer)


def words(parts: Sequence[Say]) -> str:
    """Put what a rule does into the person's language, in one sentence."""
    told = tr("；").join(map(_told, parts))
    return f"{told}{tr('。')}" if told else ""


def _told(one: Say) -> str:
    message, params = one
    return tr(message, **{key: _told(value) if isinstance(value, tuple) else value for key, value in params.items()})


def called(name: str, labels: Mapping[str, Path]) -> str:
    """Call a field as the page does, with the row it stands in: 各项完成率 第2行 占多少."""
    steps = (tr("%(label)s第%(n)s行", label=tr(label), n=at) if at else tr(label) for label, at in labels.get(name, ()))
    return " ".join(steps) or tr("算法")


def sentence(rule: Mapping[str, Any], place: str = RULES) -> str:
    """Say what a rule, a veto or a promotion of a book does."""
    return words(said(rule, PLACES[place]))


def book_of(row: RuleBook) -> Book:
    """Give the rules of a version as the engine reads them."""
    return read_book(books.exact(row.body))


def naming_of(row: RuleBook, book: Book) -> Naming:
    """Name indicators of a draft that are taken from sources of the office."""
    taken = {*_names(book), *_columns(book), *drafting.keys(row.body)}
    return Naming(read_feeds(row.feeds), taken, lambda kind, key: SOURCES.get(kind, {}).get(key, key))


def _names(book: Book) -> list[str]:
    made = [*(one.key for one in book.derived), *book.parameters]
    return [*needs.indicators(book), *made]


def _columns(book: Book) -> list[str]:
    met = [one.key for sheet in sheets(book).values() for one in sheet.columns if one.key not in FIXED]
    return list(dict.fromkeys(met))


def options(book: Book) -> Options:
    """Indicators that can be chosen: those of the book, then what the office counts."""
    found: Options = [(tr("这个办法里的指标"), [(NAME + name, name) for name in _names(book)])]
    for kind, labels in SOURCES.items():
        choices = [(f"{SOURCE}{kind}:{key}", tr(label)) for key, label in labels.items()]
        found.append((tr(FEED_LABELS[kind]), choices))
    return [(label, choices) for label, choices in found if choices]


def columns(book: Book, fields: Fields) -> Options:
    """What can be chosen within a list: its columns, also those just chosen, then indicators of the unit."""
    names = _names(book)
    picked = [text[len(NAME) :] for name, text in fields.items() if name.startswith("rules-") and text.startswith(NAME)]
    met = dict.fromkeys([*_columns(book), *picked])
    found: Options = [
        (tr("列表里的列"), [(NAME + name, name) for name in met if name not in names]),
        (tr("本单位的指标"), [(NAME + name, name) for name in names]),
    ]
    return [(label, choices) for label, choices in found if choices]


def check(row: RuleBook, spot: Spot, fields: Fields) -> Checked:
    """Read the form of a rule, check the whole book with it, and try the rule on sample values."""
    naming = naming_of(row, book_of(row))
    rule, reading = drafting.rule_of(fields, row.body, spot, naming)
    body, at = drafting.put(row.body, spot, rule)
    found, book = _checked(rule, reading, body, f"{spot.place}[{at}]")
    found.feeds = naming.added
    if book is not None and found.good:
        found.trial = trying.tried(trying.alone(book, PLACES[spot.place], at), fields)
    return found


def check_settings(row: RuleBook, fields: Fields) -> tuple[Checked, dict[str, Any]]:
    """Read what was typed beside the rules and check the whole book with it."""
    naming = naming_of(row, book_of(row))
    body, reading = drafting.settled(row.body, fields, naming)
    found, _book = _checked(body, reading, body, "")
    found.feeds = naming.added
    return found, body


def _checked(
    rule: dict[str, Any], reading: Reading, body: Mapping[str, Any], within: str
) -> tuple[Checked, Book | None]:
    found, book = Checked(rule, labels=reading.labels), None
    problems: list[Problem] = list(reading.faults)
    told = {one.field for one in problems}
    try:
        book = services.checked(body, within)
    except DomainError as error:
        problems += [one for one in placed(error.problems, reading) if not _is_told(one.field, told)]
    sort(found, problems)
    return found, book


def _is_told(field: str | None, told: set[str | None]) -> bool:
    """Whether something is told already of a field, or of a row of the list it is."""
    return field is not None and any(one == field or (one or "").startswith(f"{field}-") for one in told)


def placed(problems: Iterable[Problem], reading: Reading) -> list[Problem]:
    """Lead problems from places of the file to fields of the form; a place within a field leads to the field."""
    return [replace(one, field=_field(one.field, reading.places)) for one in problems]


def _field(place: str | None, places: Mapping[str, str]) -> str | None:
    while place:
        if place in places:
            return places[place]
        place = place.rpartition(".")[0]
    return None


def sort(found: Checked, problems: Iterable[Problem]) -> None:
    """Put each problem beside its field, or at the top."""
    for one in problems:
        if one.field:
            told = found.faults.setdefault(one.field, [])
            told += [text for text in [say(one)] if text not in told]
        else:
            found.general.append(say(one))
